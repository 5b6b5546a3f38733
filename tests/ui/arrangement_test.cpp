// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/arrangement.h"

#include <gtest/gtest.h>

#include "sample_session.h"

namespace moescope::ui {
namespace {

std::size_t leafCount(const Arrangement& arrangement) {
    std::size_t leaves = 0;
    for (const Panel& panel : arrangement.panels)
        for (const Group& group : panel.groups) leaves += group.leaves.size();
    return leaves;
}

TEST(Arrangement, SeedPresetIsStrategiesByExperts) {
    const Session session = test::sampleSession("seed");
    const Arrangement arrangement = arrangeResults(session, Leaves::tokensOrStrategies);
    ASSERT_EQ(arrangement.panels.size(), 3U);
    EXPECT_EQ(leafCount(arrangement), 63U);
    ASSERT_EQ(arrangement.series.size(), 2U);
    EXPECT_EQ(arrangement.series[0].name(), "silu_v2");
    EXPECT_EQ(arrangement.series[1].name(), "triton");
    for (const Panel& panel : arrangement.panels) {
        ASSERT_EQ(panel.groups.size(), 3U);
        EXPECT_EQ(panel.groups[0].caption, "E = 8");
        EXPECT_EQ(panel.groups[2].caption, "E = 256");
        EXPECT_EQ(panel.groups[2].leaves.back().label, "131,072");
    }
    EXPECT_TRUE(arrangement.aligned());
    EXPECT_EQ(arrangement.common, "T = 1,024, H = 7,168, G = 128, fp32 scales, cold cache");
    EXPECT_TRUE(arrangement.missing.isEmpty());
}

TEST(Arrangement, InputTypesAreNamedWhereTheyAreNotBf16) {
    Selection selection = find_preset("seed").selection;
    selection.experts = {8};
    selection.kernels = {"silu_v2"};
    selection.input_types = {InputType::fp16};
    const Session fp16 = test::sampleSession(selection);
    EXPECT_EQ(arrangeResults(fp16, Leaves::tokens).common,
              "E = 8, T = 1,024, H = 7,168, G = 128, fp32 scales, fp16 input, cold cache");
    selection.input_types = {InputType::bf16, InputType::fp16};
    const Session both = test::sampleSession(selection);
    const Arrangement arrangement = arrangeResults(both, Leaves::tokens);
    ASSERT_EQ(arrangement.panels.front().groups.size(), 2U);
    EXPECT_EQ(arrangement.panels.front().groups[0].caption, "bf16 input");
    EXPECT_EQ(arrangement.panels.front().groups[1].caption, "fp16 input");
    EXPECT_EQ(arrangement.groupTitle, "input type");
    EXPECT_EQ(leafCount(arrangement), 42U);
}

TEST(Arrangement, CellsStandUnderTheirKernel) {
    const Session session = test::sampleSession("seed");
    const Arrangement arrangement = arrangeResults(session, Leaves::tokens);
    for (const Panel& panel : arrangement.panels)
        for (const Group& group : panel.groups)
            for (const Leaf& leaf : group.leaves)
                for (std::size_t k = 0; k < arrangement.series.size(); ++k) {
                    ASSERT_NE(leaf.cells[k], nullptr);
                    EXPECT_EQ(leaf.cells[k]->kernel, arrangement.series[k].kernel);
                    EXPECT_EQ(leaf.cells[k]->c.total_tokens, leaf.tokens);
                }
}

TEST(Arrangement, StrategiesBecomeLeavesWhereNothingElseVaries) {
    Selection selection = find_preset("imbalance").selection;
    selection.experts = {64};
    selection.tokens_per_expert = {64};
    selection.total_tokens = {};
    selection.kernels = {"silu_v2"};
    const Session session = test::sampleSession(selection);
    const Arrangement arrangement = arrangeResults(session, Leaves::tokensOrStrategies);
    ASSERT_EQ(arrangement.panels.size(), 1U);
    EXPECT_EQ(leafCount(arrangement), selection.strategies.size());
    EXPECT_EQ(arrangement.leafTitle, "Strategy");
}

TEST(Arrangement, ExpertsJoinIntoOneLineWhereTokensFollowThem) {
    Selection selection = find_preset("seed").selection;
    selection.experts = {1, 2, 4, 8, 16};
    selection.tokens_per_expert = {64};
    selection.kernels = {"silu_v2"};
    const Session session = test::sampleSession(selection);
    const Arrangement arrangement = arrangeResults(session, Leaves::tokens);
    for (const Panel& panel : arrangement.panels) {
        ASSERT_EQ(panel.groups.size(), 1U);
        EXPECT_EQ(panel.groups[0].leaves.size(), 5U);
    }
}

Session bothModes() {
    Selection selection = find_preset("seed").selection;
    selection.experts = {8};
    selection.cache = CacheSelection::both;
    selection.kernels = {"silu_v2", "triton"};
    return test::sampleSession(selection);
}

TEST(Arrangement, CacheModesAreSeriesOfTheirOwn) {
    const Session session = bothModes();
    const Arrangement arrangement = arrangeResults(session, Leaves::tokens);
    ASSERT_EQ(arrangement.series.size(), 4U);
    const std::vector<QString> names{"silu_v2, cold", "silu_v2, hot", "triton, cold", "triton, hot"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(arrangement.series[i].name(), names[i]);
        EXPECT_EQ(arrangement.series[i].isHollow(), i % 2 == 1);
    }
    ASSERT_EQ(arrangement.panels[0].groups.size(), 1U);
    for (const Leaf& leaf : arrangement.panels[0].groups[0].leaves)
        for (std::size_t i = 0; i < names.size(); ++i) {
            ASSERT_NE(leaf.cells[i], nullptr);
            EXPECT_EQ(leaf.cells[i]->cache, i % 2 == 1 ? CacheMode::hot : CacheMode::cold);
        }
    EXPECT_TRUE(arrangement.common.endsWith("cold and hot cache"));
}

TEST(Arrangement, ColdCellsUnlessAskedOtherwise) {
    const Session session = bothModes();
    ChartData data;
    data.session = &session;
    const auto names = [&](CacheChoice choice) {
        data.cache = choice;
        QStringList list;
        for (const Series& series : arrangeResults(data, Leaves::tokens).series) list << series.name();
        return list;
    };
    EXPECT_EQ(names(CacheChoice::automatic), (QStringList{"silu_v2", "triton"}));
    EXPECT_EQ(shownCache(session, CacheChoice::automatic), CacheMode::cold);
    EXPECT_EQ(names(CacheChoice::hot), (QStringList{"silu_v2", "triton"}));
    EXPECT_EQ(arrangeResults(data, Leaves::tokens).panels[0].groups[0].leaves[0].cells[0]->cache,
              CacheMode::hot);
    EXPECT_EQ(names(CacheChoice::both).size(), 4);

    Session cold = session;
    std::erase_if(cold.results, [](const Result& r) { return r.cache == CacheMode::hot; });
    data.session = &cold;
    EXPECT_EQ(names(CacheChoice::hot), (QStringList{"silu_v2", "triton"})) << "all there is";
    EXPECT_EQ(names(CacheChoice::both), (QStringList{"silu_v2", "triton"}));
}

TEST(Arrangement, CountsWhatIsMissing) {
    Session session = test::sampleSession("seed");
    session.results[3].status = Status::failed;
    session.results[4].status = Status::skipped;
    session.results[5].status = Status::skipped;
    EXPECT_EQ(arrangeResults(session, Leaves::tokens).missing, "1 cell failed, 2 cells skipped");
}

TEST(Arrangement, CellsToComeHaveTheirPlaces) {
    Session session = test::sampleSession("seed");
    const auto factory = make_fake_factory(test::sampleDevice());
    const Plan plan = make_plan(session.spec, factory->devices().front(), factory->kernels("fake:0"));
    session.results.resize(5);
    EXPECT_EQ(leafCount(arrangeResults(session, Leaves::tokens)), 3U);
    const Arrangement live = arrangeResults(session, Leaves::tokens, &plan);
    EXPECT_EQ(leafCount(live), 63U);
    EXPECT_TRUE(live.aligned());
    EXPECT_EQ(live.panels.back().groups.back().leaves.back().cells.front(), nullptr);
}

TEST(Arrangement, NothingFromNothing) {
    EXPECT_TRUE(arrangeResults(Session{}, Leaves::tokens).empty());
}

}  // namespace
}  // namespace moescope::ui
