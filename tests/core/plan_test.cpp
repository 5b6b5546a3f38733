// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/plan.h"

#include <nlohmann/json.hpp>

#include "support.h"

namespace moescope {
namespace {

using test::expect_error;
using test::plan_on_fake;
using test::small_selection;

TEST(Plan, ExpandsInSweepOrder) {
    Selection s = small_selection({1, 2});
    s.experts = {4, 8};
    const Plan plan = plan_on_fake(s);
    ASSERT_EQ(plan.cases.size(), 8U);
    EXPECT_EQ(plan.cases[0].c.total_tokens, 4);
    EXPECT_EQ(plan.cases[1].c.total_tokens, 8);
    EXPECT_EQ(to_string(plan.cases[2].c.strategy), "uniform");
    EXPECT_EQ(plan.cases[4].c.shape.experts, 8);
    EXPECT_EQ(plan.kernels.size(), 2U);
    EXPECT_EQ(plan.cells(), 16);
    s.cache = CacheSelection::both;
    EXPECT_EQ(plan_on_fake(s).cells(), 32);
}

TEST(Plan, SummaryReadsAsTheWindowShowsIt) {
    const Plan plan = plan_on_fake(find_preset("seed").selection);
    EXPECT_THAT(plan.summary(), ::testing::StartsWith("63 cases x 2 kernels, peak memory 9.5 GB, about 0:"));
}

TEST(Plan, RejectsCasesWithTheirReason) {
    Selection s = small_selection({8, 65});
    s.hidden = {256, 200};
    const Plan plan = plan_on_fake(s);
    ASSERT_EQ(plan.cases.size(), 8U);
    EXPECT_EQ(plan.accepted_cases(), 2);
    EXPECT_THAT(plan.cases[1].rejected->text(setting_flag), ::testing::HasSubstr("at most 512"));
    EXPECT_THAT(plan.cases[4].rejected->text(setting_flag),
                ::testing::HasSubstr("multiple of --group-size 128: use 128 or 256"));
    EXPECT_TRUE(plan.cases[1].counts.empty());
    EXPECT_THAT(plan.summary(), ::testing::EndsWith(", 6 rejected"));
}

TEST(Plan, RejectsWhatDoesNotFitInMemory) {
    Selection s = small_selection();
    s.experts = {4096};
    s.max_tokens = {8192};
    s.hidden = {7168};
    const Plan plan = plan_on_fake(s);
    EXPECT_EQ(plan.accepted_cases(), 0);
    EXPECT_THAT(plan.cases[0].rejected->text(setting_flag), ::testing::HasSubstr("of memory, fake:0 has"));
}

TEST(Plan, SkipsWhatAKernelSaysItCannotDo) {
    Selection s = small_selection();
    s.hidden = {256, 512};
    const auto factory = make_fake_factory({});
    const Device device = factory->devices().front();
    std::vector<KernelTraits> kernels = factory->kernels(device.id);
    kernels.front().further_limits = [](const Shape& shape) -> std::optional<std::string> {
        if (shape.hidden == 512) return "not 512";
        return std::nullopt;
    };
    const Plan plan = make_plan(s, device, kernels);
    ASSERT_FALSE(plan.skipped.empty());
    for (const SkippedCell& cell : plan.skipped) {
        EXPECT_EQ(cell.kernel, kernels.front().id);
        EXPECT_EQ(cell.reason, "not 512");
        EXPECT_EQ(plan.cases[cell.case_index].c.shape.hidden, 512);
    }
}

TEST(Plan, CountsTheScratchMemoryOfItsKernels) {
    const Selection s = small_selection();
    const auto factory = make_fake_factory({});
    const Device device = factory->devices().front();
    std::vector<KernelTraits> kernels = factory->kernels(device.id);
    const BufferSizes without = make_plan(s, device, kernels).buffers;
    kernels.back().scratch_bytes_per_output = 2;
    const BufferSizes with = make_plan(s, device, kernels).buffers;
    const Shape shape = make_plan(s, device, kernels).cases.front().c.shape;
    EXPECT_EQ(without.scratch_bytes, 0);
    EXPECT_EQ(with.scratch_bytes, shape.rows() * shape.hidden * 2);
    EXPECT_EQ(with.total(), without.total() + with.scratch_bytes);
}

TEST(Plan, HugeAxesDoNotOverflow) {
    Selection s = small_selection({1});
    s.experts = {65536};
    s.max_tokens = {1 << 20};
    s.hidden = {1 << 20};
    s.strategies = {parse_strategy("first")};
    EXPECT_THAT(plan_on_fake(s).cases[0].rejected->text(setting_flag), ::testing::HasSubstr("of memory"));
    s.experts = {std::int64_t{1} << 36};
    EXPECT_THAT(plan_on_fake(s).cases[0].rejected->text(setting_flag),
                ::testing::HasSubstr("choose 1 to 65536"));
}

TEST(Plan, SelectionErrorsNameTheRemedy) {
    const auto with = [](auto change) {
        Selection s = small_selection();
        change(s);
        return [s] { plan_on_fake(s); };
    };
    expect_error(with([](Selection& s) { s.experts.clear(); }), {"no experts", "--experts"});
    expect_error(with([](Selection& s) { s.strategies.clear(); }), {"no strategy"});
    expect_error(with([](Selection& s) { s.tokens_per_expert.clear(); }), {"tokens-per-expert"});
    expect_error(with([](Selection& s) { s.total_tokens = {8}; }), {"both"});
    expect_error(with([](Selection& s) { s.kernels = {"nope"}; }), {"'nope'", "silu_v2"});
    expect_error(with([](Selection& s) { s.measure.ci_percent = 0; }), {"ci"});
    expect_error(with([](Selection& s) { s.measure.ci_percent = std::nan(""); }), {"ci"});
    expect_error(with([](Selection& s) { s.measure.min_samples = 0; }), {"min-samples"});
    expect_error(with([](Selection& s) { s.measure.max_seconds = -1; }), {"max-time"});
    expect_error(with([](Selection& s) {
                     s.experts.clear();
                     s.max_tokens.clear();
                     for (std::int64_t i = 1; i <= 5000; ++i)
                         s.experts.push_back(i), s.max_tokens.push_back(i + 1000);
                 }),
                 {"narrow an axis"});
}

TEST(Plan, NumbersTooLargeToMultiplyAreRejected) {
    Selection s = small_selection({std::numeric_limits<std::int64_t>::max() / 2, -1, 8});
    s.strategies.resize(1);
    const Plan plan = plan_on_fake(s);
    ASSERT_EQ(plan.cases.size(), 3U);
    EXPECT_THAT(plan.cases[0].rejected->text(setting_flag),
                ::testing::HasSubstr("9223372036854775807 tokens do not fit"));
    EXPECT_THAT(plan.cases[1].rejected->text(setting_flag), ::testing::HasSubstr("negative"));
    EXPECT_FALSE(plan.cases[2].rejected);
}

TEST(Plan, CustomCountsAreOneCaseAStep) {
    const test::TemporaryDirectory dir;
    Selection s = small_selection();
    s.experts.clear();
    s.tokens_per_expert.clear();
    s.strategies = {parse_strategy("custom:" + dir.write("a.csv", "1,2,3\n4,0,6\n70,0,0\n"))};
    const Plan plan = plan_on_fake(s);
    ASSERT_EQ(plan.cases.size(), 3U);
    EXPECT_EQ(plan.cases[1].c.total_tokens, 10);
    EXPECT_EQ(plan.cases[1].counts, (std::vector<std::int32_t>{4, 0, 6}));
    EXPECT_EQ(plan.cases[1].c.strategy.step, 1);
    EXPECT_THAT(plan.cases[2].rejected->text(setting_flag), ::testing::HasSubstr("--max-tokens 70"));
}

TEST(Plan, SkipsWhatAKernelCannotDo) {
    const auto factory = make_fake_factory({});
    std::vector<KernelTraits> kernels = factory->kernels("");
    kernels[0].group_sizes = {128};
    kernels[0].scale_formats = {ScaleFormat::fp32};
    Selection s = small_selection({8});
    s.group_size = {64, 128};
    s.scale_formats = {ScaleFormat::fp32, ScaleFormat::ue8m0_packed};
    const Plan plan = make_plan(s, factory->devices().front(), kernels);
    ASSERT_EQ(plan.cases.size(), 8U);
    EXPECT_EQ(plan.skipped.size(), 6U);
    EXPECT_EQ(plan.cells(), 10);
    EXPECT_THAT(*plan.skip_reason(0, kernels[0].id), ::testing::HasSubstr("group size 64"));
    EXPECT_EQ(plan.skip_reason(0, kernels[1].id), nullptr);
}

TEST(Plan, JsonHasTheContractsFields) {
    Selection s = small_selection({8, 65});
    s.strategies.resize(1);
    const auto document = nlohmann::json::parse(plan_to_json(plan_on_fake(s), true));
    ASSERT_EQ(document["cases"].size(), 2U);
    const auto& good = document["cases"][0];
    for (const char* field : {"experts", "max_tokens", "hidden", "group_size", "total_tokens", "strategy",
                              "seed", "scale_format"}) {
        EXPECT_TRUE(good.contains(field)) << field;
    }
    EXPECT_TRUE(good["rejected"].is_null());
    EXPECT_EQ(good["kernels"], (nlohmann::json{"silu_v2", "silu_v3"}));
    EXPECT_EQ(good["tokens_per_expert"].size(), 8U);
    EXPECT_EQ(good["load"]["max"], 8);
    EXPECT_TRUE(document["cases"][1]["rejected"].is_string());
    EXPECT_EQ(document["cells"], 2);
    EXPECT_GT(document["peak_memory_bytes"], 0);
    EXPECT_GT(document["estimated_seconds"], 0.0);
    EXPECT_FALSE(nlohmann::json::parse(plan_to_json(plan_on_fake(s), false))["cases"][0].contains(
        "tokens_per_expert"));
}

TEST(Plan, EstimatesWhatLaunchesFromTheHostTake) {
    // A sample of a graph is many launches of a small case, one from the host is one.
    Selection s = small_selection({1});
    s.measure.min_samples = s.measure.max_samples = 1000;
    s.measure.max_seconds = 10.0;
    const double graph = plan_on_fake(s).estimated_seconds;
    s.launch = LaunchMode::host;
    const double host = plan_on_fake(s).estimated_seconds;
    EXPECT_LT(host, graph / 10.0);
    EXPECT_GT(host, 0.0);
    // Of a case whose launches take milliseconds, a sample is one launch or few either way.
    s.experts = {256};
    s.max_tokens = {1024};
    s.tokens_per_expert = {1024};
    s.hidden = {7168};
    const double long_host = plan_on_fake(s).estimated_seconds;
    s.launch = LaunchMode::graph;
    EXPECT_NEAR(long_host / plan_on_fake(s).estimated_seconds, 1.0, 0.02);
}

}  // namespace
}  // namespace moescope
