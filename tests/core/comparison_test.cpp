// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/comparison.h"

#include <nlohmann/json.hpp>

#include "moescope/analysis/comparison_report.h"
#include "moescope/session/session_file.h"
#include "simulated_sessions.h"
#include "support.h"

namespace moescope {
namespace {

using ::testing::HasSubstr;

Session recorded(int sweep) {
    return load_session(std::string(MOESCOPE_TEST_DATA) + "/h100-seed-" + std::to_string(sweep) +
                        ".moescope.json");
}

Comparison compare(const Session& base, const Session& other, const CompareOptions& options = {}) {
    return compare_sessions({&base, 1}, {&other, 1}, options);
}

/// Every second cell of silu_v2 made slower. Gives the keys of those cells.
std::vector<std::string> slow_every_second(Session& session, double factor) {
    std::vector<std::string> keys;
    int index = 0;
    for (Result& r : session.results) {
        if (r.kernel != "silu_v2" || index++ % 2 == 0) continue;
        for (double& us : r.samples_us) us *= factor;
        keys.push_back(cell_key(r));
    }
    return keys;
}

TEST(CompareRecordings, TheSameBinaryRaisesNoAlarm) {
    for (int a = 1; a <= 3; ++a) {
        for (int b = 1; b <= 3; ++b) {
            if (a == b) continue;
            const Comparison c = compare(recorded(a), recorded(b));
            ASSERT_EQ(c.rows.size(), 126U);
            EXPECT_EQ(c.counts.faster + c.counts.slower, 0) << a << " " << b;
            EXPECT_GE(c.counts.same, 120) << a << " " << b;
            EXPECT_THAT(c.warnings, ::testing::IsEmpty());
        }
    }
}

TEST(CompareRecordings, EverySecondCellFourPercentSlowerIsFoundAndNothingElse) {
    for (int b = 1; b <= 3; ++b) {
        Session other = recorded(b);
        const std::vector<std::string> keys = slow_every_second(other, 1.04);
        const Comparison c = compare(recorded(b == 1 ? 2 : 1), other);
        std::vector<std::string> found;
        for (const ComparisonRow& row : c.rows) {
            EXPECT_NE(row.verdict, Verdict::faster);
            if (row.verdict == Verdict::slower) found.push_back(cell_key(row.c, row.other_kernel, row.cache));
        }
        EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(keys));
    }
}

TEST(CompareRecordings, RepetitionsOfASideNarrowTheInterval) {
    const std::vector<Session> base{recorded(1), recorded(2)};
    const std::vector<Session> other{recorded(3)};
    const Comparison c = compare_sessions(base, other);
    EXPECT_EQ(c.base_sessions, 2);
    EXPECT_EQ(c.other_sessions, 1);
    EXPECT_EQ(c.counts.faster + c.counts.slower, 0);
    EXPECT_THAT(c.warnings, ::testing::Contains(HasSubstr("not measured in turns")));
}

TEST(CompareRecordings, AFileGivenTwiceCountsOnce) {
    const std::vector<Session> base{recorded(1), recorded(1)};
    const Session other = recorded(2);
    const Comparison c = compare_sessions(base, {&other, 1});
    EXPECT_EQ(c.base_sessions, 1);
    EXPECT_EQ(c.rows[0].interval, compare(base[0], other).rows[0].interval);
    ASSERT_FALSE(other.name.empty());
    EXPECT_THAT(c.warnings, ::testing::Contains(HasSubstr("'" + base[0].name + "' was given twice")));
    EXPECT_THAT(compare(other, other).warnings,
                ::testing::Contains(HasSubstr("'" + other.name + "' is on both sides")));
    EXPECT_EQ(compare(other, other).counts.same, 126);
}

TEST(Compare, SimulatedSlowDownsAreFoundAndDriftRaisesNoAlarm) {
    const test::Noise noise{.session = 0.05, .cell = 0.2};
    int found = 0;
    int alarms = 0;
    int changed = 0;
    for (std::uint64_t round = 0; round < 4; ++round) {
        const Session base = test::simulated_session("a", 2 * round + 1, noise);
        const Session same = test::simulated_session("b", 2 * round + 2, noise);
        const Session slow =
            test::simulated_session("c", 2 * round + 2, noise, test::every_second_slower(3.0));
        const Comparison nothing = compare(base, same, {.resamples = 600});
        alarms += nothing.counts.faster + nothing.counts.slower;
        found += compare(base, slow, {.resamples = 600}).counts.slower;
        changed += 31;
    }
    EXPECT_LE(alarms, 5);  // 1 % of 504
    EXPECT_GE(found, changed * 95 / 100);
    EXPECT_LE(found, changed + 5);
}

TEST(Compare, IsDeterministicAndCellsDoNotDependOnEachOther) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {}, test::every_second_slower(2.0));
    const Comparison first = compare(base, other);
    EXPECT_EQ(comparisons_to_json({&first, 1}), [&] {
        const Comparison again = compare(base, other);
        return comparisons_to_json({&again, 1});
    }());
    const auto interval = first.rows.front().interval;
    other.results.pop_back();
    EXPECT_EQ(compare(base, other).rows.front().interval, interval);
}

TEST(Compare, MetricsAgreeOnWhatIsSlower) {
    const Session base = test::simulated_session("a", 1, {});
    const Session other = test::simulated_session("b", 2, {}, test::every_second_slower(5.0));
    for (const CompareMetric metric :
         {CompareMetric::time, CompareMetric::bandwidth, CompareMetric::efficiency}) {
        const Comparison c = compare(base, other, {.metric = metric});
        EXPECT_EQ(c.counts.slower, 31) << to_string(metric);
        const ComparisonRow& slow = c.rows[2];  // the second cell of silu_v2
        ASSERT_EQ(slow.verdict, Verdict::slower);
        EXPECT_NEAR(*slow.ratio, metric == CompareMetric::time ? 1.05 : 1.0 / 1.05, 0.005);
        EXPECT_LT((*slow.interval)[0], *slow.ratio);
        EXPECT_GT((*slow.interval)[1], *slow.ratio);
    }
}

TEST(Compare, KernelsMatchAcrossNames) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {}, [](const Result&, int) { return 0.8; });
    for (Result& r : other.results) {
        if (r.kernel == "silu_v2") r.kernel = "silu_v3";
    }
    EXPECT_EQ(compare(base, other).counts.not_compared, 126);
    const Comparison c = compare(base, other, {.kernel_map = {{"silu_v2", "silu_v3"}}});
    EXPECT_EQ(c.counts.faster, 63);
    EXPECT_EQ(c.counts.not_compared, 0);
    EXPECT_EQ(c.groups.front().kernel, "silu_v2 -> silu_v3");
    EXPECT_NEAR(c.groups.front().ratio, 0.8, 0.002);
}

TEST(Compare, WhatCannotBeComparedSaysWhy) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {});
    const auto result = [&](int i) -> Result& { return other.results[static_cast<std::size_t>(i)]; };
    result(0).status = Status::failed;
    result(0).error = "3 codes differ";
    result(1).status = Status::skipped;
    result(2).samples_us = {5.0};
    result(3).samples_us.resize(4);
    result(4).samples_us.clear();
    result(4).median_us.reset();
    result(5).c.seed = 7;
    result(6).samples_us[0] = 0.0;
    result(7).samples_us = {31.0};
    result(7).imported_from = "vllm-log";
    const Comparison c = compare(base, other);
    const auto& rows = c.rows;
    EXPECT_EQ(rows[0].reason, "other failed: 3 codes differ");
    EXPECT_EQ(rows[1].reason, "other skipped");
    EXPECT_EQ(rows[2].reason, "23 and 1 samples: no interval");
    EXPECT_EQ(rows[2].verdict, Verdict::unsure);
    EXPECT_THAT(rows[2].advice, HasSubstr("at least 6 samples"));
    EXPECT_TRUE(rows[2].ratio);
    EXPECT_EQ(rows[3].verdict, Verdict::unsure);
    EXPECT_EQ(rows[4].reason, "other no samples");
    EXPECT_EQ(rows[5].reason, "only in the base");
    EXPECT_EQ(rows[6].reason, "other a sample is not above zero");
    EXPECT_THAT(rows[7].reason, HasSubstr("timed from the host"));
    EXPECT_EQ(rows.back().reason, "only in the other session");
    EXPECT_THAT(c.warnings, ::testing::Contains(HasSubstr("imported")));
}

TEST(Compare, UnsureCellsSayWhatWouldDecide) {
    test::Noise noise;
    noise.sample = 2.0;
    const Session base = test::simulated_session("a", 1, noise);
    const Session other = test::simulated_session("b", 2, noise, test::every_second_slower(3.0));
    const Comparison c = compare(base, other);
    EXPECT_GT(c.counts.unsure, 60);
    int samples = 0;
    for (const ComparisonRow& row : c.rows) {
        if (row.verdict != Verdict::unsure) continue;
        EXPECT_FALSE(row.reason.empty());
        EXPECT_FALSE(row.advice.empty());
        samples += row.advice.find("samples a side would decide") != std::string::npos ? 1 : 0;
    }
    EXPECT_GT(samples, 0);
}

TEST(Compare, DisturbedSamplesAreNamed) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {});
    auto& two_modes = other.results[0].samples_us;
    for (std::size_t i = 0; i < two_modes.size(); i += 2) two_modes[i] *= 1.05;
    auto& drifting = other.results[2].samples_us;
    for (std::size_t i = 0; i < drifting.size(); ++i) drifting[i] *= 1.0 + 0.002 * static_cast<double>(i);
    other.results[4].telemetry = R"({"flags": ["power_cap"]})";
    const Comparison c = compare(base, other);
    EXPECT_THAT(c.rows[0].reason, HasSubstr("other bimodal"));
    EXPECT_EQ(c.rows[0].verdict, Verdict::unsure);
    EXPECT_THAT(c.rows[2].reason, HasSubstr("other drifts while sampled"));
    EXPECT_THAT(c.rows[4].reason, HasSubstr("held back while sampled (power_cap)"));
}

TEST(Compare, AShiftOfTheReferenceKernelIsNoRegression) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {});
    for (Result& r : other.results) {
        for (double& us : r.samples_us) us *= 1.015;  // the clocks were lower
    }
    const Comparison c = compare(base, other);
    EXPECT_EQ(c.counts.slower, 0);
    EXPECT_THAT(c.warnings, ::testing::Contains(HasSubstr("stream41")));
}

TEST(Compare, ACaseInWhichTheReferenceMovedTooIsDisturbed) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {});
    for (const std::size_t i : {0, 1, 2}) {  // both kernels of the first case, only silu_v2 of the second
        for (double& us : other.results[i].samples_us) us *= 1.2;
    }
    const Comparison c = compare(base, other);
    EXPECT_EQ(c.rows[0].verdict, Verdict::unsure);
    EXPECT_THAT(c.rows[0].reason, HasSubstr("stream41 in the same case moved by +20"));
    EXPECT_EQ(c.rows[2].verdict, Verdict::slower);
    EXPECT_EQ(c.counts.slower, 1);
}

TEST(Compare, DifferentMachinesAreWarnedOf) {
    const Session base = test::simulated_session("a", 1, {});
    Session other = test::simulated_session("b", 2, {});
    other.environment.device.name = "another";
    other.environment.device.driver = "2";
    other.peaks.measured_gbps = 4000.0;
    const Comparison c = compare(base, other);
    EXPECT_THAT(c.warnings, ::testing::Contains(HasSubstr("the metric efficiency")));
    EXPECT_THAT(c.warnings, ::testing::Contains(HasSubstr("the measured peak differs by +28.6 %")));
    EXPECT_DOUBLE_EQ(c.drift_percent, 0.5);
    other.peaks = {};
    EXPECT_THAT(compare(base, other, {.metric = CompareMetric::efficiency}).rows.front().reason,
                HasSubstr("no measured peaks"));
}

TEST(Compare, ReportsHoldEveryRow) {
    const Session base = test::simulated_session("a|b, \"c\"", 1, {});
    Session other = test::simulated_session("b", 2, {}, test::every_second_slower(5.0));
    other.results.pop_back();
    const std::vector<Comparison> comparisons{compare(base, other)};
    const auto document = nlohmann::json::parse(comparisons_to_json(comparisons));
    ASSERT_EQ(document.size(), 1U);
    EXPECT_EQ(document[0]["rows"].size(), 126U);
    EXPECT_EQ(document[0]["counts"]["slower"], 31);
    EXPECT_EQ(document[0]["rows"][2]["verdict"], "SLOWER");
    EXPECT_TRUE(document[0]["rows"][125]["verdict"].is_null());
    const std::string csv = comparisons_to_csv(comparisons);
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 127);
    EXPECT_THAT(csv, HasSubstr("\"a|b, \"\"c\"\"\""));
    const std::string markdown = comparisons_to_markdown(comparisons);
    EXPECT_THAT(markdown, HasSubstr("a\\|b"));
    EXPECT_THAT(markdown, HasSubstr("31 slower"));
}

TEST(Compare, TellsItsProgressAndCanBeStopped) {
    const Session base = recorded(1);
    const Session other = recorded(2);
    std::vector<std::size_t> done;
    CompareWatch watch;
    watch.progress = [&](std::size_t cells_done, std::size_t cells) {
        EXPECT_EQ(cells, 126U);
        done.push_back(cells_done);
    };
    const Comparison watched = compare_sessions({&base, 1}, {&other, 1}, {}, watch);
    ASSERT_EQ(done.size(), 126U);
    EXPECT_EQ(done.front(), 1U);
    EXPECT_EQ(done.back(), 126U);
    EXPECT_EQ(watched.rows.size(), compare(base, other).rows.size());

    std::stop_source stop;
    done.clear();
    watch.stop = stop.get_token();
    watch.progress = [&](std::size_t cells_done, std::size_t) {
        done.push_back(cells_done);
        if (cells_done == 5) stop.request_stop();
    };
    test::expect_error([&] { compare_sessions({&base, 1}, {&other, 1}, {}, watch); }, {"stopped"});
    EXPECT_EQ(done.size(), 5U);
}

TEST(Compare, BadOptionsAreRefused) {
    const Session s = test::simulated_session("a", 1, {});
    test::expect_error([&] { compare(s, s, {.threshold_percent = 0.0}); }, {"threshold"});
    test::expect_error([&] { compare_sessions({}, {&s, 1}); }, {"no session"});
    test::expect_error([] { parse_compare_metric("speed"); }, {"speed", "efficiency"});
}

TEST(Comparison, SessionsLaunchedDifferentlyAreComparedAndWarnedOf) {
    const Session graph = test::simulated_session("a", 1, {});
    Session host = test::simulated_session("b", 2, {});
    for (Result& r : host.results) r.launch = LaunchMode::host;
    const Comparison c = compare_sessions({&graph, 1}, {&host, 1});
    EXPECT_EQ(c.counts.not_compared, 0);
    EXPECT_THAT(c.warnings, ::testing::Contains("the launch mode differs: graph / host"));
    EXPECT_EQ(c.rows[0].launch, "");
    EXPECT_EQ(compare_sessions({&graph, 1}, {&graph, 1}).rows[0].launch, "graph");
}

}  // namespace
}  // namespace moescope
