// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QMouseEvent>
#include <QTest>
#include <algorithm>
#include <set>

#include <qcustomplot.h>

#include "comparison_sample.h"
#include "moescope/ui/compare/cell_names.h"
#include "moescope/ui/compare/comparison_chart.h"
#include "moescope/ui/compare/verdict_style.h"
#include "sample_session.h"
#include "text_recorder.h"

namespace moescope::ui {
namespace {

using test::PaintedText;

std::vector<PaintedText> paintTexts(const QString& kind, const ComparedCells& cells, QSize size) {
    const std::unique_ptr<Chart> chart = findChartKind(kind).make();
    chart->show(comparisonData(cells), {});
    test::TextRecorder recorder(size);
    chart->paint(recorder, size, 1.0);
    return recorder.texts();
}

bool contains(const std::vector<PaintedText>& texts, const QString& part) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const PaintedText& t) { return t.text.contains(part); });
}

void expectLegible(const std::vector<PaintedText>& texts, QSize size) {
    EXPECT_EQ(test::overlaps(texts).join('\n').toStdString(), "");
    EXPECT_EQ(test::cutOff(texts, size).join('\n').toStdString(), "");
}

class ComparisonLabels : public testing::TestWithParam<std::tuple<int, std::pair<int, int>>> {
  protected:
    const ChartKind& kind() const {
        return comparisonChartKinds()[static_cast<std::size_t>(std::get<0>(GetParam()))];
    }
    /// Nine panels of lines need more room than one.
    QSize size() const {
        const QSize wanted(std::get<1>(GetParam()).first, std::get<1>(GetParam()).second);
        const bool lines = kind().id == "compare-bandwidth" || kind().id == "compare-time";
        return lines ? wanted.expandedTo(QSize(560, 420)) : wanted;
    }

    void expectAllLegible(const ComparedPtr& compared) {
        ComparedCells cells = allCells(compared);
        cells.selected = cells.rows.size() / 2;
        const std::vector<PaintedText> texts = paintTexts(kind().id, cells, size());
        EXPECT_GT(texts.size(), 8U);
        expectLegible(texts, size());
    }
};

TEST_P(ComparisonLabels, DoNotOverlapAt63Cases) {
    expectAllLegible(test::comparedSeed());
}

TEST_P(ComparisonLabels, DoNotOverlapAt1000Cells) {
    ASSERT_GE(test::comparedThousand()->comparison.rows.size(), 1000U);
    expectAllLegible(test::comparedThousand());
}

TEST_P(ComparisonLabels, DoNotOverlapWhereCellsAreOdd) {
    expectAllLegible(test::comparedOddities());
}

INSTANTIATE_TEST_SUITE_P(AllCharts, ComparisonLabels,
                         testing::Combine(testing::Range(0, 4),
                                          testing::Values(std::pair(340, 300), std::pair(620, 420),
                                                          std::pair(1280, 900), std::pair(2400, 1400))),
                         [](const auto& param) {
                             const ChartKind& kind =
                                 comparisonChartKinds()[static_cast<std::size_t>(std::get<0>(param.param))];
                             QString name =
                                 QStringLiteral("%1_%2").arg(kind.id).arg(std::get<1>(param.param).first);
                             return name.replace('-', '_').toStdString();
                         });

TEST(ComparisonCharts, AllAreCovered) {
    EXPECT_EQ(comparisonChartKinds().size(), 4U);
    for (const ChartKind& kind : comparisonChartKinds()) {
        EXPECT_TRUE(isComparisonChart(kind.id));
        EXPECT_EQ(findChartKind(kind.id).title, kind.title);
    }
    EXPECT_FALSE(isComparisonChart("bandwidth"));
}

TEST(ComparisonCharts, NameBothSessionsAndTheMethod) {
    ComparedCells cells = allCells(test::comparedSeed());
    cells.selected = 0;
    for (const ChartKind& kind : comparisonChartKinds()) {
        SCOPED_TRACE(kind.id.toStdString());
        const auto texts = paintTexts(kind.id, cells, QSize(1280, 900));
        EXPECT_TRUE(contains(texts, "A: "));
        EXPECT_TRUE(contains(texts, "B: later"));
        EXPECT_TRUE(contains(texts, "threshold 1 %"));
    }
}

TEST(ComparisonCharts, WithoutAComparisonSayWhatToDo) {
    const ComparedCells none;
    for (const ChartKind& kind : comparisonChartKinds())
        EXPECT_FALSE(paintTexts(kind.id, none, QSize(640, 400)).empty()) << kind.id.toStdString();
}

TEST(ForestChart, SortsBySizeAndShowsCountsParityAndThreshold) {
    const ComparedCells cells = allCells(test::comparedSeed());
    const Comparison& comparison = cells.compared->comparison;
    ASSERT_GT(comparison.counts.slower, 10);
    ASSERT_GT(comparison.counts.faster, 5);
    const auto texts = paintTexts("compare-forest", cells, QSize(1280, 2400));  // room for every label
    EXPECT_TRUE(contains(texts, QStringLiteral("SLOWER (%1)").arg(comparison.counts.slower)));
    EXPECT_TRUE(contains(texts, QStringLiteral("FASTER (%1)").arg(comparison.counts.faster)));
    EXPECT_TRUE(contains(texts, "parity"));
    EXPECT_TRUE(contains(texts, QString::fromUtf8("within \u00b11 %")));

    std::vector<std::size_t> order = cells.rows;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return *comparison.rows[a].ratio > *comparison.rows[b].ratio;
    });
    const CellNames names(comparison);
    double above = -1.0;
    std::size_t found = 0;
    for (const std::size_t row : order) {
        const auto at = std::find_if(texts.begin(), texts.end(), [&](const PaintedText& t) {
            return t.text == names.of(comparison.rows[row]);
        });
        if (at == texts.end()) continue;
        ++found;
        const double y = at->outline.boundingRect().center().y();
        EXPECT_GT(y, above);
        above = y;
    }
    EXPECT_EQ(found, order.size());
}

/// The seed preset, each case once more with another seed.
ComparedPtr comparedSeeds() {
    Session base = test::sampleSession("seed");
    for (std::size_t i = 0, count = base.results.size(); i < count; ++i) {
        base.results.push_back(base.results[i]);
        base.results.back().c.seed = 18446744073709551615U;
    }
    return test::compared(base, test::rerun(base, "later"));
}

TEST(ForestChart, RowsThatDifferBySeedAreToldApart) {
    const ComparedPtr compared = comparedSeeds();
    const std::size_t rows = compared->comparison.rows.size();
    ASSERT_EQ(rows, 252U);
    const CellNames names(compared->comparison);
    const QSize size(760, 4800);  // as wide as in the window, with room for every label
    const auto texts = paintTexts("compare-forest", allCells(compared), size);
    expectLegible(texts, size);
    EXPECT_TRUE(contains(texts, names.heading())) << "says what the parts of a name are";
    std::set<QString> labels;
    for (const PaintedText& text : texts) {
        const bool is_row = text.text.count(QStringLiteral(" \u00b7 ")) == 4 && text.text != names.heading();
        if (is_row) {
            EXPECT_TRUE(labels.insert(text.text).second) << text.text.toStdString();
        }
    }
    EXPECT_EQ(labels.size(), rows);
}

TEST(CellNames, TellCellsApartInEveryForm) {
    const ComparedPtr compared = comparedSeeds();
    const CellNames names(compared->comparison);
    EXPECT_EQ(names.heading(),
              QString::fromUtf8("kernel \u00b7 E \u00b7 tokens \u00b7 strategy \u00b7 seed"));
    EXPECT_TRUE(names.common().startsWith("T = 1,024, H = 7,168")) << names.common().toStdString();
    const auto letters = [](const QString& text) { return static_cast<double>(text.size()); };
    double before = 1e9;
    bool was_cut = false;
    for (double room = 90; room >= 20; --room) {
        const NameForm form = names.fitting(room, letters);
        std::set<QString> known;
        double widest = 0;
        for (const ComparisonRow& row : compared->comparison.rows) {
            const QString name = names.of(row, form);
            known.insert(name);
            widest = std::max(widest, letters(name));
            was_cut = was_cut || name.contains(QChar(0x2026));
            EXPECT_EQ(form.nouns, name.contains("seed ")) << name.toStdString();
        }
        EXPECT_EQ(known.size(), compared->comparison.rows.size()) << room;
        EXPECT_LE(widest, before) << "less room, shorter names";
        before = widest;
    }
    EXPECT_TRUE(was_cut);
    EXPECT_TRUE(names.fitting(90, letters).nouns);
}

TEST(CellNames, NeverMakeTwoWordsOne) {
    Session base = test::sampleSession("seed");
    for (Result& r : base.results) r.kernel = r.kernel == "silu_v2" ? "plugin_a_fast" : "plugin_b_fast";
    const ComparedPtr compared = test::compared(base, test::rerun(base, "later"));
    const CellNames names(compared->comparison);
    const NameForm shortest = names.fitting(0, [](const QString&) { return 1.0; });
    std::set<QString> known;
    for (const ComparisonRow& row : compared->comparison.rows) known.insert(names.of(row, shortest));
    EXPECT_EQ(known.size(), compared->comparison.rows.size());
}

TEST(ForestChart, SaysWhatItCannotDraw) {
    const ComparedPtr odd = test::comparedOddities();
    ASSERT_GT(odd->comparison.counts.not_compared, 0);
    const auto texts = paintTexts("compare-forest", allCells(odd), QSize(1280, 900));
    EXPECT_TRUE(
        contains(texts, QStringLiteral("%1 cells not compared").arg(odd->comparison.counts.not_compared)));
    EXPECT_TRUE(contains(texts, "without interval: fewer than 6 samples"));
}

TEST(ForestChart, ARowIsReadOutAndPickedWhereverThePointerIsInIt) {
    const ComparedCells cells = allCells(test::comparedSeed());
    const std::unique_ptr<Chart> chart = findChartKind("compare-forest").make();
    std::optional<std::size_t> picked;
    std::optional<std::size_t> hovered;
    Chart::Listener listener;
    listener.picked = [&](std::size_t row) { picked = row; };
    listener.hovered = [&](std::optional<std::size_t> row, QPoint) { hovered = row; };
    chart->setListener(listener);
    chart->widget()->resize(900, 700);
    chart->show(comparisonData(cells), {});
    chart->widget()->show();
    auto& plot = static_cast<QCustomPlot&>(*chart->widget());
    plot.replot();
    const QRect panel = plot.axisRect()->rect();
    const QCPAxis* rows = plot.axisRect()->axis(QCPAxis::atLeft);
    const auto y = static_cast<int>(rows->coordToPixel(0.0));
    const Comparison& comparison = cells.compared->comparison;
    const auto largest = std::max_element(comparison.rows.begin(), comparison.rows.end(),
                                          [](const ComparisonRow& a, const ComparisonRow& b) {
                                              return a.ratio.value_or(0) < b.ratio.value_or(0);
                                          });
    const auto expected = static_cast<std::size_t>(largest - comparison.rows.begin());
    for (const int x : {panel.left() + 5, panel.center().x(), panel.right() - 5}) {
        picked.reset();
        hovered.reset();
        QTest::mouseMove(chart->widget(), QPoint(x, y));
        QTest::mouseClick(chart->widget(), Qt::LeftButton, {}, QPoint(x, y));
        EXPECT_EQ(picked, expected);
        EXPECT_EQ(hovered, expected);
    }
}

TEST(ForestChart, EveryVerdictHasAColourAndAShapeOfItsOwn) {
    for (const Theme& theme : {Theme::light(), Theme::darkTheme()}) {
        std::set<QRgb> colors;
        std::set<VerdictMarker> markers;
        for (const Verdict verdict : kVerdicts) {
            colors.insert(verdictStyle(verdict, theme).color.rgb());
            markers.insert(verdictStyle(verdict, theme).marker);
        }
        EXPECT_EQ(colors.size(), kVerdicts.size());
        EXPECT_EQ(markers.size(), kVerdicts.size());
    }
}

TEST(CellBoxes, ShowTheSamplesOfBothSides) {
    const ComparedPtr compared = test::comparedSeed();
    ComparedCells cells = allCells(compared);
    EXPECT_TRUE(contains(paintTexts("compare-boxes", cells, QSize(600, 500)), "Pick a cell"));
    for (const std::size_t row : {std::size_t{0}, std::size_t{33}}) {
        cells.selected = row;
        const ComparisonRow& wanted = compared->comparison.rows[row];
        const auto texts = paintTexts("compare-boxes", cells, QSize(600, 500));
        EXPECT_TRUE(contains(texts, "ratio of time " + ratioText(*wanted.ratio)));
        const CellSamples samples = samplesOf(*compared, wanted);
        ASSERT_EQ(samples.base.size(), 1U);
        ASSERT_EQ(samples.other.size(), 1U);
        EXPECT_EQ(static_cast<int>(samples.base[0].samples_us.size()), wanted.base.samples);
        EXPECT_EQ(static_cast<int>(samples.other[0].samples_us.size()), wanted.other.samples);
    }
}

TEST(CellBoxes, RepetitionsAreABoxEachAndCopiesCountOnce) {
    const Session base = test::sampleSession("seed");
    const auto first = std::make_shared<const Session>(test::rerun(base, "one"));
    const auto second = std::make_shared<const Session>(test::rerun(base, "two", 1.001));
    const std::vector<Session> others{*first, *second, *second};
    const auto compared =
        std::make_shared<const ComparedSessions>(ComparedSessions{{std::make_shared<const Session>(base)},
                                                                  {first, second, second},
                                                                  compare_sessions({&base, 1}, others)});
    const CellSamples samples = samplesOf(*compared, compared->comparison.rows[0]);
    ASSERT_EQ(samples.other.size(), 2U);
    EXPECT_EQ(samples.other[0].name, "B 1");
    EXPECT_EQ(samples.other[1].name, "B 2");
    ComparedCells cells = allCells(compared);
    cells.selected = 0;
    const auto texts = paintTexts("compare-boxes", cells, QSize(600, 500));
    EXPECT_TRUE(contains(texts, "B 2"));
    expectLegible(texts, QSize(600, 500));
}

TEST(Overlay, KernelsOfDifferentNamesKeepTheirColours) {
    const Session base = test::sampleSession("seed");
    CompareOptions across;
    across.kernel_map = {{"silu_v2", "triton"}};
    const ComparedPtr compared = test::compared(base, test::rerun(base, "later"), across);
    const auto texts = paintTexts("compare-time", allCells(compared), QSize(1280, 900));
    EXPECT_TRUE(contains(texts, "A: silu_v2"));
    EXPECT_TRUE(contains(texts, "B: triton"));
}

}  // namespace
}  // namespace moescope::ui
