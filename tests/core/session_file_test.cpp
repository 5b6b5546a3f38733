// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/session_file.h"

#include <nlohmann/json.hpp>

#include "support.h"

namespace moescope {
namespace {

using test::expect_error;
using test::small_selection;
using test::swept_session;
using test::TemporaryDirectory;

TEST(SessionFile, RoundTripsByteForByte) {
    Session session = swept_session(small_selection({8, 65}), {.fail_verification = {"silu_v3"}});
    session.notes = "quotes \" and \u00fcml\u00e4ute";
    const std::string text = session_to_json(session);
    EXPECT_EQ(session_to_json(session_from_json(text, "x")), text);
}

TEST(SessionFile, HasTheContractsFields) {
    const auto document = nlohmann::json::parse(session_to_json(swept_session(small_selection())));
    for (const char* field :
         {"schema_version", "name", "created", "tool", "environment", "peaks", "spec", "results"}) {
        EXPECT_TRUE(document.contains(field)) << field;
    }
    for (const char* field : {"device", "driver", "cuda", "host", "os", "compiler"})
        EXPECT_TRUE(document["environment"].contains(field)) << field;
    const auto& result = document["results"][0];
    for (const char* field :
         {"experts", "max_tokens",      "hidden",     "group_size", "total_tokens", "strategy",
          "seed",    "scale_format",    "input_type", "kernel",     "cache",        "status",
          "error",   "samples_us",      "median_us",  "ci95_us",    "stop_reason",  "gflops",
          "gbps",    "percent_of_peak", "efficiency", "load",       "verification", "telemetry"}) {
        EXPECT_TRUE(result.contains(field)) << field;
    }
}

TEST(SessionFile, UnknownFieldsSurvive) {
    auto document = nlohmann::ordered_json::parse(session_to_json(swept_session(small_selection({8}))));
    document["future"] = {{"a", 1}};
    document["environment"]["future"] = "e";
    document["spec"]["future"] = "s";
    document["results"][1]["future"] = {1, 2, 3};
    document["results"][0]["telemetry"] = {{"sm_clock_mhz", 1980}};
    const auto again = nlohmann::json::parse(session_to_json(session_from_json(document.dump(), "x")));
    EXPECT_EQ(again["future"]["a"], 1);
    EXPECT_EQ(again["environment"]["future"], "e");
    EXPECT_EQ(again["spec"]["future"], "s");
    EXPECT_EQ(again["results"][1]["future"], (nlohmann::json{1, 2, 3}));
    EXPECT_EQ(again["results"][0]["telemetry"]["sm_clock_mhz"], 1980);
}

TEST(SessionFile, BracketsWithoutEndAreRefused) {
    const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
    const auto fails = [&](const std::string& text, const std::string& what) {
        expect_error([&] { session_from_json(text, "deep.json"); }, {"deep.json", what});
    };
    fails(deep, "nested over 64 levels");
    fails("{\"schema_version\": 1, \"x\": " + deep + "}", "nested over 64 levels");
    fails(std::string(200'000, '['), "nested over 64 levels");
    const auto document = nlohmann::ordered_json::parse(session_to_json(swept_session(small_selection({8}))));
    std::string text = document.dump();  // brackets in a text are none
    text.insert(1, "\"x\": \"\\\"" + deep + "\", ");
    EXPECT_NE(session_to_json(session_from_json(text, "x")).find(deep), std::string::npos);
    const TemporaryDirectory dir;
    expect_error([&] { load_selection(dir.write("s.json", "{\"x\": " + deep + "}")); }, {"s.json", "nested"});
    expect_error([&] { read_counts_file(dir.write("c.json", deep)); }, {"c.json", "nested"});
}

TEST(SessionFile, WholeNumbersThatDoNotFitAreRefused) {
    auto document = nlohmann::ordered_json::parse(session_to_json(swept_session(small_selection({8}))));
    document["results"][0]["seed"] = -1;
    expect_error([&] { session_from_json(document.dump(), "x"); }, {"results[0]", "'seed' is -1"});
    document["results"][0]["seed"] = 18446744073709551615ULL;
    EXPECT_EQ(session_from_json(document.dump(), "x").results[0].c.seed, 18446744073709551615ULL);
    document["results"][0]["launches_per_sample"] = 5'000'000'000;
    expect_error([&] { session_from_json(document.dump(), "x"); }, {"launches_per_sample", "out of range"});
}

/// Large enough to be read line by line.
Session large_session() {
    Session session = swept_session(small_selection({8, 65}));
    const std::vector<Result> once = session.results;
    while (session.results.size() < 5000) {
        session.results.insert(session.results.end(), once.begin(), once.end());
        session.results.back().c.total_tokens = static_cast<std::int64_t>(session.results.size());
        session.results.back().error = "a line\nbreak, a \"quote\",";
    }
    return session;
}

TEST(SessionFile, LargeSessionsReadTheSameHoweverTheyAreLaidOut) {
    Session session = large_session();
    session.notes = "\n  \"results\": [\n";
    const std::string text = session_to_json(session);
    EXPECT_EQ(session_to_json(session_from_json(text, "x")), text) << "one result a line";
    const auto document = nlohmann::ordered_json::parse(text);
    EXPECT_EQ(session_to_json(session_from_json(document.dump(), "x")), text) << "all in one line";
    EXPECT_EQ(session_to_json(session_from_json(document.dump(1), "x")), text) << "one value a line";
}

TEST(SessionFile, AnErrorInALargeSessionNamesTheResult) {
    const std::string text = session_to_json(large_session());
    std::string wrong = text;
    const std::size_t line = wrong.find("\n", wrong.find("\n", wrong.size() / 2) + 1);
    const std::size_t kernel = wrong.find("\"kernel\"", line);
    ASSERT_NE(kernel, std::string::npos);
    wrong.replace(kernel, 8, "\"kernol\"");
    expect_error([&] { session_from_json(wrong, "big.json"); },
                 {"big.json: results[", "'kernel' is missing"});
    expect_error([&] { session_from_json(text.substr(0, text.size() / 2), "half.json"); },
                 {"half.json", "not valid JSON"});
    std::string nested = "{\"schema_version\": 1, \"inner\": " + text + "}";
    EXPECT_TRUE(session_from_json(nested, "x").results.empty()) << "results of another object are not ours";
}

TEST(SessionFile, BadFilesAreOneClearError) {
    const TemporaryDirectory dir;
    const std::string good = session_to_json(swept_session(small_selection({8})));
    const auto load = [&](const std::string& content) {
        return [path = dir.write("s.json", content)] { load_session(path); };
    };
    for (const std::size_t length : {std::size_t{0}, std::size_t{1}, good.size() / 2, good.size() - 3}) {
        expect_error(load(good.substr(0, length)), {"s.json", "not valid JSON"});
    }
    expect_error(load("{}"), {"s.json", "not a moescope session"});
    expect_error(load("[]"), {"not a moescope session"});
    expect_error(load("\x89PNG\r\n"), {"not valid JSON"});
    const auto with = [&](const char* pointer, nlohmann::json value) {
        auto document = nlohmann::json::parse(good);
        document[nlohmann::json::json_pointer(pointer)] = std::move(value);
        return load(document.dump());
    };
    expect_error(with("/schema_version", 2), {"schema version 2", "newer", "update"});
    expect_error(with("/schema_version", "one"), {"schema_version"});
    expect_error(with("/schema_version", 0), {"does not exist"});
    expect_error(with("/results", 3), {"results"});
    expect_error(with("/results/0", 3), {"results[0]"});
    expect_error(with("/results/0/samples_us", "x"), {"results[0]", "samples_us"});
    expect_error(with("/results/0/samples_us/0", "x"), {"samples_us"});
    expect_error(with("/results/0/median_us", "fast"), {"median_us"});
    expect_error(with("/results/0/ci95_us", {1}), {"ci95_us"});
    expect_error(with("/results/0/status", "fine"), {"fine"});
    expect_error(with("/results/0/cache", "tepid"), {"tepid"});
    expect_error(with("/results/0/strategy", "odd"), {"odd"});
    expect_error(with("/results/0/group_size", 0), {"group_size"});
    expect_error(with("/results/0/hidden", -128), {"hidden"});
    expect_error(with("/spec/experts", {"x"}), {"experts"});
    expect_error([&] { load_session(dir.file("none.json")); }, {"none.json", "cannot read"});
    expect_error([&] { load_session("/"); }, {"directory"});
}

TEST(SessionFile, SaveLeavesNothingHalfWritten) {
    const TemporaryDirectory dir;
    const Session session = swept_session(small_selection({8}));
    save_session(session, dir.file("s.json"));
    EXPECT_EQ(dir.names(), (std::vector<std::string>{"s.json"}));
    expect_error([&] { save_session(session, dir.file("no/s.json")); }, {"no/s.json", "no directory"});
    std::filesystem::create_directory(dir.file("d"));
    expect_error([&] { save_session(session, dir.file("d")); }, {"directory"});
    expect_error([&] { check_writable(""); }, {"empty"});
    check_writable(dir.file("new.json"));
    EXPECT_EQ(dir.names(), (std::vector<std::string>{"d", "s.json"}));
}

TEST(SessionFile, AnInfiniteScaleErrorIsKept) {
    test::TemporaryDirectory dir;
    Session session = test::swept_session(test::small_selection({1}));
    session.results[0].verification.max_scale_error = std::numeric_limits<double>::infinity();
    session.results[0].verification.unjudged_codes = 7;
    session.results[1].verification.max_scale_error = 0.25;
    save_session(session, dir.file("a.json"));
    Session back = load_session(dir.file("a.json"));
    EXPECT_TRUE(std::isinf(back.results[0].verification.max_scale_error));
    EXPECT_EQ(back.results[0].verification.unjudged_codes, 7);
    EXPECT_EQ(back.results[1].verification.max_scale_error, 0.25);

    // Earlier versions wrote null for it, and nothing of what was not verified.
    std::string text = test::read(dir.file("a.json"));
    const std::size_t at = text.find("\"inf\"");
    ASSERT_NE(at, std::string::npos) << text.substr(0, 200);
    text.replace(at, 5, "null");
    back = load_session(dir.write("b.json", text));
    EXPECT_TRUE(std::isinf(back.results[0].verification.max_scale_error));
    text.replace(at, 4, "\"no\"");
    test::expect_error([&] { load_session(dir.write("c.json", text)); }, {"max_scale_error", "inf"});
}

}  // namespace
}  // namespace moescope
