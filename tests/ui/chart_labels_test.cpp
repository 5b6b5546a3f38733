// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QWidget>
#include <algorithm>
#include <set>

#include "moescope/error.h"
#include "moescope/ui/charts/chart.h"
#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/charts/heatmap_chart.h"
#include "moescope/ui/charts/load_chart.h"
#include "moescope/ui/support/text.h"
#include "moescope/workload/distribution.h"
#include "sample_session.h"
#include "text_recorder.h"

namespace moescope::ui {
namespace {

using test::PaintedText;

std::vector<PaintedText> paintTexts(const QString& kind, const Session& session, QSize size,
                                    const std::string& baseline = {}) {
    const std::unique_ptr<Chart> chart = findChartKind(kind).make();
    ChartData data;
    data.session = &session;
    data.baseline = baseline;
    ChartOptions options;
    options.size = size;
    chart->show(data, options);
    test::TextRecorder recorder(size);
    chart->paint(recorder, size, 1.0);
    return recorder.texts();
}

bool contains(const std::vector<PaintedText>& texts, const QString& part) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const PaintedText& t) { return t.text.contains(part); });
}

const Session& seedSession() {
    static const Session session = test::sampleSession("seed");
    return session;
}

const Session& thousandCases() {
    static const Session session = test::largeSession(1000);
    return session;
}

/// Every chart at several sizes.
class ChartLabels : public testing::TestWithParam<std::tuple<int, std::pair<int, int>>> {
  protected:
    const ChartKind& kind() const { return chartKinds()[static_cast<std::size_t>(std::get<0>(GetParam()))]; }
    QSize size() const { return {std::get<1>(GetParam()).first, std::get<1>(GetParam()).second}; }

    void expectLegible(const Session& session) {
        const std::vector<PaintedText> texts = paintTexts(kind().id, session, size());
        EXPECT_GT(texts.size(), 10U);
        EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
        EXPECT_EQ(test::cutOff(texts, size()).join('\n').toStdString(), "");
    }
};

TEST_P(ChartLabels, DoNotOverlapAt63Cases) {
    expectLegible(seedSession());
}

TEST_P(ChartLabels, DoNotOverlapAt1000Cases) {
    ASSERT_GE(thousandCases().results.size(), 2000U);
    expectLegible(thousandCases());
}

INSTANTIATE_TEST_SUITE_P(AllCharts, ChartLabels,
                         testing::Combine(testing::Range(0, 9),
                                          testing::Values(std::pair(640, 420), std::pair(960, 460),
                                                          std::pair(1280, 800), std::pair(2400, 1400))),
                         [](const auto& param) {
                             const ChartKind& kind =
                                 chartKinds()[static_cast<std::size_t>(std::get<0>(param.param))];
                             QString name =
                                 QStringLiteral("%1_%2").arg(kind.id).arg(std::get<1>(param.param).first);
                             return name.replace('-', '_').toStdString();
                         });

TEST(Charts, FitIntoOneColumnOfPaper) {
    const QSize column(326, 384);  // 3.4 x 4 inches
    for (const ChartKind& kind : chartKinds()) {
        SCOPED_TRACE(kind.id.toStdString());
        const std::vector<PaintedText> texts = paintTexts(kind.id, seedSession(), column);
        EXPECT_TRUE(contains(texts, "triton"));
        EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
        EXPECT_EQ(test::cutOff(texts, column).join('\n').toStdString(), "");
    }
}

TEST(Charts, AllNineAreCovered) {
    EXPECT_EQ(chartKinds().size(), 9U);
}

TEST(Charts, EveryOneHasTitleUnitsLegendAndFooter) {
    for (const ChartKind& kind : chartKinds()) {
        SCOPED_TRACE(kind.id.toStdString());
        const std::vector<PaintedText> texts = paintTexts(kind.id, seedSession(), kind.size);
        EXPECT_TRUE(contains(texts, kind.id == "heatmap" ? "Mean tokens per expert" : "otal tokens"));
        EXPECT_TRUE(contains(texts, "%") || contains(texts, QString::fromUtf8("\u00b5s")) ||
                    contains(texts, QString::fromUtf8("\u00d7")));
        EXPECT_TRUE(contains(texts, "triton"));
        EXPECT_TRUE(contains(texts, "Sample GPU 80GB"));
        EXPECT_TRUE(contains(texts, "driver 580.65"));
        EXPECT_TRUE(contains(texts, "2026-11-23"));
        EXPECT_TRUE(contains(texts, "cold cache"));
        EXPECT_EQ(contains(texts, "Gini coefficient"), kind.id == "imbalance");
    }
}

TEST(Charts, FooterCanBeSwitchedOff) {
    const std::unique_ptr<Chart> chart = findChartKind("bandwidth").make();
    ChartData data;
    data.session = &seedSession();
    chart->show(data, {Theme::light(), false});
    test::TextRecorder recorder(QSize(900, 500));
    chart->paint(recorder, QSize(900, 500), 1.0);
    EXPECT_FALSE(contains(recorder.texts(), "Sample GPU"));
}

TEST(Charts, SpeedupNamesBaselineAndGeometricMean) {
    const auto over_v2 = paintTexts("speedup", seedSession(), QSize(1280, 900), "silu_v2");
    EXPECT_TRUE(contains(over_v2, "Speedup over silu_v2"));
    EXPECT_TRUE(contains(over_v2, "eometric mean"));
    const auto over_triton = paintTexts("speedup", seedSession(), QSize(1280, 900), "triton");
    EXPECT_TRUE(contains(over_triton, "Speedup over triton"));
    EXPECT_TRUE(contains(over_triton, QString::fromUtf8("triton = 1\u00d7")));
}

TEST(Charts, HeatmapTakesAnyTwoAxesAndAnyMetric) {
    const Session session = test::sampleSession("seed");
    for (const HeatmapAxis& x : heatmapAxes()) {
        for (const MetricName& metric : chartMetricNames()) {
            SCOPED_TRACE((x.id + " " + metric.id).toStdString());
            const std::unique_ptr<Chart> chart = findChartKind("heatmap").make();
            ChartData data;
            data.session = &session;
            data.heat_x = x.id.toStdString();
            data.heat_y = "strategy";
            data.metric = metric.id.toStdString();
            chart->show(data, {});
            test::TextRecorder recorder(QSize(1000, 600));
            chart->paint(recorder, QSize(1000, 600), 1.0);
            EXPECT_TRUE(contains(recorder.texts(), x.title));
            EXPECT_TRUE(contains(recorder.texts(), "uniform"));
            EXPECT_EQ(test::overlaps(recorder.texts()).join('\n').toStdString(), "");
        }
    }
    EXPECT_THROW(findHeatmapAxis("colour"), Error);
    ChartData unknown;
    unknown.session = &session;
    unknown.metric = "beauty";
    EXPECT_THROW(chartMetric(unknown), Error);
}

TEST(Charts, ATileOfSeveralCasesShowsTheirMedian) {
    const auto texts = paintTexts("heatmap", seedSession(), QSize(1280, 640));
    EXPECT_TRUE(contains(texts, "their median")) << "three strategies share a tile";
}

TEST(Charts, SamplesAreThoseOfTheSelectedCase) {
    const Session& session = seedSession();
    const Case& wanted = session.results[40].c;
    const std::unique_ptr<Chart> chart = findChartKind("samples").make();
    ChartData data;
    data.session = &session;
    data.selected = &wanted;
    chart->show(data, {});
    test::TextRecorder recorder(QSize(1280, 800));
    chart->paint(recorder, QSize(1280, 800), 1.0);
    EXPECT_TRUE(contains(recorder.texts(), groupedNumber(wanted.total_tokens) + " total tokens"));
    EXPECT_TRUE(contains(recorder.texts(), "Histogram"));
}

TEST(Charts, TimeNamesEveryGroup) {
    const auto texts = paintTexts("time", seedSession(), QSize(1280, 640));
    EXPECT_EQ(std::count_if(texts.begin(), texts.end(),
                            [](const PaintedText& t) { return t.text.startsWith("E = "); }),
              9);
}

TEST(Charts, MissingCellsAreSaidNotDrawnAsZero) {
    Session session = seedSession();
    for (std::size_t i = 0; i < 5; ++i) {
        session.results[i].status = Status::failed;
        session.results[i].median_us.reset();
    }
    for (const ChartKind& kind : chartKinds())
        EXPECT_TRUE(contains(paintTexts(kind.id, session, kind.size), "5 cells failed"))
            << kind.id.toStdString();
}

TEST(Charts, AnEmptySessionSaysSo) {
    const Session session;
    for (const ChartKind& kind : chartKinds())
        EXPECT_TRUE(contains(paintTexts(kind.id, session, kind.size), "No results yet"))
            << kind.id.toStdString();
}

TEST(Charts, OddSessionsAreLegibleToo) {
    Selection narrow = find_preset("seed").selection;
    narrow.experts = {8};
    narrow.tokens_per_expert = {64};
    narrow.strategies = {parse_strategy("even")};
    narrow.kernels = {"silu_v2"};
    Selection many_strategies = find_preset("imbalance").selection;
    many_strategies.kernels = {"silu_v2", "silu_v3", "triton"};
    Selection all_axes = narrow;
    all_axes.hidden = {2048, 7168};
    all_axes.group_size = {64, 128};
    all_axes.tokens_per_expert = {8, 64, 512};
    all_axes.cache = CacheSelection::both;
    for (const Selection& selection : {narrow, many_strategies, all_axes}) {
        const Session session = test::sampleSession(selection);
        for (const ChartKind& kind : chartKinds()) {
            SCOPED_TRACE(kind.id.toStdString());
            const auto texts = paintTexts(kind.id, session, kind.size);
            EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
            EXPECT_EQ(test::cutOff(texts, kind.size).join('\n').toStdString(), "");
        }
    }
}

TEST(LoadChartTest, ShowsCountsWithUnits) {
    ExpertLoad load;
    load.label = "E=512";
    load.counts = tokens_per_expert(parse_strategy("zipf:1"), 512, 1024, 8192, 42);
    load.stats = load_stats(load.counts);
    LoadChart chart;
    ChartData data;
    data.load = &load;
    chart.show(data, {});
    test::TextRecorder recorder(QSize(340, 180));
    chart.paint(recorder, QSize(340, 180), 1.0);
    EXPECT_TRUE(contains(recorder.texts(), "Tokens"));
    EXPECT_TRUE(contains(recorder.texts(), "largest of 4"));
    EXPECT_EQ(test::overlaps(recorder.texts()).join('\n').toStdString(), "");
}

TEST(LoadChartTest, ReadsOutTheBarUnderThePointer) {
    LoadChart chart;
    ExpertLoad load{"few", {5, 0, 1, 120}, {}};
    load.stats = load_stats(load.counts);
    ChartData data;
    data.load = &load;
    chart.widget()->resize(400, 200);
    chart.show(data, {});
    chart.widget()->show();
    QCoreApplication::processEvents();
    std::set<QString> told;
    for (int x = 0; x < 400; ++x) told.insert(chart.readOut({x, 100}));
    EXPECT_EQ(told, (std::set<QString>{"", "Expert 0: 5 tokens", "Expert 1: 0 tokens", "Expert 2: 1 token",
                                       "Expert 3: 120 tokens"}));
    load.counts.assign(512, 3);
    load.counts[500] = 77;
    chart.show(data, {});
    QCoreApplication::processEvents();
    told.clear();
    for (int x = 0; x < 400; ++x) told.insert(chart.readOut({x, 100}));
    EXPECT_TRUE(told.contains("Experts 500 to 503: at most 77 tokens"));
    EXPECT_TRUE(told.contains("Experts 0 to 3: at most 3 tokens"));
    EXPECT_EQ(chart.readOut({200, 1}), QString()) << "above the axes";
}

}  // namespace
}  // namespace moescope::ui
