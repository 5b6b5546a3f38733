// SPDX-License-Identifier: Apache-2.0
// The input type on its way through core: selection, plan, session, CSV, comparison. What knows nothing of it
// means bf16.
#include <nlohmann/json.hpp>

#include "moescope/analysis/comparison.h"
#include "moescope/analysis/comparison_report.h"
#include "moescope/session/export.h"
#include "moescope/session/json_parts.h"
#include "moescope/session/merge.h"
#include "moescope/session/session_file.h"
#include "support.h"

namespace moescope {
namespace {

using nlohmann::json;
using test::expect_error;
using test::plan_on_fake;
using test::small_selection;
using test::swept_session;
using testing::HasSubstr;
using testing::Not;

const std::vector<InputType> kBoth{InputType::bf16, InputType::fp16};

Selection both_types() {
    Selection s = small_selection({8});
    s.strategies = {parse_strategy("even")};
    s.input_types = kBoth;
    return s;
}

TEST(InputTypes, NamesAndNothingElse) {
    for (const InputType type : kBoth) EXPECT_EQ(parse_input_type(to_string(type)), type);
    expect_error([] { parse_input_type("fp32"); }, {"input type 'fp32'", "bf16 or fp16"});
    expect_error([] { parse_input_type(""); }, {"bf16 or fp16"});
}

TEST(InputTypes, SelectionsRoundTripAndMeanBf16WhereTheySayNothing) {
    const Selection s = both_types();
    EXPECT_EQ(selection_from_json(selection_to_json(s), "x"), s);
    EXPECT_EQ(selection_from_json(R"({"experts": [8]})", "x").input_types,
              (std::vector<InputType>{InputType::bf16}));
    EXPECT_EQ(selection_from_json(R"({"input_type": "fp16"})", "x").input_types,
              (std::vector<InputType>{InputType::fp16}));
    EXPECT_EQ(selection_from_json(R"({"input_type": ["fp16", "bf16"]})", "x").input_types,
              (std::vector<InputType>{InputType::fp16, InputType::bf16}));
    expect_error([] { selection_from_json(R"({"input_type": ["half"]})", "spec"); },
                 {"half", "bf16 or fp16"});
}

TEST(InputTypes, CasesRoundTripAndKeepTheirOldKeys) {
    Case c = plan_on_fake(small_selection({8})).cases.front().c;
    EXPECT_EQ(case_key(c), "E8,T64,H256,G128,fp32,n64,even,s42");  // as in sessions of before
    EXPECT_THAT(case_label(c), Not(HasSubstr("bf16")));
    EXPECT_EQ(case_from_json(case_to_json(c)), c);
    json old = json::parse(case_to_json(c));
    EXPECT_EQ(old["input_type"], "bf16");
    old.erase("input_type");
    EXPECT_EQ(case_from_json(old.dump()), c);

    const std::string key = case_key(c);
    c.shape.input_type = InputType::fp16;
    EXPECT_NE(case_key(c), key);
    EXPECT_THAT(case_label(c), testing::EndsWith(" fp16"));
    EXPECT_EQ(case_from_json(case_to_json(c)), c);
    old["input_type"] = "fp8";
    expect_error([&] { case_from_json(old.dump()); }, {"fp8"});
}

TEST(InputTypes, ArePlannedOneAfterTheOther) {
    Selection s = both_types();
    s.experts = {4, 8};
    const Plan plan = plan_on_fake(s);
    ASSERT_EQ(plan.cases.size(), 4U);
    // The input is filled anew once, not for every second case.
    EXPECT_EQ(plan.cases[1].c.shape.input_type, InputType::bf16);
    EXPECT_EQ(plan.cases[2].c.shape.input_type, InputType::fp16);
    EXPECT_EQ(plan.cases[2].c.shape.experts, 4);
    EXPECT_EQ(plan.cases[0].counts, plan.cases[2].counts);
    EXPECT_EQ(plan.cases[0].buffers.total(), plan.cases[2].buffers.total());
    s.input_types.clear();
    expect_error([&] { plan_on_fake(s); }, {"input-type"});
}

TEST(InputTypes, KernelsThatDoNotReadATypeAreSkippedWithTheReason) {
    const auto factory = make_fake_factory({});
    const Device device = factory->devices().front();
    std::vector<KernelTraits> kernels = factory->kernels(device.id);
    kernels.front().input_types = {InputType::bf16};
    const Plan plan = make_plan(both_types(), device, kernels);
    ASSERT_EQ(plan.cases.size(), 2U);
    ASSERT_EQ(plan.skipped.size(), 1U);
    EXPECT_EQ(plan.skipped[0].case_index, 1U);
    EXPECT_EQ(plan.skipped[0].kernel, kernels.front().id);
    EXPECT_EQ(plan.skipped[0].reason, kernels.front().id + " does not read fp16 input");
    EXPECT_EQ(plan.cells(), 3);
}

TEST(InputTypes, SessionsRoundTripAndOldOnesAreBf16) {
    const Session session = swept_session(both_types());
    const std::string text = session_to_json(session);
    EXPECT_EQ(session_to_json(session_from_json(text, "x")), text);
    json document = json::parse(text);
    EXPECT_EQ(document["spec"]["input_type"], (json{"bf16", "fp16"}));
    EXPECT_EQ(document["results"][0]["input_type"], "bf16");
    EXPECT_EQ(document["results"].back()["input_type"], "fp16");

    const Session bf16 = swept_session(small_selection({8}));
    json old = json::parse(session_to_json(bf16));
    old["spec"].erase("input_type");
    for (json& result : old["results"]) result.erase("input_type");
    const Session read = session_from_json(old.dump(), "old.json");
    ASSERT_EQ(read.results.size(), bf16.results.size());
    EXPECT_EQ(read.spec.input_types, bf16.spec.input_types);
    for (std::size_t i = 0; i < read.results.size(); ++i) EXPECT_EQ(read.results[i].c, bf16.results[i].c);
    old["results"][0]["input_type"] = "int8";
    expect_error([&] { session_from_json(old.dump(), "old.json"); }, {"int8"});
}

TEST(InputTypes, AreAColumnOfCsvAndMarkdown) {
    const Session session = swept_session(both_types());
    const std::string csv = results_to_csv(session.results);
    EXPECT_THAT(csv.substr(0, csv.find('\r')), HasSubstr(",scale_format,input_type,"));
    EXPECT_THAT(csv, HasSubstr(",fp32,bf16,silu_v2,"));
    EXPECT_THAT(csv, HasSubstr(",fp32,fp16,silu_v2,"));
    EXPECT_THAT(results_to_markdown(session.results), HasSubstr("| even | 42 | fp32 | fp16 | silu_v2 |"));
}

TEST(InputTypes, CellsOfDifferentTypesAreNotCompared) {
    const Session both = swept_session(both_types());
    Session bf16 = swept_session(small_selection({8}));
    bf16.name = "before";
    const Comparison comparison = compare_sessions(std::span(&bf16, 1), std::span(&both, 1), {});
    std::size_t compared = 0;
    for (const ComparisonRow& row : comparison.rows) {
        const bool even = to_string(row.c.strategy) == "even";
        const bool is_bf16 = row.c.shape.input_type == InputType::bf16;
        EXPECT_EQ(row.verdict != Verdict::not_compared, even && is_bf16) << case_label(row.c);
        compared += even && is_bf16 ? 1 : 0;
        if (!is_bf16) {
            EXPECT_THAT(row.reason, HasSubstr("only in the other session"));
        }
    }
    EXPECT_EQ(compared, 2U);  // two kernels
    const std::string csv = comparisons_to_csv(std::vector{comparison});
    EXPECT_THAT(csv, HasSubstr(",scale_format,input_type,base_kernel,"));
    EXPECT_THAT(csv, HasSubstr(",fp32,fp16,"));
    EXPECT_EQ(json::parse(comparisons_to_json(std::vector{comparison}))[0]["rows"].back()["input_type"],
              "fp16");
}

TEST(InputTypes, MergedSessionsHaveAllOfThem) {
    Selection fp16 = both_types();
    fp16.input_types = {InputType::fp16};
    const std::vector<Session> parts{swept_session(small_selection({8})), swept_session(fp16)};
    EXPECT_EQ(merge_sessions(parts).session.spec.input_types, kBoth);
}

}  // namespace
}  // namespace moescope
