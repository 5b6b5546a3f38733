// SPDX-License-Identifier: Apache-2.0
// `moescope verify` on a scripted device: its tables, its JSON, its inputs, and Ctrl-C.

#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli_fixture.h"

namespace moescope {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class VerifyCli : public test::Cli {
  protected:
    std::vector<std::string> verify(std::vector<std::string> more = {}) const {
        std::vector<std::string> all{
            "verify", "--experts",           "8",   "--max-tokens", "64",  "--hidden", "256", "--strategy",
            "even",   "--tokens-per-expert", "1,8", "--progress",   "none"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
};

TEST_F(VerifyCli, BothInputsUnlessOneIsNamed) {
    std::vector<InputKind> seen;
    m_script.before_verify = [&](InputKind kind, const std::stop_token&) { seen.push_back(kind); };
    test::Outcome o = run(verify());
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.out, HasSubstr("silu_v2"));
    EXPECT_THAT(o.out, HasSubstr("normal"));
    EXPECT_THAT(o.out, HasSubstr("adversarial"));
    ASSERT_EQ(seen.size(), 8U);  // two cases, two kernels, one input after the other
    EXPECT_EQ(std::count(seen.begin(), seen.begin() + 4, InputKind::normal), 4);
    EXPECT_EQ(std::count(seen.begin() + 4, seen.end(), InputKind::adversarial), 4);

    seen.clear();
    o = run(verify({"--input", "adversarial"}));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.out, Not(HasSubstr("normal")));
    EXPECT_EQ(seen, std::vector<InputKind>(4, InputKind::adversarial));
    seen.clear();
    run(verify({"--input", "normal"}));
    EXPECT_EQ(seen, std::vector<InputKind>(4, InputKind::normal));
    expect_refused(verify({"--input", "weird"}), {"--input", "weird", "normal, adversarial or both"});
    expect_refused({"verify", "--preset", "quick", "--json", "--progress", "json"},
                   {"--json", "--progress json"});
}

TEST_F(VerifyCli, EachInputCountsItsOwnCells) {
    const test::Outcome o = run({"verify", "--experts", "8", "--max-tokens", "64", "--hidden", "256",
                                 "--tokens-per-expert", "1", "--kernels", "silu_v2", "--progress", "plain"});
    EXPECT_EQ(o.status, 0);
    EXPECT_THAT(o.err, HasSubstr("[1/1]"));
    EXPECT_THAT(o.err, Not(HasSubstr("[2/1]")));
}

TEST_F(VerifyCli, CountsAddUpAndErrorsAreTheWorst) {
    int calls = 0;
    m_script.efficiency = {{"silu_v2", 0.8}};
    m_script.accuracy = [&](Verification& v) {
        ++calls;
        v.values = 1000;
        v.mismatched_codes = calls;
        v.mismatched_codes_bf16 = 10 * calls;
        v.mismatched_codes_fp32 = 100 * calls;
        v.clipped_values = 3;
        v.nonfinite_values = 4;
        v.unjudged_codes = 5;
        v.relative_error = 0.01 * calls;
        v.sqnr_db = 40.0 - calls;
        v.max_scale_error = calls == 1 ? std::numeric_limits<double>::infinity() : 0.5;
    };
    const test::Outcome o = run(verify({"--input", "normal", "--json"}));
    EXPECT_EQ(o.status, 0) << o.err;
    const json report = json::parse(o.out);
    ASSERT_EQ(report.size(), 1U);
    const json& kernel = report[0];
    EXPECT_EQ(kernel["id"], "silu_v2");
    EXPECT_EQ(kernel["input"], "normal");
    EXPECT_EQ(kernel["reference"], "bf16");
    EXPECT_EQ(kernel["passed"], 2);
    EXPECT_EQ(kernel["failed"], 0);
    EXPECT_EQ(kernel["values"], 2000);
    EXPECT_EQ(kernel["mismatched_codes"], 3);
    EXPECT_EQ(kernel["mismatched_codes_bf16"], 30);
    EXPECT_EQ(kernel["mismatched_codes_fp32"], 300);
    EXPECT_EQ(kernel["clipped_values"], 6);
    EXPECT_EQ(kernel["nonfinite_values"], 8);
    EXPECT_EQ(kernel["unjudged_codes"], 10);
    EXPECT_EQ(kernel["relative_error"], 0.02);
    EXPECT_EQ(kernel["sqnr_db"], 38.0);
    EXPECT_EQ(kernel["max_scale_error"], "inf");
    EXPECT_TRUE(kernel["failures"].empty());

    calls = 0;
    const std::string table = run(verify({"--input", "normal"})).out;
    for (const char* part :
         {"relative error", "SQNR dB", "0.02", "38.00", "300", "inf", "2000", "not judged"})
        EXPECT_THAT(table, HasSubstr(part));
}

TEST_F(VerifyCli, NothingKnownIsNoZero) {
    m_script.efficiency = {{"silu_v2", 0.8}};
    const json report = json::parse(run(verify({"--input", "normal", "--json"})).out);
    EXPECT_TRUE(report[0]["relative_error"].is_null());
    EXPECT_TRUE(report[0]["sqnr_db"].is_null());
}

TEST_F(VerifyCli, FailuresAreToldWithTheirInput) {
    m_script.fail_verification = {"silu_v3"};
    test::Outcome o = run(verify({"--input", "adversarial"}));
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.out, HasSubstr("silu_v3, adversarial input: verification failed: expert 0"));
    o = run(verify({"--json"}));
    EXPECT_EQ(o.status, 1);
    const json report = json::parse(o.out);
    ASSERT_EQ(report.size(), 4U);
    for (const json& kernel : report) {
        EXPECT_EQ(kernel["failures"].size(), kernel["id"] == "silu_v3" ? 2U : 0U);
        EXPECT_EQ(kernel["failed"], kernel["failures"].size());
    }
}

TEST_F(VerifyCli, CtrlCEndsItWithWhatWasDone) {
    int calls = 0;
    m_script.before_verify = [&](InputKind, const std::stop_token& stop) {
        if (++calls != 4) return;
        ::kill(::getpid(), SIGINT);
        while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    const test::Outcome o = run(verify({"--json"}));
    EXPECT_EQ(o.status, 1);
    EXPECT_EQ(calls, 4);  // neither the other cells nor the other input
    EXPECT_THAT(o.err, HasSubstr("interrupted; 3 finished cells are reported"));
    const json report = json::parse(o.out);
    ASSERT_EQ(report.size(), 2U);
    EXPECT_EQ(report[0]["passed"], 2);
    EXPECT_EQ(report[1]["passed"], 1);
}

}  // namespace
}  // namespace moescope
