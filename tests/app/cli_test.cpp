// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <nlohmann/json.hpp>

#include "cli_fixture.h"
#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"

namespace moescope {
namespace {

using nlohmann::json;
using test::Cli;
using test::Outcome;
using ::testing::HasSubstr;

TEST_F(Cli, ListsAreArraysWithIds) {
    for (const char* command : {"devices", "kernels", "presets"}) {
        const Outcome o = run({command, "--json"});
        EXPECT_EQ(o.status, 0);
        const json list = json::parse(o.out);
        ASSERT_TRUE(list.is_array());
        ASSERT_FALSE(list.empty());
        for (const json& item : list) EXPECT_TRUE(item.contains("id")) << command;
        EXPECT_EQ(run({command}).status, 0);
    }
}

TEST_F(Cli, PlanOfTheSeedPreset) {
    const Outcome o = run({"plan", "--preset", "seed", "--json", "--counts"});
    EXPECT_EQ(o.status, 0);
    const json plan = json::parse(o.out);
    ASSERT_EQ(plan["cases"].size(), 63U);
    for (const json& c : plan["cases"]) {
        std::int64_t total = 0;
        for (const json& n : c["tokens_per_expert"]) total += n.get<std::int64_t>();
        EXPECT_EQ(total, c["total_tokens"].get<std::int64_t>());
    }
    EXPECT_THAT(run({"plan", "--preset", "seed"}).out, HasSubstr("63 cases x 2 kernels, peak memory 9.5 GB"));
}

TEST_F(Cli, FlagsOverrideAPresetsAxes) {
    const json plan = json::parse(
        run({"plan", "--preset", "seed", "--experts", "8", "--total-tokens", "64,128", "--json"}).out);
    EXPECT_EQ(plan["cases"].size(), 6U);
}

TEST_F(Cli, InputTypesAreAnAxis) {
    EXPECT_EQ(run(small({"--input-type", "bf16,fp16", "--kernels", "silu_v2", "--out", m_out})).status, 0);
    const Session session = load_session(m_out);
    ASSERT_EQ(session.results.size(), 6U);
    EXPECT_EQ(session.results.front().c.shape.input_type, InputType::bf16);
    EXPECT_EQ(session.results.back().c.shape.input_type, InputType::fp16);
    m_script.input_types = {InputType::bf16};
    const json plan = json::parse(run({"plan", "--preset", "quick", "--input-type", "fp16", "--json"}).out);
    for (const json& c : plan["cases"]) EXPECT_EQ(c["input_type"], "fp16");
    EXPECT_THAT(run({"plan", "--preset", "quick", "--input-type", "fp16"}).out,
                HasSubstr("silu_v3 does not read fp16 input"));
    EXPECT_EQ(json::parse(run({"kernels", "--json"}).out)[0]["input_types"], json::array({"bf16"}));
}

TEST_F(Cli, SweepWritesSessionCsvAndMarkdown) {
    const Outcome o = run(small(
        {"--out", m_out, "--csv", m_dir.file("a.csv"), "--markdown", m_dir.file("a.md"), "--name", "mine"}));
    EXPECT_EQ(o.status, 0) << o.err;
    const Session session = load_session(m_out);
    EXPECT_EQ(session.results.size(), 6U);
    EXPECT_EQ(session.name, "mine");
    EXPECT_THAT(test::read(m_dir.file("a.csv")), HasSubstr("silu_v3"));
    EXPECT_THAT(test::read(m_dir.file("a.md")), HasSubstr("silu_v3"));
    EXPECT_THAT(o.out, HasSubstr("silu_v2: efficiency 0.8"));
    EXPECT_EQ(m_dir.names(),
              (std::vector<std::string>{"a.csv", "a.md", "a.moescope.json", "stderr", "stdout"}));
}

TEST_F(Cli, SpecOfASessionRunsAgain) {
    run(small({"--out", m_out}));
    const json session = json::parse(test::read(m_out));
    const std::string spec = m_dir.write("spec.json", session["spec"].dump());
    const Outcome o = run({"plan", "--spec", spec, "--json"});
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(json::parse(o.out)["cases"].size(), 3U);
}

TEST_F(Cli, ProgressIsPlainInALogAndJsonOnRequest) {
    EXPECT_THAT(run(small()).err, HasSubstr("[6/6] "));
    EXPECT_EQ(run(small({"--progress", "none"})).err.find("[6/6]"), std::string::npos);
    const Outcome o = run(small({"--progress", "json"}));
    std::istringstream lines(o.out);
    int results = 0;
    json last;
    for (std::string line; std::getline(lines, line);) {
        last = json::parse(line);
        results += last["event"] == "result" ? 1 : 0;
    }
    EXPECT_EQ(results, 6);
    EXPECT_EQ(last["done"], 6);
    EXPECT_EQ(last["total"], 6);
}

TEST_F(Cli, ReportsWhatItWasMeasuredUnder) {
    m_script.telemetry = [] {
        return TelemetryReading{.sm_clock_mhz = 1980.0, .reasons = {"power_cap"}, .cost_us = 150.0};
    };
    const Outcome o = run(small({"--out", m_out, "--csv", m_dir.file("a.csv"), "--markdown",
                                 m_dir.file("a.md"), "--retry-throttled", "1"}));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.err,
                HasSubstr("stream41 3000.0 GB/s, launch floor 1.000 us; at the end 3000.0 GB/s (+0.00 %)"));
    EXPECT_THAT(o.err, HasSubstr("readings, 150 us each"));
    EXPECT_THAT(o.err, HasSubstr("6 of 6 cells are flagged (power_cap 6)"));
    EXPECT_THAT(o.err, HasSubstr("[12/12]"));  // each once more
    EXPECT_THAT(o.out, HasSubstr("ok (flagged: power_cap)"));
    EXPECT_THAT(test::read(m_dir.file("a.csv")), HasSubstr("telemetry.flagged,telemetry.flags"));
    EXPECT_THAT(test::read(m_dir.file("a.csv")), HasSubstr("true,power_cap,1,"));
    EXPECT_THAT(test::read(m_dir.file("a.md")), HasSubstr("ok (power_cap)"));
    const Session session = load_session(m_out);
    EXPECT_EQ(session.results.size(), 6U);
    EXPECT_DOUBLE_EQ(*session.environment.clocks.sm_mhz, 1980.0);
    EXPECT_DOUBLE_EQ(*session.peaks.measured_end_gbps, 3000.0);
    // The retry is used up; a second one is there for the asking.
    EXPECT_EQ(run({"sweep", "--resume", m_out, "--retry-throttled", "1"}).err.find("[6/6]"),
              std::string::npos);
    m_script.telemetry = [] { return TelemetryReading{.sm_clock_mhz = 1980.0}; };
    const Outcome again = run({"sweep", "--resume", m_out, "--retry-throttled", "2"});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(again.out.find("flagged"), std::string::npos);
    EXPECT_EQ(load_session(m_out).results.size(), 6U);
}

TEST_F(Cli, LaunchesFromTheHost) {
    EXPECT_EQ(run(small({"--launch", "host", "--out", m_out})).status, 0);
    const Session session = load_session(m_out);
    EXPECT_EQ(session.spec.launch, LaunchMode::host);
    for (const Result& r : session.results) EXPECT_EQ(r.launch, LaunchMode::host);
    EXPECT_DOUBLE_EQ(*session.peaks.launch_floor_us, 8.0);
    expect_refused(small({"--launch", "stream"}), {"stream", "graph, host or pdl"});
}

TEST_F(Cli, WarnsOfDrift) {
    double speed = 1.0;
    m_script.speed = [&] { return speed; };
    m_script.before_sample = [&] { speed = 0.9; };
    EXPECT_THAT(run(small()).err, HasSubstr("warning: stream41's bandwidth drifted by -10.0 %"));
}

TEST_F(Cli, FailedCellsExitWithOne) {
    m_script.fail_verification = {"silu_v3"};
    const Outcome o = run(small({"--out", m_out}));
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.err, HasSubstr("3 of 6 cells failed"));
    EXPECT_EQ(load_session(m_out).results.size(), 6U);
    const Outcome v = run(
        {"verify", "--experts", "8", "--max-tokens", "64", "--hidden", "256", "--tokens-per-expert", "1,8"});
    EXPECT_EQ(v.status, 1);
    EXPECT_THAT(v.out, HasSubstr("failed: E=8"));
}

TEST_F(Cli, ResumeRunsTheFailedAndTheMissing) {
    m_script.fail_verification = {"silu_v3"};
    EXPECT_EQ(run(small({"--out", m_out})).status, 1);
    m_script.fail_verification.clear();
    const Outcome o = run({"sweep", "--resume", m_out});
    EXPECT_EQ(o.status, 0) << o.err;
    const Session session = load_session(m_out);
    EXPECT_EQ(session.results.size(), 6U);
    for (const Result& r : session.results) EXPECT_EQ(r.status, Status::ok);
    EXPECT_EQ(run({"sweep", "--resume", m_out}).status, 0);  // nothing left to do is fine
}

TEST_F(Cli, ResumeRefusesAnotherSelectionOrDevice) {
    run(small({"--out", m_out}));
    expect_refused({"sweep", "--resume", m_out, "--experts", "9", "--max-tokens", "64", "--hidden", "256",
                    "--tokens-per-expert", "1"},
                   {"differs", m_out});
    expect_refused({"sweep", "--resume", m_dir.file("none.json")}, {"none.json"});
    expect_refused({"sweep", "--resume", m_out, "--ci", "0.1"},
                   {"how to measure differs", "a.moescope.json"});
    m_dir.write("b.json.journal", "{\"session\n");
    expect_refused(small({"--out", m_dir.file("b.json")}), {"b.json.journal", "delete it or choose another"});
    EXPECT_EQ(run(small({"--resume", m_dir.file("fresh.json")})).status,
              0);  // with a selection: a fresh start
    EXPECT_EQ(load_session(m_dir.file("fresh.json")).results.size(), 6U);
}

TEST_F(Cli, InterruptKeepsWhatIsDone) {
    int samples = 0;
    m_script.before_sample = [&] {
        if (++samples == 100) kill(getpid(), SIGINT);
        if (samples > 100) usleep(1000);  // until the waiting thread has seen it
    };
    const Outcome o = run(small({"--out", m_out}));
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.err, HasSubstr("interrupted"));
    const std::size_t kept = load_session(m_out).results.size();
    EXPECT_GT(kept, 0U);
    EXPECT_LT(kept, 6U);
    m_script.before_sample = {};
    EXPECT_EQ(run({"sweep", "--resume", m_out}).status, 0);
    EXPECT_EQ(load_session(m_out).results.size(), 6U);
}

TEST_F(Cli, ShardsMakeUpTheWhole) {
    std::size_t cells = 0;
    for (const char* part : {"1/2", "2/2"}) {
        const std::string path = m_dir.file(std::string("part") + part[0] + ".json");
        EXPECT_EQ(run(small({"--out", path, "--shard", part})).status, 0);
        const Session session = load_session(path);
        EXPECT_EQ(session.spec.shard, part);
        cells += session.results.size();
        // Going on with a part is no sweep of the others.
        EXPECT_EQ(run({"sweep", "--resume", path}).status, 0);
        EXPECT_EQ(load_session(path).results.size(), session.results.size());
        expect_refused({"sweep", "--resume", path, "--shard", "1/3"}, {"differs"});
    }
    EXPECT_EQ(cells, 6U);
    EXPECT_EQ(run({"merge", m_dir.file("part1.json"), m_dir.file("part2.json"), "--out", m_out}).status, 0);
    EXPECT_EQ(load_session(m_out).results.size(), 6U);
    EXPECT_EQ(load_session(m_out).spec.shard, "");
    EXPECT_EQ(run({"sweep", "--resume", m_out, "--shard", "1/3"}).status, 0);
    EXPECT_EQ(load_session(m_out).spec.shard, "");
    for (const char* part : {"0/2", "3/2", "x", "1", "1/0", "1/2/3"})
        expect_refused(small({"--shard", part}), {part, "1/N"});
}

TEST_F(Cli, ExportsAfterwards) {
    run(small({"--out", m_out}));
    const Outcome csv = run({"export", m_out, "--csv", "-"});
    EXPECT_EQ(csv.status, 0);
    EXPECT_THAT(csv.out, ::testing::StartsWith("experts,max_tokens"));
    EXPECT_EQ(run({"export", m_out, "--json", m_dir.file("b.json")}).status, 0);
    EXPECT_EQ(test::read(m_dir.file("b.json")), test::read(m_out));
    expect_refused({"export", m_out}, {"--csv"});
    expect_refused({"export", m_out, "--csv", m_out}, {"--csv would replace", "which is read"});
    EXPECT_NO_THROW(load_session(m_out));
    expect_refused({"export", m_dir.file("none.json"), "--csv", "-"}, {"none.json"});
}

TEST_F(Cli, BadInputIsOneLineAndStatusTwo) {
    const auto sweep = [](std::vector<std::string> flags) {
        // What is not given is filled in.
        for (const auto& [flag, value] :
             {std::pair{"--max-tokens", "64"}, std::pair{"--tokens-per-expert", "1"}}) {
            if (std::find(flags.begin(), flags.end(), flag) == flags.end())
                flags.insert(flags.end(), {flag, value});
        }
        flags.insert(flags.begin(), "sweep");
        return flags;
    };
    expect_refused({}, {"no command"});
    expect_refused({"bogus"}, {"'bogus'", "sweep"});
    expect_refused({"sweep"}, {"nothing selected", "--preset"});
    expect_refused({"sweep", "--preset", "nope"}, {"'nope'", "seed"});
    expect_refused({"sweep", "--nope"}, {"--nope"});
    expect_refused({"sweep", "--preset"}, {"--preset"});
    expect_refused({"sweep", "--preset", "quick", "--device", "cuda:7"}, {"'cuda:7'", "fake:0"});
    expect_refused({"sweep", "--preset", "quick", "--kernels", "nope"}, {"'nope'", "silu_v2"});
    expect_refused({"sweep", "--preset", "quick", "--strategy", "nope"}, {"'nope'", "even"});
    expect_refused({"sweep", "--preset", "quick", "--progress", "nope"}, {"'nope'", "auto"});
    expect_refused({"sweep", "--preset", "quick", "--ci", "x"}, {"--ci"});
    expect_refused({"sweep", "--preset", "quick", "--ci", "0"}, {"ci"});
    expect_refused({"sweep", "--preset", "quick", "--min-samples", "-1"}, {"min-samples"});
    expect_refused({"sweep", "--preset", "quick", "--max-time", "nan"}, {"--max-time"});
    expect_refused({"sweep", "--preset", "quick", "--cache", "warm"}, {"'warm'"});
    expect_refused({"sweep", "--preset", "quick", "--scale-format", "fp16"}, {"'fp16'"});
    expect_refused({"sweep", "--preset", "quick", "--input-type", "fp32"}, {"'fp32'", "bf16 or fp16"});
    expect_refused({"sweep", "--preset", "quick", "--input-type", "bf16,"}, {"--input-type"});
    expect_refused({"sweep", "--preset", "quick", "--seed", "-1"}, {"--seed"});
    expect_refused({"sweep", "--preset", "quick", "--spec", "x"}, {"--preset", "--spec"});
    expect_refused({"sweep", "--spec", m_dir.file("none.json")}, {"none.json"});
    expect_refused(sweep({"--experts", "8", "--hidden", "200"}), {"hidden 200", "128 or 256"});
    expect_refused(sweep({"--experts", "8", "--hidden", "256", "--tokens-per-expert", "65"}),
                   {"at most 512", "--max-tokens"});
    expect_refused(sweep({"--experts", "-8", "--hidden", "256"}), {"--experts"});
    expect_refused(sweep({"--experts", "eight", "--hidden", "256"}), {"'eight'"});
    expect_refused(sweep({"--experts", "99999999999999999999999", "--hidden", "256"}), {"--experts"});
    expect_refused(sweep({"--experts", "4096", "--hidden", "7168", "--max-tokens", "65536"}),
                   {"of memory", "lower"});
    expect_refused(sweep({"--experts", "8", "--hidden", "256", "--group-size", "100"}),
                   {"group-size is 100"});
    expect_refused(small({"--out", m_dir.file("no/a.json")}), {"no/a.json", "directory"});
    expect_refused(small({"--csv", m_dir.file("no/a.csv")}), {"no/a.csv"});
    expect_refused(small({"--out", "-"}), {"--out"});
    expect_refused(small({"--out", ""}), {"--out is empty"});
    expect_refused(small({"--csv="}), {"--csv is empty"});
    expect_refused(small({"--out", m_out, "--csv", m_out}), {"--out and --csv", "a.moescope.json"});
    expect_refused(small({"--out", m_out, "--csv", m_dir.file("./a.moescope.json")}), {"--out and --csv"});
    expect_refused(small({"--csv", "-", "--markdown", "-"}), {"--csv and --markdown"});
    expect_refused(small({"--csv", "-", "--progress", "json"}), {"--progress json"});
    expect_refused({"export", m_dir.write("x.json", "{\"schema_version\": 2}"), "--csv", "-"}, {"newer"});
    expect_refused({"export", m_dir.write("x.json", "{\"a\": 1}"), "--csv", "-"}, {"not a moescope session"});
}

TEST_F(Cli, ARefusedSweepLeavesNothingBehind) {
    expect_refused(small({"--out", m_out, "--csv", m_dir.file("no/a.csv")}), {"no/a.csv"});
    expect_refused({"sweep", "--preset", "nope", "--out", m_out}, {"nope"});
    EXPECT_EQ(m_dir.names(), (std::vector<std::string>{"stderr", "stdout"}));
}

TEST_F(Cli, PlanTellsWhyNothingCanRun) {
    const Outcome o = run({"plan", "--experts", "8", "--max-tokens", "64", "--hidden", "200",
                           "--tokens-per-expert", "1", "--json"});
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("hidden 200"));
    EXPECT_THAT(json::parse(o.out)["cases"][0]["rejected"].get<std::string>(), HasSubstr("hidden 200"));
}

TEST_F(Cli, HelpAndVersion) {
    EXPECT_EQ(run({"--help"}).status, 0);
    EXPECT_THAT(run({"--version"}).out, HasSubstr("moescope "));
    EXPECT_THAT(run({"sweep", "--help"}).out, HasSubstr("--resume"));
}

}  // namespace
}  // namespace moescope
