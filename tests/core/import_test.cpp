// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/import.h"

#include "moescope/analysis/comparison.h"
#include "moescope/session/merge.h"
#include "moescope/session/session_file.h"
#include "support.h"

namespace moescope {
namespace {

using test::expect_error;

const std::string kLog = std::string(MOESCOPE_TEST_DATA) + "/vllm-log.txt";

TEST(Import, ReadsThePrintedLines) {
    const Session s = import_file(kLog, "vllm-log");
    ASSERT_EQ(s.results.size(), 18U);
    const Result& first = s.results[0];
    EXPECT_EQ(first.kernel, "silu_v2");
    EXPECT_EQ(first.c.shape, (Shape{8, 1024, 7168, 128, ScaleFormat::fp32}));
    EXPECT_EQ(first.c.total_tokens, 64);
    EXPECT_EQ(to_string(first.c.strategy), "imbalanced:0.7");
    EXPECT_EQ(first.samples_us, std::vector{31.0});
    EXPECT_EQ(first.imported_from, "vllm-log");
    EXPECT_GT(*first.gbps, 0.0);
    EXPECT_EQ(s.results[1].kernel, "triton");
    EXPECT_DOUBLE_EQ(*s.results[1].median_us, 54.0);
    EXPECT_EQ(to_string(s.results.back().c.strategy), "even");
    EXPECT_EQ(s.spec.tokens_per_expert, (std::vector<std::int64_t>{8, 512}));
    const Session again = session_from_json(session_to_json(s), "x");
    EXPECT_EQ(again.results[3].imported_from, "vllm-log");
}

TEST(Import, ComparesWithARecording) {
    const Session log = import_file(kLog, "vllm-log");
    const Session ours = load_session(std::string(MOESCOPE_TEST_DATA) + "/h100-seed-1.moescope.json");
    const Comparison c = compare_sessions({&log, 1}, {&ours, 1});
    EXPECT_EQ(c.counts.unsure, 9);
    EXPECT_EQ(c.counts.faster + c.counts.slower + c.counts.same, 0);
    EXPECT_EQ(c.counts.not_compared, 9 + 126 - 9);
    EXPECT_LT(*c.rows[0].ratio, 0.2);  // most of the script's 31 us is the host's
}

TEST(Import, SaysWhatTheLogDoesNotTell) {
    const Session s = import_file(kLog, "vllm-log");
    EXPECT_EQ(s.results[0].launch, LaunchMode::host);
    EXPECT_EQ(s.spec.launch, LaunchMode::host);
    EXPECT_FALSE(s.results[0].load.counts_known());
    const std::string text = session_to_json(s);
    EXPECT_THAT(text, ::testing::HasSubstr("\"load\":{\"min\":null,\"mean\":8.0,\"max\":null"));
    EXPECT_EQ(session_to_json(session_from_json(text, "x")), text);
    EXPECT_EQ(import_file(kLog, "vllm-log").id, s.id);  // the same log is the same run
    EXPECT_NE(import_vllm_log(test::read(kLog) + "\n", kLog).id, s.id);
}

TEST(Import, ColoursOfATerminalAreNoPartOfALine) {
    const Session s = import_vllm_log(
        "\x1b[1mTesting strategy: uniform\x1b[0m\r\n"
        "\x1b[32;1mCompleted: E=8,T=1024,H=7168,TT=64: V2: 0.031ms, Triton: 0.054ms\x1b[0m\r\n\x1b[\n\x1b",
        "a.log");
    ASSERT_EQ(s.results.size(), 2U);
    EXPECT_EQ(to_string(s.results[0].c.strategy), "uniform");
    EXPECT_DOUBLE_EQ(*s.results[1].median_us, 54.0);
}

TEST(Import, TwoLogsThatPrintTheSameNumberAreTwoRuns) {
    const std::string log = "Testing strategy: uniform\nCompleted: E=8,T=1024,H=7168,TT=64: V2: 0.031ms\n";
    const std::vector<Session> two{import_vllm_log(log, "a.log"), import_vllm_log("later\n" + log, "b.log")};
    const Session merged = merge_sessions(two).session;
    ASSERT_EQ(merged.results.size(), 1U);
    EXPECT_EQ(merged.results[0].samples_us, (std::vector{31.0, 31.0}));
    const std::vector<Session> once{two[0], import_vllm_log(log, "copy.log")};
    EXPECT_EQ(merge_sessions(once).session.results[0].samples_us, std::vector{31.0});
    EXPECT_EQ(compare_sessions(two, two).rows[0].base.samples, 2);
    EXPECT_EQ(compare_sessions(once, once).rows[0].base.samples, 1);
}

TEST(Import, ManyLogsAgainstARecordingAreStillNoVerdict) {
    std::vector<Session> logs;
    for (int i = 0; i < 8; ++i)
        logs.push_back(import_vllm_log(
            "run " + std::to_string(i) +
                "\nTesting strategy: uniform\nCompleted: E=8,T=1024,H=7168,TT=64: V2: 0.031ms\n",
            "a"));
    const Session ours = load_session(std::string(MOESCOPE_TEST_DATA) + "/h100-seed-1.moescope.json");
    const Comparison c = compare_sessions(logs, {&ours, 1});
    EXPECT_EQ(c.counts.unsure, 1);
    EXPECT_EQ(c.counts.faster + c.counts.slower + c.counts.same, 0);
    EXPECT_THAT(c.rows[0].reason, ::testing::HasSubstr("timed from the host by another program"));
}

TEST(Import, BadLogsAreOneClearError) {
    const auto import = [](std::string_view text) { return [text] { import_vllm_log(text, "a.log"); }; };
    const std::string head = "Testing strategy: uniform\nCompleted: ";
    expect_error(import(""), {"a.log", "Completed"});
    expect_error(import("hello\n"), {"a.log", "Completed"});
    expect_error(import("Testing strategy: wild\n"), {"a.log:1", "wild"});
    expect_error(import("Completed: E=8,T=1024,H=7168,TT=64: V2: 0.031ms"), {"a.log:1", "Testing strategy"});
    for (const char* bad :
         {"E=8,T=1024,H=7168: V2: 0.031ms", "E=8,T=1024,H=7168,TT=64", "E=8,T=1024,H=7168,TT=64: V2: fast",
          "E=8,T=1024,H=7168,TT=64: V2: -1ms", "E=x,T=1024,H=7168,TT=64: V2: 1ms",
          "E=0,T=1024,H=7168,TT=64: V2: 1ms", "E=8,T=1024,H=7168,TT=64: other: 1ms"}) {
        const std::string text = head + bad;
        expect_error(import(text), {"a.log:2"});
    }
    const std::string twice = head + "E=8,T=9,H=128,TT=8: V2: 1ms\nCompleted: E=8,T=9,H=128,TT=8: V2: 1ms\n";
    expect_error(import(twice), {"a.log:3", "second time"});
    expect_error([] { import_file(kLog, "nsys"); }, {"nsys", "vllm-log"});
    expect_error([] { import_file("/nowhere.log", "vllm-log"); }, {"/nowhere.log"});
}

}  // namespace
}  // namespace moescope
