// SPDX-License-Identifier: Apache-2.0
#include <numeric>
#include <set>

#include "support.h"

namespace moescope {
namespace {

TEST(Presets, SeedIsTheSeedDocument) {
    const Plan plan = test::plan_on_fake(find_preset("seed").selection);
    EXPECT_EQ(plan.cases.size(), 63U);
    EXPECT_EQ(plan.accepted_cases(), 63);
    std::set<std::string> strategies;
    for (const PlannedCase& p : plan.cases) {
        EXPECT_EQ(std::accumulate(p.counts.begin(), p.counts.end(), std::int64_t{0}), p.c.total_tokens);
        EXPECT_EQ(p.c.shape.max_tokens, 1024);
        EXPECT_EQ(p.c.shape.hidden, 7168);
        strategies.insert(to_string(p.c.strategy));
    }
    EXPECT_EQ(strategies, (std::set<std::string>{"even", "imbalanced:0.7", "uniform"}));
    // One input and one output of E = 256, nothing more.
    EXPECT_NEAR(static_cast<double>(plan.buffers.total()), 256.0 * 1024 * (5 * 7168 + 4 * 56), 5e6);
}

TEST(Presets, EveryPresetRunsOnAnEightyGigabyteDevice) {
    std::set<std::string> ids;
    for (const Preset& preset : presets()) {
        EXPECT_TRUE(ids.insert(preset.id).second) << preset.id;
        EXPECT_FALSE(preset.description.empty()) << preset.id;
        EXPECT_TRUE(preset.selection.extra.empty()) << preset.id << ": " << preset.selection.extra;
        const Plan plan = test::plan_on_fake(preset.selection);
        EXPECT_EQ(plan.accepted_cases(), static_cast<std::int64_t>(plan.cases.size())) << preset.id;
        EXPECT_GT(plan.cells(), 0) << preset.id;
    }
    for (const char* id : {"seed", "quick", "group-size", "imbalance", "experts", "deepseek-v3"})
        EXPECT_TRUE(ids.contains(id)) << id;
}

/// Rotation by row windows keeps the cache cold without a second copy of the largest case.
TEST(Presets, SeedNeedsOneInputAndOneOutput) {
    const Plan plan = test::plan_on_fake(find_preset("seed").selection);
    std::int64_t largest = 0;
    for (const PlannedCase& planned : plan.cases) {
        const Shape& s = planned.c.shape;
        largest = std::max(largest, s.input_bytes() + s.code_bytes() + s.scale_bytes());
        EXPECT_GE(planned.rotation.reuse_over_cache, 4.0) << case_label(planned.c);
    }
    // And what lets windows be shifted behind the last expert's rows.
    EXPECT_GE(plan.buffers.total(), largest);
    EXPECT_LE(plan.buffers.total(), largest + largest / 200);
}

TEST(Presets, UnknownNameListsTheKnown) {
    test::expect_error([] { find_preset("nope"); }, {"'nope'", "seed", "quick"});
}

}  // namespace
}  // namespace moescope
