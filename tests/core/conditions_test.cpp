// SPDX-License-Identifier: Apache-2.0
// What a sweep is measured under: drift, telemetry, retries, launch modes, hot beside cold.

#include "moescope/analysis/drift.h"
#include "moescope/session/journal.h"
#include "support.h"

namespace moescope {
namespace {

using test::plan_on_fake;
using test::Record;
using test::small_selection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SweepEnd sweep(const Selection& selection, const FakeDeviceScript& script, Record& record,
               const SweepOptions& options = {}, std::stop_token stop = {}) {
    const auto backend = make_fake_backend(script);
    return run_sweep(plan_on_fake(selection, script), *backend, options, record, std::move(stop));
}

Selection one_case() {
    Selection s = small_selection({8});
    s.strategies.resize(1);
    return s;
}

TelemetryReading healthy() {
    return {.sm_clock_mhz = 1980.0, .memory_clock_mhz = 2619.0, .temperature_c = 40.0, .power_w = 300.0};
}

TelemetryReading capped() {
    TelemetryReading reading = healthy();
    reading.sm_clock_mhz = 1500.0;
    reading.reasons = {"power_cap"};
    return reading;
}

/// The last result of each cell, as a session keeps it.
std::map<std::string, Result> newest(const std::vector<Result>& results) {
    std::map<std::string, Result> cells;
    for (const Result& r : results) cells.insert_or_assign(cell_key(r), r);
    return cells;
}

TEST(Drift, IsTheChangeFromStartToEnd) {
    Peaks peaks{.measured_gbps = 3000.0, .launch_floor_us = 1.0};
    EXPECT_FALSE(drift_of(peaks).measured_percent);
    EXPECT_THAT(drift_warnings(peaks), IsEmpty());
    peaks.measured_end_gbps = 2970.0;
    peaks.launch_floor_end_us = 1.04;
    EXPECT_NEAR(*drift_of(peaks).measured_percent, -1.0, 1e-9);
    EXPECT_NEAR(*drift_of(peaks).launch_floor_percent, 4.0, 1e-9);
    EXPECT_THAT(drift_warnings(peaks), IsEmpty());
    peaks.measured_end_gbps = 2900.0;
    peaks.launch_floor_end_us = 0.9;
    EXPECT_THAT(drift_warnings(peaks), ElementsAre(HasSubstr("-3.3 %"), HasSubstr("-10.0 %")));
}

TEST(Drift, CeilingsAreTakenAgainAtTheEnd) {
    double speed = 1.0;
    FakeDeviceScript script;
    script.speed = [&] { return speed; };
    script.before_sample = [&] { speed = 0.9; };
    Record record;
    sweep(one_case(), script, record);
    EXPECT_DOUBLE_EQ(*record.peaks.measured_gbps, 3000.0);
    EXPECT_DOUBLE_EQ(*record.peaks.measured_end_gbps, 2700.0);
    EXPECT_NEAR(*drift_of(record.peaks).measured_percent, -10.0, 1e-9);
    EXPECT_NEAR(*drift_of(record.peaks).launch_floor_percent, 100.0 / 9.0, 1e-9);
    EXPECT_EQ(drift_warnings(record.peaks).size(), 2U);
    EXPECT_NEAR(*record.results[0].efficiency, 0.8 * 0.9, 0.01);  // held against the start
}

TEST(Drift, NoEndForWhatWasInterruptedOrOnlyVerified) {
    std::stop_source source;
    FakeDeviceScript script;
    int blocks = 0;
    script.before_sample = [&] {
        if (++blocks == 100) source.request_stop();
    };
    Record stopped;
    EXPECT_EQ(sweep(small_selection(), script, stopped, {}, source.get_token()), SweepEnd::cancelled);
    EXPECT_TRUE(stopped.peaks.measured_gbps);
    EXPECT_FALSE(stopped.peaks.measured_end_gbps);
    Record verified;
    sweep(small_selection(), {}, verified, {.verify_only = true});
    EXPECT_FALSE(verified.peaks.measured_end_gbps);
}

TEST(Drift, AFailingEndLeavesTheCellsAndSaysSo) {
    int calls = 0;
    FakeDeviceScript script;
    script.telemetry = [&]() -> std::optional<TelemetryReading> {
        if (++calls > 1000) throw Error("the device is lost");
        return std::nullopt;
    };
    script.before_sample = [&] {
        calls = 999;
    };  // the block's reading passes, the ceilings' at the end throws
    Record record;
    EXPECT_EQ(sweep(one_case(), script, record), SweepEnd::completed);
    EXPECT_EQ(record.results.size(), 2U);
    EXPECT_FALSE(record.peaks.measured_end_gbps);
    EXPECT_THAT(drift_warnings(record.peaks), ElementsAre(HasSubstr("the device is lost")));
}

TEST(Conditions, ReadingsGoIntoTheCellAndClocksIntoTheSession) {
    FakeDeviceScript script;
    script.telemetry = [] { return healthy(); };
    Record record;
    sweep(one_case(), script, record);
    EXPECT_EQ(record.clocks, (ReferenceClocks{1980.0, 2619.0}));
    for (const Result& r : record.results) {
        const CellTelemetry cell = telemetry_from_json(r.telemetry);
        EXPECT_GE(cell.readings, 2);
        EXPECT_DOUBLE_EQ(cell.sm_clock_mhz->median, 1980.0);
        EXPECT_FALSE(cell.flagged());
    }
}

TEST(Conditions, ADeviceThatTellsNothingHasEmptyTelemetry) {
    Record record;
    sweep(one_case(), {}, record);
    EXPECT_EQ(record.clocks, ReferenceClocks{});
    for (const Result& r : record.results) EXPECT_EQ(r.telemetry, "");
}

TEST(Conditions, FasterThanTheLimitIsWarnedOf) {
    Selection s = one_case();
    s.cache = CacheSelection::both;
    Record record;
    sweep(s, {.efficiency = {{"silu_v2", 1.1}, {"silu_v3", 1.01}}}, record);
    ASSERT_EQ(record.results.size(), 4U);
    for (const Result& r : record.results) {
        const auto warnings = telemetry_from_json(r.telemetry).warnings;
        if (r.kernel == "silu_v2" && r.cache == CacheMode::cold) {
            EXPECT_THAT(warnings, ElementsAre(HasSubstr("above 1.02")));
        } else {
            EXPECT_THAT(warnings, IsEmpty());  // hot data may well beat memory
        }
    }
}

TEST(Retry, FlaggedCasesAreMeasuredAgainAtTheEnd) {
    bool hot_device = false;
    FakeDeviceScript script;
    script.telemetry = [&] { return hot_device ? capped() : healthy(); };
    Record record;
    // The first case of four is throttled, all of it.
    record.after_result = [&] { hot_device = record.results.size() < 2; };
    script.before_sample = [&, first = true]() mutable {
        if (std::exchange(first, false)) hot_device = true;
    };
    EXPECT_EQ(sweep(small_selection({1, 8}), script, record, {.retry_throttled = 3}), SweepEnd::completed);
    ASSERT_EQ(record.results.size(), 8U + 2U);
    EXPECT_EQ(cell_key(record.results[8]), cell_key(record.results[0]));
    EXPECT_TRUE(telemetry_from_json(record.results[0].telemetry).flagged());
    for (const auto& [key, r] : newest(record.results)) {
        const CellTelemetry cell = telemetry_from_json(r.telemetry);
        EXPECT_FALSE(cell.flagged()) << key;
        EXPECT_EQ(cell.retries,
                  key == cell_key(record.results[0]) || key == cell_key(record.results[1]) ? 1 : 0);
        EXPECT_GE(r.samples_us.size(), 20U);
        EXPECT_TRUE(r.verification.passed);
        EXPECT_TRUE(r.efficiency);
    }
    EXPECT_EQ(record.progress.back().done, record.progress.back().total);
    EXPECT_TRUE(record.peaks.measured_end_gbps);
}

TEST(Retry, EndsAfterSoManyTimesAndKeepsTheLast) {
    int blocks = 0;
    FakeDeviceScript script;
    script.telemetry = [&] { return blocks == 0 ? healthy() : capped(); };  // ceilings first
    script.before_sample = [&] { ++blocks; };
    Record record;
    sweep(one_case(), script, record, {.retry_throttled = 2});
    ASSERT_EQ(record.results.size(), 2U * 3U);
    for (std::size_t i = 0; i < record.results.size(); ++i) {
        const CellTelemetry cell = telemetry_from_json(record.results[i].telemetry);
        EXPECT_THAT(cell.flags, ElementsAre("power_cap", "sm_clock"));
        EXPECT_EQ(cell.retries, static_cast<int>(i / 2));
        if (i >= 2) {
            EXPECT_NE(record.results[i].samples_us, record.results[i - 2].samples_us);
        }
    }
}

TEST(Retry, NoneWithoutBeingAskedFor) {
    FakeDeviceScript script;
    script.telemetry = [] { return capped(); };
    Record record;
    sweep(one_case(), script, record);
    EXPECT_EQ(record.results.size(), 2U);
}

TEST(Retry, AWorseOrFailedRetryLeavesTheOldSamples) {
    int blocks = 0;
    FakeDeviceScript script;
    std::set<std::string> throwing;
    bool retrying = false;
    bool once = true;
    script.telemetry = [&]() -> std::optional<TelemetryReading> {
        ++blocks;
        if (blocks == 1) return healthy();                         // the ceilings
        if (retrying) return capped();                             // every cell worse
        return std::exchange(once, false) ? capped() : healthy();  // one cell flagged
    };
    Record record;
    record.after_result = [&] { retrying = record.results.size() >= 2; };
    sweep(one_case(), script, record, {.retry_throttled = 1});
    ASSERT_EQ(record.results.size(), 4U);
    for (const std::size_t i : {0U, 1U}) {
        EXPECT_EQ(record.results[i].samples_us, record.results[i + 2].samples_us);
        EXPECT_EQ(telemetry_from_json(record.results[i + 2].telemetry).retries, 1);
    }
}

TEST(Retry, StoppedInARetryKeepsWhatThereWas) {
    std::stop_source source;
    FakeDeviceScript script;
    Record record;
    script.telemetry = [] { return capped(); };
    script.before_sample = [&] {
        if (record.results.size() >= 2) source.request_stop();
    };
    EXPECT_EQ(sweep(one_case(), script, record, {.retry_throttled = 5}, source.get_token()),
              SweepEnd::cancelled);
    EXPECT_EQ(record.results.size(), 2U);
}

TEST(Retry, AResumedSweepRetriesWhatWasFlaggedBefore) {
    FakeDeviceScript script;
    int readings = 0;
    script.telemetry = [&] { return ++readings == 1 ? healthy() : capped(); };
    Record before;
    sweep(one_case(), script, before, {.retry_throttled = 1});
    ASSERT_EQ(before.results.size(), 4U);

    SweepOptions options{.retry_throttled = 2};
    options.known_peaks = before.peaks;
    options.known_clocks = before.clocks;
    for (const auto& [key, r] : newest(before.results)) {
        options.done.insert(key);
        options.earlier.push_back(r);
    }
    Record after;
    FakeDeviceScript cool;
    cool.telemetry = [] { return healthy(); };
    EXPECT_EQ(sweep(one_case(), cool, after, options), SweepEnd::completed);
    ASSERT_EQ(after.results.size(), 2U);  // one of two retries was left
    for (const Result& r : after.results) {
        EXPECT_EQ(telemetry_from_json(r.telemetry).retries, 2);
        EXPECT_FALSE(telemetry_from_json(r.telemetry).flagged());
        EXPECT_TRUE(r.verification.passed);
    }
    options.retry_throttled = 1;
    Record none_left;
    sweep(one_case(), cool, none_left, options);
    EXPECT_THAT(none_left.results, IsEmpty());
}

TEST(Retry, TheJournalHoldsEachCellOnceAndTheClocks) {
    const test::TemporaryDirectory dir;
    const std::string path = dir.file("s.moescope.json");
    FakeDeviceScript script;
    int readings = 0;
    script.telemetry = [&] { return ++readings == 1 ? healthy() : capped(); };
    Record record;
    sweep(one_case(), script, record, {.retry_throttled = 2});
    const auto journal = Journal::start(new_session(one_case(), {}), path);
    journal->set_clocks(record.clocks);
    journal->set_peaks(record.peaks);
    for (const Result& r : record.results) journal->append(r);
    const auto recovered = Journal::recover(path);
    ASSERT_TRUE(recovered);
    EXPECT_EQ(recovered->environment.clocks, record.clocks);
    EXPECT_EQ(recovered->peaks.measured_end_gbps, record.peaks.measured_end_gbps);
    ASSERT_EQ(recovered->results.size(), 2U);
    for (const Result& r : recovered->results) EXPECT_EQ(telemetry_from_json(r.telemetry).retries, 2);
}

TEST(LaunchModes, HostLaunchesAreHeldAgainstAFloorOfTheirKind) {
    Selection s = one_case();
    Record graph;
    sweep(s, {}, graph);
    s.launch = LaunchMode::host;
    Record host;
    sweep(s, {}, host);
    EXPECT_DOUBLE_EQ(*graph.peaks.launch_floor_us, 1.0);
    EXPECT_DOUBLE_EQ(*host.peaks.launch_floor_us, 8.0);
    EXPECT_DOUBLE_EQ(*host.peaks.launch_floor_end_us, 8.0);
    ASSERT_EQ(host.results.size(), graph.results.size());
    for (std::size_t i = 0; i < host.results.size(); ++i) {
        EXPECT_EQ(graph.results[i].launch, LaunchMode::graph);
        EXPECT_EQ(host.results[i].launch, LaunchMode::host);
        EXPECT_GT(*host.results[i].median_us, *graph.results[i].median_us + 7.0);
        EXPECT_NEAR(*host.results[i].efficiency, *graph.results[i].efficiency, 0.01);
        // One session has one mode, so that graph and host sessions can be compared cell by cell.
        EXPECT_EQ(cell_key(host.results[i]), cell_key(graph.results[i]));
    }
}

TEST(LaunchModes, ADeviceThatCannotRefuses) {
    Selection s = one_case();
    s.launch = LaunchMode::host;
    Record record;
    test::expect_error([&] { sweep(s, {.host_launches = false}, record); }, {"fake:0", "--launch host"});
    EXPECT_EQ(sweep(s, {.host_launches = false}, record, {.verify_only = true}), SweepEnd::completed);
    test::expect_error([] { parse_launch_mode("stream"); }, {"stream", "graph, host or pdl"});
}

TEST(CacheModes, HotAndColdBlocksAlternate) {
    // A device that slows down steadily: were the hot blocks all behind the cold ones, the ratio of the two
    // would be off by the whole drift.
    Selection s = one_case();
    s.cache = CacheSelection::both;
    s.measure.min_samples = s.measure.max_samples = 200;
    double slow = 1.0;
    FakeDeviceScript script{.noise = 0.0};
    script.speed = [&] { return 1.0 / slow; };
    script.before_sample = [&] { slow += 0.001; };
    Record record;
    sweep(s, script, record);
    ASSERT_EQ(record.results.size(), 4U);
    const auto cells = newest(record.results);
    for (const char* kernel : {"silu_v2", "silu_v3"}) {
        const Case& c = record.results[0].c;
        const double cold = *cells.at(cell_key(c, kernel, CacheMode::cold)).median_us;
        const double hot = *cells.at(cell_key(c, kernel, CacheMode::hot)).median_us;
        EXPECT_NEAR(hot / cold, 0.8, 0.03) << kernel;
    }
}

}  // namespace
}  // namespace moescope
