// SPDX-License-Identifier: Apache-2.0

// compare, merge and import as users call them.

#include <nlohmann/json.hpp>

#include "cli_fixture.h"
#include "moescope/session/session_file.h"

namespace moescope {
namespace {

using nlohmann::json;
using test::Outcome;
using ::testing::HasSubstr;

class CompareCli : public test::Cli {
  protected:
    static std::string data(const std::string& name) { return std::string(MOESCOPE_TEST_DATA) + "/" + name; }
    static std::string h100(int sweep) {
        return data("h100-seed-" + std::to_string(sweep) + ".moescope.json");
    }
    /// A recording in which every second cell of silu_v2 takes `factor` as long.
    std::string slowed(int sweep, double factor) {
        Session s = load_session(h100(sweep));
        int index = 0;
        for (Result& r : s.results) {
            if (r.kernel != "silu_v2" || index++ % 2 == 0) continue;
            for (double& us : r.samples_us) us *= factor;
        }
        save_session(s, m_dir.file("slow.json"));
        return m_dir.file("slow.json");
    }
};

TEST_F(CompareCli, TwoSweepsOfOneBinaryRaiseNoAlarm) {
    const Outcome o = run({"compare", h100(1), h100(2), "--fail-on-regression"});
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.out, HasSubstr("126 cells, threshold 1 %: 0 FASTER, 0 SLOWER"));
    EXPECT_THAT(o.out, HasSubstr("geometric mean"));
    EXPECT_EQ(o.err, "");
}

TEST_F(CompareCli, AnotherDayAndAnotherPieceOfTheModelRaiseNoAlarm) {
    const Outcome o = run({"compare", h100(1), data("h100-seed-next-day.moescope.json")});
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.out, HasSubstr("another piece"));
    EXPECT_THAT(o.out, HasSubstr("0 FASTER, 0 SLOWER"));
}

TEST_F(CompareCli, ASlowDownIsNamedAndFailsTheJob) {
    const std::string slow = slowed(2, 1.04);
    EXPECT_EQ(run({"compare", h100(1), slow}).status, 0);
    const Outcome o = run({"compare", h100(1), slow, "--fail-on-regression"});
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.out, HasSubstr("31 SLOWER"));
    EXPECT_THAT(o.out, HasSubstr("SLOWER\n"));
    EXPECT_EQ(run({"compare", h100(1), slow, "--fail-on-regression", "--threshold", "6"}).status, 0);
}

TEST_F(CompareCli, ASessionAfterAnOutputFlagIsComparedAndNotReplaced) {
    std::vector<std::string> copies;
    for (int i = 1; i <= 3; ++i) {
        Session s = load_session(h100(i));
        s.results.resize(4);
        copies.push_back(m_dir.file("s" + std::to_string(i) + ".json"));
        save_session(s, copies.back());
    }
    const std::string before = test::read(copies[0]);
    for (const char* flag : {"--json", "--csv", "--markdown"}) {
        const Outcome o = run({"compare", flag, copies[0], copies[1], copies[2]});
        EXPECT_EQ(o.status, 0) << o.err;
        EXPECT_NE(o.out, "");
        EXPECT_EQ(test::read(copies[0]), before) << flag;
    }
    EXPECT_EQ(json::parse(run({"compare", "--json", copies[0], copies[1], copies[2]}).out).size(), 2U);
    expect_refused({"compare", copies[0], copies[1], "--json=" + copies[1]},
                   {"--json would replace", "s2.json"});
    expect_refused({"compare", copies[0], copies[1], "--json", "--csv"}, {"--json and --csv"});
}

TEST_F(CompareCli, ACellThatBrokeFailsTheJob) {
    Session s = load_session(h100(2));
    s.results[4].status = Status::failed;
    s.results[4].error = "verification failed: 3 codes";
    s.results[4].samples_us.clear();
    s.results[4].median_us.reset();
    save_session(s, m_dir.file("broken.json"));
    Outcome o = run({"compare", h100(1), m_dir.file("broken.json"), "--fail-on-regression"});
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.out, HasSubstr("verification failed: 3 codes"));
    EXPECT_THAT(o.out, HasSubstr("1 broken: ok in the base, failed in the other session"));
    EXPECT_EQ(run({"compare", h100(1), m_dir.file("broken.json")}).status, 0);
    o = run({"compare", m_dir.file("broken.json"), h100(1), "--fail-on-regression", "--json"});
    EXPECT_EQ(o.status, 0);  // mended, not broken
    EXPECT_EQ(json::parse(o.out)[0]["broken"], 0);
}

TEST_F(CompareCli, NothingInCommonIsNoAllClear) {
    Session s = load_session(h100(2));
    for (Result& r : s.results) r.c.seed = 7;
    save_session(s, m_dir.file("other.json"));
    Outcome o = run({"compare", h100(1), m_dir.file("other.json")});
    EXPECT_EQ(o.status, 0);
    EXPECT_THAT(o.out, HasSubstr("warning: nothing was compared"));
    EXPECT_THAT(o.out, HasSubstr("126 only in the base, 126 only in the other session"));
    EXPECT_LT(std::count(o.out.begin(), o.out.end(), '\n'), 15);  // and no row for each of them
    EXPECT_THAT(run({"compare", h100(1), m_dir.file("other.json"), "--all"}).out,
                HasSubstr("only in the base\n"));
    o = run({"compare", h100(1), m_dir.file("other.json"), "--fail-on-regression"});
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("no regression can be ruled out"));
}

TEST_F(CompareCli, JsonAloneGoesToStandardOutput) {
    const Outcome o = run({"compare", h100(1), h100(2), h100(3), "--json", "-", "--metric", "bandwidth",
                           "--csv", m_dir.file("a.csv"), "--markdown", m_dir.file("a.md")});
    EXPECT_EQ(o.status, 0);
    const json list = json::parse(o.out);
    ASSERT_EQ(list.size(), 2U);
    EXPECT_THAT(list[0]["other"].get<std::string>(), HasSubstr("h100-seed-2"));  // their names are alike
    EXPECT_THAT(list[1]["other"].get<std::string>(), HasSubstr("h100-seed-3"));
    EXPECT_EQ(list[1]["metric"], "bandwidth");
    EXPECT_EQ(list[1]["rows"].size(), 126U);
    EXPECT_THAT(test::read(m_dir.file("a.csv")), HasSubstr("ratio_ci95.low"));
    EXPECT_THAT(test::read(m_dir.file("a.md")), HasSubstr("| kernel | group |"));
}

TEST_F(CompareCli, OutputsNeedNoFileName) {
    EXPECT_EQ(json::parse(run({"compare", h100(1), h100(2), "--json"}).out).size(), 1U);
    EXPECT_EQ(json::parse(run({"compare", "--json", h100(1), h100(2)}).out).size(), 1U);
    EXPECT_THAT(run({"compare", h100(1), h100(2), "--csv", "--fail-on-regression"}).out,
                ::testing::StartsWith("base,other,"));
    EXPECT_THAT(run({"compare", h100(1), h100(2), "--markdown"}).out, ::testing::StartsWith("## "));
}

TEST_F(CompareCli, RepetitionsOfEitherSide) {
    const json of_base =
        json::parse(run({"compare", h100(1), h100(3), "--base-also", h100(2), "--json", "-"}).out);
    ASSERT_EQ(of_base.size(), 1U);
    EXPECT_EQ(of_base[0]["base_sessions"], 2);
    const json of_other =
        json::parse(run({"compare", h100(1), h100(2), h100(3), "--repetitions", "--json", "-"}).out);
    ASSERT_EQ(of_other.size(), 1U);
    EXPECT_EQ(of_other[0]["other_sessions"], 2);

    ASSERT_EQ(run({"merge", h100(2), h100(3), "--out", m_out}).status, 0);
    const json of_merged = json::parse(run({"compare", h100(1), m_out, "--json", "-"}).out);
    EXPECT_EQ(of_merged[0]["rows"][0]["ratio_ci95"], of_other[0]["rows"][0]["ratio_ci95"]);
}

TEST_F(CompareCli, KernelsOfDifferentNames) {
    ASSERT_EQ(run(small({"--kernels", "silu_v2,silu_v3", "--out", m_out})).status, 0);
    const json list =
        json::parse(run({"compare", m_out, m_out, "--kernel-map", "silu_v2=silu_v3", "--json", "-"}).out);
    bool found = false;
    for (const json& row : list[0]["rows"]) {
        if (row["base_kernel"] != "silu_v2") continue;
        found = true;
        EXPECT_EQ(row["other_kernel"], "silu_v3");
        EXPECT_LT(row["ratio"].get<double>(), 1.0);
    }
    EXPECT_TRUE(found);
}

TEST_F(CompareCli, ImportMergesAndCompares) {
    const Outcome o = run({"import", data("vllm-log.txt"), "--format", "vllm-log", "--out", m_out});
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.out, HasSubstr("18 results, timed from the host"));
    const Outcome compared = run({"compare", m_out, h100(1)});
    EXPECT_EQ(compared.status, 0);
    EXPECT_THAT(compared.out, HasSubstr("9 UNSURE, 126 not compared"));
    EXPECT_THAT(compared.out, HasSubstr("one side was imported"));
    EXPECT_EQ(run({"export", m_out, "--markdown", "-"}).status, 0);
}

TEST_F(CompareCli, BadInputIsOneLine) {
    const std::string bad = m_dir.write("bad.json", "{");
    const std::string empty = m_dir.write("empty.json", R"({"schema_version": 1, "results": []})");
    expect_refused({"compare"}, {"base"});
    expect_refused({"compare", h100(1)}, {"others"});
    expect_refused({"compare", h100(1), m_dir.file("none.json")}, {"none.json"});
    expect_refused({"compare", h100(1), bad}, {"bad.json", "not valid JSON"});
    expect_refused({"compare", h100(1), empty}, {"empty.json", "no results"});
    expect_refused({"compare", h100(1), h100(2), "--metric", "speed"}, {"speed", "bandwidth"});
    expect_refused({"compare", h100(1), h100(2), "--threshold", "0"}, {"threshold 0"});
    expect_refused({"compare", h100(1), h100(2), "--threshold", "x"}, {"threshold"});
    expect_refused({"compare", h100(1), h100(2), "--kernel-map", "silu_v2"}, {"silu_v2", "BASE=OTHER"});
    expect_refused({"compare", h100(1), h100(2), "--kernel-map", "nope=silu_v2"}, {"no kernel 'nope'"});
    expect_refused({"compare", h100(1), h100(2), "--json", m_dir.file("no/where.json")}, {"where.json"});
    expect_refused({"merge", h100(1), "--out", m_out}, {"two sessions"});
    expect_refused({"merge", h100(1), h100(2)}, {"--out"});
    expect_refused({"merge", h100(1), bad, "--out", m_out}, {"bad.json"});
    expect_refused({"merge", h100(1), h100(2), "--out", m_dir.file("no/where.json")}, {"where.json"});
    expect_refused({"import", bad, "--format", "vllm-log", "--out", m_out}, {"bad.json", "Completed"});
    expect_refused({"import", bad, "--format", "other", "--out", m_out}, {"other", "vllm-log"});
    expect_refused({"import", m_dir.file("none.log"), "--format", "vllm-log", "--out", m_out}, {"none.log"});
    EXPECT_FALSE(std::filesystem::exists(m_out));
}

}  // namespace
}  // namespace moescope
