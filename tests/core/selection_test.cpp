// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/selection.h"
#include "moescope/measurement/fake_backend.h"
#include "moescope/measurement/plan.h"

#include "support.h"

namespace moescope {
namespace {

using test::expect_error;
using test::TemporaryDirectory;

TEST(Selection, JsonRoundTrips) {
    Selection s = test::small_selection();
    s.kernels = {"silu_v2"};
    s.scale_formats = {ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    s.cache = CacheSelection::both;
    s.seed = 18446744073709551615ULL;
    s.measure = {1.5, 7, 70, 2.5};
    EXPECT_EQ(selection_from_json(selection_to_json(s), "x"), s);
    s.total_tokens = s.tokens_per_expert;
    s.tokens_per_expert.clear();
    EXPECT_EQ(selection_from_json(selection_to_json(s), "x"), s);
}

TEST(Selection, AxesMayBeTextOrNumbers) {
    const Selection s = selection_from_json(
        R"({"experts": "8:32:*2", "hidden": 256, "max_tokens": [64], "strategies": "even,uniform"})", "x");
    EXPECT_EQ(s.experts, (std::vector<std::int64_t>{8, 16, 32}));
    EXPECT_EQ(s.hidden, (std::vector<std::int64_t>{256}));
    EXPECT_EQ(s.strategies.size(), 2U);
}

TEST(Selection, ExplicitCasesNeedNoAxes) {
    const std::string text = R"({"cases": [
        {"experts": 8, "max_tokens": 64, "hidden": 256, "group_size": 128, "total_tokens": 100, "strategy": "even"},
        {"experts": 3, "max_tokens": 16, "hidden": 512, "group_size": 64, "total_tokens": 7, "strategy": "zipf:1",
         "scale_format": "ue8m0-packed", "seed": 9}]})";
    const Selection s = selection_from_json(text, "spec");
    ASSERT_EQ(s.cases.size(), 2U);
    EXPECT_EQ(s.cases[1].shape.group_size, 64);
    EXPECT_EQ(s.cases[1].seed, 9U);
    EXPECT_EQ(selection_from_json(selection_to_json(s), "again"), s);

    const auto backend = make_fake_backend({});
    const Plan plan = make_plan(s, backend->device(), backend->kernels());
    ASSERT_EQ(plan.cases.size(), 2U);
    EXPECT_EQ(plan.accepted_cases(), 2);
    EXPECT_EQ(plan.cases[0].c, s.cases[0]);

    Selection both = s;
    both.experts = {4};
    EXPECT_THROW(make_plan(both, backend->device(), backend->kernels()), Error);  // half an axis product
}

TEST(Selection, BadCasesAreNamed) {
    const auto message = [](const std::string& fields) -> std::string {
        try {
            selection_from_json("{\"cases\": [{" + fields + "}]}", "spec");
        } catch (const Error& e) {
            return e.what();
        }
        return "no error";
    };
    const std::string shape = R"("experts": 8, "max_tokens": 64, "hidden": 256, "group_size": 128)";
    EXPECT_THAT(message(shape), testing::HasSubstr("cases[0]: field 'total_tokens' is missing"));
    EXPECT_THAT(message(shape + R"(, "total_tokens": 1, "strategy": "even", "color": 3)"),
                testing::HasSubstr("unknown field 'color'"));
    EXPECT_THAT(message(R"("experts": 8, "max_tokens": 64, "hidden": 100, "group_size": 128)"),
                testing::HasSubstr("cases[0]"));
}

TEST(Selection, UnknownFieldsAreKeptInSessionsAndRefusedInSpecFiles) {
    const std::string text = R"({"experts": [8], "future": {"a": [1, 2]}})";
    const Selection s = selection_from_json(text, "x");
    EXPECT_THAT(selection_to_json(s), ::testing::HasSubstr("future"));
    const TemporaryDirectory dir;
    expect_error([&] { load_selection(dir.write("spec.json", text)); }, {"spec.json", "'future'", "experts"});
}

TEST(Selection, SavedFileLoads) {
    const TemporaryDirectory dir;
    save_selection(test::small_selection(), dir.file("s.json"));
    EXPECT_EQ(load_selection(dir.file("s.json")), test::small_selection());
    EXPECT_EQ(dir.names(), (std::vector<std::string>{"s.json"}));
}

TEST(Selection, BadFilesNameFileAndField) {
    const TemporaryDirectory dir;
    const auto load = [&](const char* content) {
        return [path = dir.write("bad.json", content)] { load_selection(path); };
    };
    expect_error(load("{\"experts\": [8"), {"bad.json", "not valid JSON"});
    expect_error(load("[1]"), {"bad.json", "object"});
    expect_error(load("{\"experts\": [8.5]}"), {"bad.json", "experts", "8.5"});
    expect_error(load("{\"experts\": \"a\"}"), {"bad.json", "experts"});
    expect_error(load("{\"seed\": \"x\"}"), {"bad.json", "seed"});
    expect_error(load("{\"strategies\": [\"foo\"]}"), {"foo"});
    expect_error(load("{\"cache\": \"warm\"}"), {"warm", "cold, hot or both"});
    expect_error(load("{\"scale_formats\": [\"fp16\"]}"), {"fp16"});
    expect_error([&] { load_selection(dir.file("none.json")); }, {"none.json"});
}

}  // namespace
}  // namespace moescope
