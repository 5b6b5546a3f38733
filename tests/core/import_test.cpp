// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/import.h"

#include "moescope/analysis/comparison.h"
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
