// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cpu_backend.h"

#include "../core/support.h"
#include "moescope/analysis/metrics.h"
#include "system_info.h"

namespace moescope {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::SizeIs;

Plan plan_on_cpu(Selection selection, const std::vector<std::string>& kernels) {
    selection.kernels = kernels;
    return make_plan(selection, cpu_device(), cpu_kernels());
}

TEST(CpuBackend, DescribesTheMachine) {
    const Device device = cpu_device();
    EXPECT_EQ(device.id, "cpu");
    EXPECT_EQ(device.kind, "cpu");
    EXPECT_FALSE(device.name.empty());
    EXPECT_GE(device.sm_count, 1);
    EXPECT_GT(device.memory_bytes, std::int64_t{1} << 28);
    EXPECT_GT(device.free_bytes, 0);
    EXPECT_LE(device.free_bytes, device.memory_bytes);
    EXPECT_FALSE(device.isa.empty());
}

TEST(CpuBackend, EveryKernelPassesEveryFormat) {
    Selection s = test::small_selection({0, 1, 17, 64});
    s.group_size = {32, 64, 128, 256};
    s.scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    std::vector<std::string> ids;
    for (const KernelTraits& kernel : cpu_kernels()) ids.push_back(kernel.id);
    const Plan plan = plan_on_cpu(s, ids);
    test::Record record;
    SweepOptions options;
    options.verify_only = true;
    const auto backend = open_cpu_backend();
    run_sweep(plan, *backend, options, record, {});
    EXPECT_EQ(record.results.size(), static_cast<std::size_t>(plan.cells()));
    for (const Result& r : record.results) {
        EXPECT_EQ(r.status, Status::ok) << r.kernel << ": " << r.error;
        EXPECT_EQ(r.verification.done, r.kernel != "stream41");
        if (r.verification.done) {
            EXPECT_EQ(r.verification.values, r.c.total_tokens * r.c.shape.hidden);
        }
    }
}

TEST(CpuBackend, SamplesInBothCacheModes) {
    const Plan plan = plan_on_cpu(test::small_selection({16}), {"cpu", "stream41"});
    const auto backend = open_cpu_backend();
    backend->reserve(plan.buffers);
    const Ceilings ceilings = backend->measure_ceilings({});
    EXPECT_GT(ceilings.measured_gbps, 0.0);
    EXPECT_GT(ceilings.launch_floor_us, 0.0);
    const PlannedCase& planned = plan.cases.front();
    backend->begin_case(planned.c, planned.counts, planned.rotation);
    for (const char* kernel : {"cpu", "stream41"}) {
        for (const CacheMode mode : {CacheMode::cold, CacheMode::hot}) {
            EXPECT_THAT(backend->sample(kernel, mode, 4, {}), ::testing::AllOf(SizeIs(4), Each(Gt(0.0))));
            EXPECT_GE(backend->launches_per_sample(), 1);
        }
    }
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_LE(backend->sample("cpu", CacheMode::cold, 1000, stopped.get_token()).size(), 1U);
    test::expect_error([&] { backend->sample("nope", CacheMode::cold, 1, {}); }, {"nope"});
}

TEST(CpuBackend, TimesSingleLaunchesFromTheHost) {
    Selection s = test::small_selection({16});
    s.launch = LaunchMode::host;
    s.cache = CacheSelection::both;
    s.measure.max_samples = s.measure.min_samples;  // as many on a busy machine
    s.measure.max_seconds = 60.0;
    const Plan plan = plan_on_cpu(s, {"cpu", "stream41"});
    test::Record record;
    const auto backend = open_cpu_backend();
    run_sweep(plan, *backend, {}, record, {});
    ASSERT_EQ(record.results.size(), static_cast<std::size_t>(plan.cells()));
    for (const Result& r : record.results) {
        EXPECT_EQ(r.status, Status::ok) << r.error;
        EXPECT_EQ(r.launch, LaunchMode::host);
        EXPECT_EQ(r.launches_per_sample, 1);
        EXPECT_GE(r.samples_us.size(), 20U);
    }
    EXPECT_GT(*record.peaks.launch_floor_us, 0.0);
    EXPECT_GT(*record.peaks.launch_floor_end_us, 0.0);
}

TEST(CpuBackend, TelemetryIsReadOrThereIsNone) {
    const bool tells = read_cpu_telemetry("", allowed_processors()).has_value();
    const Plan plan = plan_on_cpu(test::small_selection({16}), {"cpu"});
    test::Record record;
    const auto backend = open_cpu_backend();
    run_sweep(plan, *backend, {}, record, {});
    for (const Result& r : record.results)
        EXPECT_EQ(telemetry_from_json(r.telemetry).readings > 0, tells) << r.telemetry;
}

TEST(CpuBackend, InputIsRandomNormalAndOutputsStayInBounds) {
    // Under a sanitizer this walks every slot of a rotation that needs several sets.
    Selection s = test::small_selection({64});
    s.hidden = {1024};
    const Plan plan = plan_on_cpu(s, {"cpu"});
    ASSERT_GT(plan.cases.front().rotation.slot_count(), 1);
    test::Record record;
    const auto backend = open_cpu_backend();
    run_sweep(plan, *backend, {}, record, {});
    for (const Result& r : record.results) EXPECT_EQ(r.status, Status::ok) << r.error;
}

TEST(CpuBackend, WhatDoesNotFitIsOneClearError) {
    const auto backend = open_cpu_backend();
    test::expect_error(
        [&] {
            backend->reserve(
                {.input_bytes = std::int64_t{1} << 50, .code_bytes = 1 << 20, .scale_bytes = 1 << 20});
        },
        // Refused before it is tried or, where /proc does not tell what is free, by the system.
        {"1125899.91 GB", "choose fewer experts"});
    // And it can go on afterwards.
    const Plan plan = plan_on_cpu(test::small_selection({1}), {"cpu"});
    backend->reserve(plan.buffers);
    backend->begin_case(plan.cases[0].c, plan.cases[0].counts, plan.cases[0].rotation);
    EXPECT_TRUE(backend->verify("cpu", {}).passed);
}

TEST(CpuBackend, CacheCanBeStatedAndABadSizeIsRefused) {
    const char* before = std::getenv("MOESCOPE_CPU_CACHE");
    const std::string restored = before == nullptr ? "" : before;
    ::setenv("MOESCOPE_CPU_CACHE", "24M", 1);
    EXPECT_EQ(cpu_device().cache_bytes, 24 << 20);
    ::setenv("MOESCOPE_CPU_CACHE", "65536", 1);
    EXPECT_EQ(cpu_device().cache_bytes, 65536);
    for (const char* bad :
         {"big", "-1M", "32MB", "0", "3.5M", "12", "99999999999G", "17179869185G", "2048G", "M"}) {
        ::setenv("MOESCOPE_CPU_CACHE", bad, 1);
        test::expect_error([] { cpu_device(); }, {"MOESCOPE_CPU_CACHE", bad, "32M"});
    }
    ::setenv("MOESCOPE_CPU_CACHE", restored.c_str(), 1);
}

TEST(CpuBackend, IsaCanBeForcedAndABadNameIsRefused) {
    ::setenv("MOESCOPE_CPU_ISA", "scalar", 1);
    EXPECT_EQ(cpu_device().isa, "scalar");
    ::setenv("MOESCOPE_CPU_ISA", "mmx", 1);
    test::expect_error([] { open_cpu_backend(); }, {"MOESCOPE_CPU_ISA", "mmx", "scalar"});
    ::unsetenv("MOESCOPE_CPU_ISA");
}

}  // namespace
}  // namespace moescope
