// SPDX-License-Identifier: Apache-2.0
// The backend as the runner uses it: shapes of every sort verified, sampling that makes sense. How fast a
// kernel is, is no test.

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "gpu_fixture.h"
#include "masked_tensors.h"
#include "moescope/analysis/statistics.h"
#include "moescope/error.h"
#include "moescope/workload/case.h"
#include "nvml.h"
#include "replay_plan.h"

namespace moescope {
namespace {

constexpr std::int64_t kPlenty = std::int64_t{1} << 40;

class CudaBackendTest : public test::GpuTest {
  protected:
    void SetUp() override {
        GpuTest::SetUp();
        if (!IsSkipped()) m_backend = open_cuda_backend(0);
    }

    Backend& backend() { return *m_backend; }

    static Case case_of(const Shape& shape, std::int64_t tokens) {
        Case c;
        c.shape = shape;
        c.total_tokens = tokens;
        return c;
    }

    /// Reserves for this case alone and makes it current.
    void begin(const Shape& shape, const std::vector<std::int32_t>& counts) {
        std::int64_t tokens = 0;
        std::int32_t largest = 0;
        for (const std::int32_t count : counts) {
            tokens += count;
            largest = std::max(largest, count);
        }
        const Rotation rotation = plan_rotation(shape, largest, tokens * shape.bytes_per_token(),
                                                backend().device().cache_bytes, std::int64_t{8} << 30);
        backend().reserve(buffer_sizes(shape, rotation));
        backend().begin_case(case_of(shape, tokens), counts, rotation);
    }

    void expect_verified(const Shape& shape, const std::vector<std::int32_t>& counts) {
        begin(shape, counts);
        const Verification result = backend().verify("silu_v2", {});
        EXPECT_TRUE(result.done);
        EXPECT_TRUE(result.passed) << case_label(case_of(shape, 0)) << ": " << result.note;
        EXPECT_EQ(result.touched_past_counts, 0);
        EXPECT_EQ(result.mismatched_codes, 0);
    }

  private:
    std::unique_ptr<Backend> m_backend;
};

TEST_F(CudaBackendTest, RandomShapes) {
    std::mt19937_64 random(21);
    const std::int64_t group_sizes[] = {32, 64, 128, 256};
    const ScaleFormat formats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    for (int i = 0; i < 96; ++i) {
        const std::int64_t group_size = group_sizes[i % 4];
        const std::int64_t most_groups = i % 5 == 0 ? 16384 / group_size : 40;
        const Shape shape{.experts = static_cast<std::int64_t>(1 + random() % (i % 3 == 0 ? 3 : 200)),
                          .max_tokens = static_cast<std::int64_t>(1 + random() % 64),
                          .hidden = group_size * static_cast<std::int64_t>(
                                                     1 + random() % static_cast<std::uint64_t>(most_groups)),
                          .group_size = group_size,
                          .scale_format = formats[i / 4 % 3]};
        expect_verified(shape, test::random_counts(shape, random));
    }
}

TEST_F(CudaBackendTest, ShapesThatSplitRowsOverWarps) {
    for (const ScaleFormat format : {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed})
        for (const std::int64_t group_size : {32, 64, 128, 256})
            for (const std::int64_t hidden : {4096, 6144, 7168, 14336}) {
                const Shape shape{.experts = 6,
                                  .max_tokens = 900,
                                  .hidden = hidden,
                                  .group_size = group_size,
                                  .scale_format = format};
                expect_verified(shape, {900, 0, 1, 877, 450, 900});
            }
}

TEST_F(CudaBackendTest, OneExpertManyExpertsNoTokens) {
    expect_verified({.experts = 1, .max_tokens = 1, .hidden = 128, .group_size = 128}, {1});
    expect_verified({.experts = 1, .max_tokens = 5, .hidden = 7168, .group_size = 128}, {0});
    std::mt19937_64 random(4);
    for (const std::int64_t experts : {4096, 20000, 65536}) {
        const Shape shape{.experts = experts, .max_tokens = 3, .hidden = 256, .group_size = 64};
        std::vector<std::int32_t> counts(static_cast<std::size_t>(experts));
        for (auto& count : counts) count = static_cast<std::int32_t>(random() % 4);
        expect_verified(shape, counts);
    }
}

/// Both launch configurations at their smallest; also what the memory and race checkers run.
TEST_F(CudaBackendTest, SmallShapes) {
    for (const std::int64_t group_size : {32, 64, 128, 256})
        for (const std::int64_t hidden : {256, 4096}) {
            expect_verified({.experts = 3, .max_tokens = 4, .hidden = hidden, .group_size = group_size},
                            {4, 0, 3});
            for (const char* stream : {"stream41", "stream41_scales"})
                EXPECT_EQ(backend().sample(stream, CacheMode::cold, 1, {}).size(), 1U);
        }
}

TEST_F(CudaBackendTest, LongExperts) {
    expect_verified({.experts = 2, .max_tokens = 65536, .hidden = 128, .group_size = 32}, {65536, 40000});
}

TEST_F(CudaBackendTest, OffsetsPast32Bits) {
    const Shape shape{.experts = 40, .max_tokens = 8192, .hidden = 8192, .group_size = 128};
    ASSERT_GT(shape.rows() * shape.hidden * 2, std::int64_t{1} << 32);
    if (backend().device().free_bytes < shape.input_bytes() + shape.code_bytes() + (std::int64_t{2} << 30))
        GTEST_SKIP() << "needs 16 GB of free device memory";
    std::vector<std::int32_t> counts(40, 0);
    counts[0] = 17;
    counts[20] = 5000;
    counts[39] = 8192;
    expect_verified(shape, counts);
}

TEST_F(CudaBackendTest, SamplesAreTimes) {
    const Shape shape{.experts = 8, .max_tokens = 1024, .hidden = 7168, .group_size = 128};
    begin(shape, std::vector<std::int32_t>(8, 16));
    for (const char* kernel : {"silu_v2", "stream41"})
        for (const CacheMode mode : {CacheMode::cold, CacheMode::hot, CacheMode::cold}) {
            const std::vector<double> samples = backend().sample(kernel, mode, 21, {});
            ASSERT_EQ(samples.size(), 21U);
            for (const double us : samples) {
                EXPECT_TRUE(std::isfinite(us));
                EXPECT_GT(us, 0.0);
                EXPECT_LT(us, 1e6);
            }
            EXPECT_GE(backend().launches_per_sample(), cuda::kMinLaunches);
            EXPECT_LE(backend().launches_per_sample(), cuda::kMaxLaunches);
        }
    // Timing wrote all over the buffers; the result is still right.
    EXPECT_TRUE(backend().verify("silu_v2", {}).passed);
}

TEST_F(CudaBackendTest, HostLaunchesAreTimedOneByOne) {
    const Shape shape{.experts = 8, .max_tokens = 1024, .hidden = 7168, .group_size = 128};
    backend().reserve({});
    const Ceilings graph = backend().measure_ceilings({});
    backend().set_launch_mode(LaunchMode::host);
    const Ceilings host = backend().measure_ceilings({});
    EXPECT_GT(host.launch_floor_us, graph.launch_floor_us);
    EXPECT_NEAR(host.measured_gbps, graph.measured_gbps, 0.1 * graph.measured_gbps);
    begin(shape, std::vector<std::int32_t>(8, 16));
    for (const char* kernel : {"silu_v2", "stream41"})
        for (const CacheMode mode : {CacheMode::cold, CacheMode::hot, CacheMode::cold}) {
            const std::vector<double> samples = backend().sample(kernel, mode, 50, {});
            ASSERT_EQ(samples.size(), 50U);
            EXPECT_EQ(backend().launches_per_sample(), 1);
            EXPECT_GT(*std::min_element(samples.begin(), samples.end()), graph.launch_floor_us);
        }
    backend().set_launch_mode(LaunchMode::graph);
    EXPECT_TRUE(backend().verify("silu_v2", {}).passed);
}

TEST_F(CudaBackendTest, TelemetryOfThisGpu) {
    const cuda::Nvml& nvml = cuda::Nvml::instance();
    if (nvml.device(device().uuid) == nullptr) GTEST_SKIP() << "no NVML for this device here";
    backend().reserve({});
    backend().measure_ceilings({});
    const auto reference = backend().take_telemetry();
    ASSERT_TRUE(reference);
    EXPECT_GT(reference->sm_clock_mhz.value_or(0.0), 100.0);
    EXPECT_GT(reference->memory_clock_mhz.value_or(0.0), 100.0);
    EXPECT_GT(reference->power_w.value_or(0.0), 1.0);
    EXPECT_GT(reference->temperature_c.value_or(0.0), 0.0);
    EXPECT_LT(reference->temperature_c.value_or(0.0), 150.0);
    EXPECT_FALSE(backend().take_telemetry()) << "given twice";

    begin({.experts = 8, .max_tokens = 1024, .hidden = 7168, .group_size = 128},
          std::vector<std::int32_t>(8, 128));
    double longest_us = 0.0;
    int readings = 0;
    for (int block = 0; block < 20; ++block) {
        backend().sample("silu_v2", CacheMode::cold, 10, {});
        const auto reading = backend().take_telemetry();
        if (!reading) continue;
        ++readings;
        longest_us = std::max(longest_us, reading->cost_us);
        EXPECT_TRUE(reading->sm_clock_mhz && reading->memory_clock_mhz);
    }
    EXPECT_GE(readings, 2);
    RecordProperty("longest_reading_us", std::to_string(longest_us));
    EXPECT_LT(longest_us, 100e3);
}

/// What the host asks the driver while the device works must be in no sample.
TEST_F(CudaBackendTest, ReadingsAreInNoSample) {
    begin({.experts = 8, .max_tokens = 1024, .hidden = 7168, .group_size = 128},
          std::vector<std::int32_t>(8, 256));
    std::vector<double> with;
    std::vector<double> without;
    for (int block = 0; block < 120; ++block) {  // of 3 ms, so that some have a reading and most have none
        const std::vector<double> us = backend().sample("stream41", CacheMode::cold, 5, {});
        std::vector<double>& group = backend().take_telemetry() ? with : without;
        group.insert(group.end(), us.begin(), us.end());
    }
    if (with.empty() || without.empty()) GTEST_SKIP() << "no telemetry here";
    RecordProperty("median_us_with_reading", std::to_string(median(with)));
    RecordProperty("median_us_without", std::to_string(median(without)));
    EXPECT_NEAR(median(with), median(without), 0.01 * median(without));
}

TEST_F(CudaBackendTest, SamplesWithoutTokens) {
    begin({.experts = 4, .max_tokens = 8, .hidden = 256, .group_size = 128}, {0, 0, 0, 0});
    EXPECT_EQ(backend().sample("silu_v2", CacheMode::cold, 3, {}).size(), 3U);
    EXPECT_EQ(backend().sample("stream41", CacheMode::cold, 3, {}).size(), 3U);
}

TEST_F(CudaBackendTest, StopsWhenAsked) {
    begin({.experts = 4, .max_tokens = 8, .hidden = 256, .group_size = 128}, {8, 8, 8, 8});
    std::stop_source stop;
    stop.request_stop();
    EXPECT_TRUE(backend().sample("silu_v2", CacheMode::cold, 100, stop.get_token()).empty());
}

TEST_F(CudaBackendTest, CeilingsAreKnown) {
    backend().reserve({});
    const Ceilings ceilings = backend().measure_ceilings({});
    EXPECT_GT(ceilings.measured_gbps, 1.0);
    EXPECT_GT(ceilings.launch_floor_us, 0.0);
    EXPECT_LT(ceilings.launch_floor_us, 1000.0);
}

TEST_F(CudaBackendTest, CeilingsOfWhatIsNoOperationAreNotVerified) {
    begin({.experts = 2, .max_tokens = 8, .hidden = 256, .group_size = 128}, {8, 3});
    EXPECT_FALSE(backend().verify("stream41", {}).done);
}

TEST_F(CudaBackendTest, ErrorsAreOneLineAndNotTheEnd) {
    EXPECT_THROW(backend().verify("silu_v2", {}), Error);  // no case yet
    EXPECT_THROW(backend().reserve({.input_bytes = kPlenty, .code_bytes = kPlenty, .scale_bytes = 4}), Error);
    try {
        backend().reserve({.input_bytes = kPlenty, .code_bytes = 4, .scale_bytes = 4});
        FAIL() << "a terabyte was reserved";
    } catch (const Error& e) {
        const std::string what = e.what();
        EXPECT_NE(what.find("do not fit"), std::string::npos) << what;
        EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    }
    expect_verified({.experts = 2, .max_tokens = 8, .hidden = 256, .group_size = 128}, {8, 3});
    EXPECT_THROW(backend().sample("no_such_kernel", CacheMode::cold, 1, {}), Error);
}

}  // namespace
}  // namespace moescope
