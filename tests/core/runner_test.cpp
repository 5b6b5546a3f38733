// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/runner.h"

#include "support.h"

namespace moescope {
namespace {

using test::plan_on_fake;
using test::Record;
using test::small_selection;

SweepEnd sweep(const Selection& selection, const FakeDeviceScript& script, Record& record,
               const SweepOptions& options = {}, std::stop_token stop = {}) {
    const auto backend = make_fake_backend(script);
    return run_sweep(plan_on_fake(selection, script), *backend, options, record, std::move(stop));
}

TEST(Runner, EveryCellOnceVerifiedAndTimed) {
    Record record;
    EXPECT_EQ(sweep(small_selection(), {}, record), SweepEnd::completed);
    EXPECT_EQ(record.results.size(), 12U);
    std::set<std::string> keys;
    for (const Result& r : record.results) {
        EXPECT_EQ(r.status, Status::ok);
        EXPECT_TRUE(r.verification.passed);
        EXPECT_EQ(r.stop_reason, "ci");
        EXPECT_GE(r.samples_us.size(), 20U);
        EXPECT_NEAR(*r.efficiency, r.kernel == "silu_v2" ? 0.8 : 0.95, 0.01);
        EXPECT_TRUE(keys.insert(cell_key(r)).second);
    }
    EXPECT_EQ(record.progress.back().done, 12);
    EXPECT_EQ(record.progress.back().total, 12);
    EXPECT_EQ(record.progress.back().eta_seconds, 0.0);
    EXPECT_DOUBLE_EQ(*record.peaks.measured_gbps, 3000.0);
}

TEST(Runner, BothCacheModesAreCells) {
    Selection s = small_selection({8});
    s.cache = CacheSelection::both;
    Record record;
    sweep(s, {}, record);
    EXPECT_EQ(record.results.size(), 8U);
    EXPECT_EQ(std::count_if(record.results.begin(), record.results.end(),
                            [](const Result& r) { return r.cache == CacheMode::hot; }),
              4);
}

TEST(Runner, OnlyTheCellsAskedForAreMeasured) {
    Record all;
    sweep(small_selection({8}), {}, all);
    ASSERT_EQ(all.results.size(), 4U);
    const std::string wanted = cell_key(all.results[2]);
    Record record;
    EXPECT_EQ(sweep(small_selection({8}), {}, record, {.only = {{wanted}}}), SweepEnd::completed);
    ASSERT_EQ(record.results.size(), 1U);
    EXPECT_EQ(cell_key(record.results[0]), wanted);
    EXPECT_EQ(record.progress.back().total, 1);

    Record none;
    sweep(small_selection({8}), {}, none, {.only = std::unordered_set<std::string>{}});
    EXPECT_TRUE(none.results.empty()) << "an empty list asks for nothing";
    Record rejected;
    sweep(small_selection({8}), {}, rejected, {.done = {wanted}, .only = {{wanted}}});
    EXPECT_TRUE(rejected.results.empty()) << "what is done stays done";
}

TEST(Runner, FinishedCellsAreThoseThatAreOkOrCannotBeMeasured) {
    Record record;
    sweep(small_selection({8}), {.fail_verification = {"silu_v3"}}, record);
    Session session;
    session.results = record.results;
    session.results[0].status = Status::skipped;
    session.results[1].status = Status::cancelled;
    std::size_t expected = 0;
    const std::unordered_set<std::string> finished = finished_cells(session);
    for (const Result& r : session.results) {
        const bool is_finished = r.status == Status::ok || r.status == Status::skipped;
        EXPECT_EQ(finished.contains(cell_key(r)), is_finished);
        expected += is_finished ? 1 : 0;
    }
    EXPECT_EQ(finished.size(), expected);
    EXPECT_LT(expected, 4U);
}

TEST(Runner, FailedVerificationIsAResultAndNotTimed) {
    Record record;
    sweep(small_selection({8}), {.fail_verification = {"silu_v3"}}, record);
    ASSERT_EQ(record.results.size(), 4U);
    for (const Result& r : record.results) {
        const bool broken = r.kernel == "silu_v3";
        EXPECT_EQ(r.status, broken ? Status::failed : Status::ok);
        EXPECT_EQ(r.samples_us.empty(), broken);
        EXPECT_THAT(r.error, ::testing::StartsWith(broken ? "verification failed: expert 0" : ""));
    }
}

TEST(Runner, AThrowingKernelDoesNotEndTheSweep) {
    Record record;
    EXPECT_EQ(sweep(small_selection({8, 16}), {.throw_on_sample = {"silu_v2"}}, record), SweepEnd::completed);
    ASSERT_EQ(record.results.size(), 8U);
    for (const Result& r : record.results) {
        EXPECT_EQ(r.status, r.kernel == "silu_v2" ? Status::failed : Status::ok) << r.error;
    }
}

TEST(Runner, RejectedCasesAreSkippedResults) {
    Record record;
    sweep(small_selection({8, 65}), {}, record);
    ASSERT_EQ(record.results.size(), 8U);
    const auto skipped = std::count_if(record.results.begin(), record.results.end(),
                                       [](const Result& r) { return r.status == Status::skipped; });
    EXPECT_EQ(skipped, 4);
    EXPECT_EQ(record.progress.back().total, 4);  // only what can be measured is work
}

TEST(Runner, StopsAtOnceAndReportsOnlyWholeCells) {
    std::stop_source source;
    Record record;
    int blocks = 0;
    FakeDeviceScript script;
    script.before_sample = [&] {
        if (++blocks == 200) source.request_stop();
    };
    EXPECT_EQ(sweep(small_selection(), script, record, {}, source.get_token()), SweepEnd::cancelled);
    EXPECT_EQ(blocks, 200);
    EXPECT_GT(record.results.size(), 0U);
    EXPECT_LT(record.results.size(), 12U);
    for (const Result& r : record.results) EXPECT_EQ(r.status, Status::ok);
}

TEST(Runner, ResumeMeasuresOnlyWhatIsMissing) {
    Record first;
    sweep(small_selection(), {}, first);
    SweepOptions options;
    for (std::size_t i = 0; i < 5; ++i) options.done.insert(cell_key(first.results[i]));
    options.known_peaks = Peaks{std::nullopt, 1500.0, 2.0};
    Record second;
    sweep(small_selection(), {}, second, options);
    EXPECT_EQ(second.results.size(), 7U);
    for (const Result& r : second.results) EXPECT_FALSE(options.done.contains(cell_key(r)));
    EXPECT_DOUBLE_EQ(*second.peaks.measured_gbps, 1500.0);  // the session's own, not measured anew
}

TEST(Runner, ShardsPartitionTheCases) {
    std::multiset<std::string> keys;
    for (int shard = 0; shard < 3; ++shard) {
        Record record;
        SweepOptions options;
        options.shard_index = shard;
        options.shard_count = 3;
        sweep(small_selection({1, 2, 8, 16}), {}, record, options);
        for (const Result& r : record.results) keys.insert(cell_key(r));
    }
    EXPECT_EQ(keys.size(), 16U);
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), 16U);
    Record record;
    SweepOptions options;
    options.shard_index = 3;
    options.shard_count = 3;
    test::expect_error([&] { sweep(small_selection(), {}, record, options); }, {"shard"});
}

TEST(Runner, VerifyOnlyTimesNothing) {
    Record record;
    SweepOptions options;
    options.verify_only = true;
    FakeDeviceScript script;
    script.before_sample = [] { FAIL() << "sampled"; };
    sweep(small_selection(), script, record, options);
    EXPECT_EQ(record.results.size(), 12U);
    for (const Result& r : record.results) EXPECT_TRUE(r.verification.passed);
}

TEST(Runner, StoppingRuleGivesItsReason) {
    const auto reason = [](double noise, int max_samples, double max_seconds) {
        Selection s = small_selection({8});
        s.measure.max_samples = max_samples;
        s.measure.max_seconds = max_seconds;
        FakeDeviceScript script;
        script.noise = noise;
        Record record;
        sweep(s, script, record);
        return record.results.front().stop_reason;
    };
    EXPECT_EQ(reason(0.001, 2000, 10.0), "ci");
    EXPECT_EQ(reason(0.5, 30, 10.0), "max_samples");
    EXPECT_EQ(reason(0.5, 1'000'000, 1e-9), "max_time");
}

TEST(Runner, KernelsOfACaseAreInterleaved) {
    // Drift over the case must meet both kernels alike: with a device that slows down steadily, the ratio of
    // the two medians stays what it is at any one moment.
    Selection s = small_selection({8});
    s.strategies.resize(1);
    s.measure.min_samples = 200;
    s.measure.max_samples = 200;
    std::vector<Result> results;
    {
        struct Drifting final : Backend {
            std::unique_ptr<Backend> inner = make_fake_backend({.noise = 0.0});
            double slow = 1.0;
            const Device& device() const override { return inner->device(); }
            const std::vector<KernelTraits>& kernels() const override { return inner->kernels(); }
            void reserve(const BufferSizes& b) override { inner->reserve(b); }
            Ceilings measure_ceilings(std::stop_token t) override {
                return inner->measure_ceilings(std::move(t));
            }
            void begin_case(const Case& c, std::span<const std::int32_t> n, const Rotation& r) override {
                inner->begin_case(c, n, r);
            }
            Verification verify(const std::string& k, std::stop_token s) override {
                return inner->verify(k, s);
            }
            int launches_per_sample() const override { return 1; }
            std::vector<double> sample(const std::string& k, CacheMode m, int n, std::stop_token t) override {
                std::vector<double> samples = inner->sample(k, m, n, std::move(t));
                for (double& us : samples) us *= slow += 0.005;
                return samples;
            }
        } backend;
        Record record;
        run_sweep(plan_on_fake(s), backend, {}, record, {});
        results = record.results;
    }
    ASSERT_EQ(results.size(), 2U);
    EXPECT_NEAR(*results[0].median_us / *results[1].median_us, 0.95 / 0.8, 0.03);
}

TEST(Runner, VerifiesWithTheInputThatWasAskedFor) {
    std::vector<InputKind> seen;
    FakeDeviceScript script;
    script.before_verify = [&](InputKind kind, const std::stop_token&) { seen.push_back(kind); };
    const auto backend = make_fake_backend(script);
    SweepOptions options;
    options.verify_only = true;
    options.input = InputKind::adversarial;
    Record record;
    run_sweep(plan_on_fake(small_selection({8}), script), *backend, options, record, {});
    EXPECT_EQ(seen, std::vector<InputKind>(4, InputKind::adversarial));
    seen.clear();
    options.input = InputKind::normal;
    run_sweep(plan_on_fake(small_selection({8}), script), *backend, options, record, {});
    EXPECT_EQ(seen, std::vector<InputKind>(4, InputKind::normal));
}

TEST(Runner, AStopKeepsWhatWasVerifiedAndDropsTheCellInWork) {
    std::stop_source stop;
    int calls = 0;
    FakeDeviceScript script;
    script.before_verify = [&](InputKind, const std::stop_token&) {
        if (++calls == 4) stop.request_stop();  // second case, second kernel
    };
    const auto backend = make_fake_backend(script);
    SweepOptions options;
    options.verify_only = true;
    Record record;
    const Plan plan = plan_on_fake(small_selection({8}), script);
    EXPECT_EQ(run_sweep(plan, *backend, options, record, stop.get_token()), SweepEnd::cancelled);
    EXPECT_EQ(calls, 4);
    EXPECT_EQ(record.results.size(), 3U);
    for (const Result& r : record.results) EXPECT_EQ(r.status, Status::ok);
}

}  // namespace
}  // namespace moescope
