// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/merge.h"

#include <nlohmann/json.hpp>

#include "moescope/analysis/comparison.h"
#include "moescope/analysis/statistics.h"
#include "moescope/session/session_file.h"
#include "simulated_sessions.h"
#include "support.h"

namespace moescope {
namespace {

using ::testing::HasSubstr;

TEST(Merge, ShardsAreUnited) {
    const Session whole = test::simulated_session("a", 1, {});
    Session first = whole;
    Session second = whole;
    first.spec.experts = {8};
    second.spec.experts = {32, 256};
    second.id = "b";
    first.results.resize(40);
    second.results.erase(second.results.begin(), second.results.begin() + 40);
    const Merged merged = merge_sessions(std::vector{first, second});
    EXPECT_EQ(merged.session.results.size(), 126U);
    EXPECT_EQ(merged.united, 126);
    EXPECT_EQ(merged.repeated, 0);
    EXPECT_EQ(merged.session.spec.experts, (std::vector<std::int64_t>{8, 32, 256}));
    EXPECT_TRUE(merged.notes.empty());
    EXPECT_TRUE(merged.session.results[0].repetitions.empty());
}

TEST(Merge, AppendingARepetitionIsMergingTheTwo) {
    const Session a = test::simulated_session("a", 1, {});
    const Session b = test::simulated_session("b", 2, {});
    const Result both = append_repetition(a.results[5], a, b.results[5], b);
    const Result merged = merge_sessions(std::vector{a, b}).session.results[5];
    EXPECT_EQ(both.samples_us, merged.samples_us);
    ASSERT_EQ(both.repetitions.size(), 2U);
    EXPECT_EQ(both.repetitions[0].session, "a");
    EXPECT_EQ(both.repetitions[1].session, "b");
    EXPECT_EQ(both.median_us, merged.median_us);
    EXPECT_EQ(both.median_us, median(both.samples_us));

    const Session c = test::simulated_session("c", 3, {});
    EXPECT_EQ(append_repetition(both, a, c.results[5], c).repetitions.size(), 3U);
    EXPECT_EQ(append_repetition(both, a, b.results[5], b).samples_us, both.samples_us) << "taken once";
}

TEST(Merge, ARepetitionThatFailedTakesNothingAway) {
    const Session a = test::simulated_session("a", 1, {});
    Session b = test::simulated_session("b", 2, {});
    b.results[5].status = Status::failed;
    EXPECT_EQ(append_repetition(a.results[5], a, b.results[5], b).samples_us, a.results[5].samples_us);
    EXPECT_EQ(append_repetition(b.results[5], b, a.results[5], a).status, Status::ok);
}

TEST(Merge, RepetitionsKeepTheirSamplesApart) {
    const Session a = test::simulated_session("a", 1, {});
    const Session b = test::simulated_session("b", 2, {});
    const Session c = test::simulated_session("c", 3, {});
    const Merged pair = merge_sessions(std::vector{a, b});
    EXPECT_EQ(pair.repeated, 126);
    const Merged all = merge_sessions(std::vector{pair.session, c});
    const Session merged = session_from_json(session_to_json(all.session), "x");
    const Result& r = merged.results[5];
    ASSERT_EQ(r.repetitions.size(), 3U);
    EXPECT_EQ(r.repetitions[2].session, "c");
    EXPECT_EQ(r.repetitions[1].samples, 23);
    EXPECT_EQ(r.samples_us.size(), 69U);
    EXPECT_DOUBLE_EQ(*r.median_us, median(r.samples_us));
    EXPECT_DOUBLE_EQ(r.samples_us[23], b.results[5].samples_us[0]);

    const Session other = test::simulated_session("d", 4, {});
    const Comparison of_merged = compare_sessions({&merged, 1}, {&other, 1});
    const Comparison of_files = compare_sessions(std::vector{a, b, c}, {&other, 1});
    EXPECT_EQ(of_merged.base_sessions, 3);
    for (std::size_t i = 0; i < of_merged.rows.size(); ++i)
        EXPECT_EQ(of_merged.rows[i].interval, of_files.rows[i].interval);
}

TEST(Merge, TheSameSamplesCountOnce) {
    const Session a = test::simulated_session("a", 1, {});
    Session copy = a;
    copy.id = "renamed";
    const Session b = test::simulated_session("b", 2, {});
    const Merged merged = merge_sessions(std::vector{a, copy, b, b});
    EXPECT_EQ(merged.session.results[0].samples_us.size(), 46U);
    EXPECT_THAT(merged.notes, ::testing::Contains(HasSubstr("252 times the same samples")));
}

TEST(Merge, AnOkResultWinsOverAFailedOne) {
    Session a = test::simulated_session("a", 1, {});
    Session b = test::simulated_session("b", 2, {});
    a.results[0].status = Status::failed;
    b.results[1].status = Status::skipped;
    const Merged merged = merge_sessions(std::vector{a, b});
    EXPECT_EQ(merged.session.results[0].status, Status::ok);
    EXPECT_EQ(merged.session.results[0].samples_us, b.results[0].samples_us);
    EXPECT_EQ(merged.session.results[1].samples_us, a.results[1].samples_us);
    EXPECT_THAT(merged.notes, ::testing::Contains(HasSubstr("2 cells failed")));
}

TEST(Merge, OtherDevicesAreRefused) {
    const Session a = test::simulated_session("a", 1, {});
    Session b = a;
    b.environment.device.name = "another";
    test::expect_error([&] { merge_sessions(std::vector{a, b}); }, {"different devices", "compare"});
    Session host = test::simulated_session("c", 2, {});
    auto document = nlohmann::json::parse(session_to_json(host));
    for (auto& result : document["results"]) result["launch"] = "host";
    host = session_from_json(document.dump(), "x");
    test::expect_error([&] { merge_sessions(std::vector{a, host}); }, {"launch modes"});
    test::expect_error([&] { merge_sessions({&a, 1}); }, {"two sessions"});
}

}  // namespace
}  // namespace moescope
