// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/cell_boxes_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

#include "moescope/analysis/statistics.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::size_t kMostBoxes = 12;    ///< more are too narrow: a side's runs are then pooled
constexpr std::size_t kFewestForBox = 5;  ///< fewer are shown as points alone
constexpr double kBoxWidth = 0.42;
constexpr double kPointsAside = 0.33;

std::vector<RunSamples> pooled(std::vector<RunSamples> runs, const QString& name) {
    RunSamples all{name, {}};
    for (const RunSamples& run : runs)
        all.samples_us.insert(all.samples_us.end(), run.samples_us.begin(), run.samples_us.end());
    return {all};
}

/// Spreads points a little, always alike: golden-ratio steps leave no two neighbours together.
double jitter(std::size_t i) {
    return std::fmod(static_cast<double>(i) * 0.6180339887, 1.0) - 0.5;
}

}  // namespace

std::vector<CellBoxesChart::Box> CellBoxesChart::boxesOf(const ComparedSessions& compared,
                                                         const ComparisonRow& row) const {
    CellSamples samples = samplesOf(compared, row);
    if (samples.base.size() + samples.other.size() > kMostBoxes) {
        samples.base = pooled(std::move(samples.base), QStringLiteral("A"));
        samples.other = pooled(std::move(samples.other), QStringLiteral("B"));
    }
    std::vector<Box> boxes;
    for (RunSamples& run : samples.base)
        boxes.push_back({run.name, std::move(run.samples_us), kernelStyle(row.base_kernel, theme()), false});
    for (RunSamples& run : samples.other)
        boxes.push_back({run.name, std::move(run.samples_us), kernelStyle(row.other_kernel, theme()), true});
    return boxes;
}

PlotChart::Texts CellBoxesChart::buildCells(const ComparedCells& cells) {
    m_panel = nullptr;
    m_names.clear();
    if (!cells.selected)
        return {QStringLiteral("Pick a cell in the table or in a chart to see its samples"), {}, {}};
    const Comparison& comparison = cells.compared->comparison;
    const ComparisonRow& row = comparison.rows[*cells.selected];
    const std::vector<Box> boxes = boxesOf(*cells.compared, row);

    Texts texts;
    texts.subtitle = cellText(row);
    texts.subtitle += row.ratio ? QStringLiteral(". %1: ratio of %2 %3, %4")
                                      .arg(verdictText(row.verdict), qs(to_string(comparison.options.metric)),
                                           ratioText(*row.ratio),
                                           row.interval ? QStringLiteral("95 % interval ") + intervalText(row)
                                                        : QStringLiteral("no interval"))
                                : QStringLiteral(". Not compared");
    QStringList notes;
    if (!row.reason.empty()) notes << qs(row.reason) + QLatin1Char('.');
    if (!row.advice.empty()) notes << QStringLiteral("Would help: %1.").arg(qs(row.advice));
    texts.note = notes.join(QLatin1Char(' '));
    if (boxes.empty()) return texts;

    m_panel = addPanel(0, 0);
    double least = boxes.front().samples_us.front();
    double most = least;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        addBox(*m_panel, static_cast<double>(i), boxes[i]);
        m_names.push_back(boxes[i].name);
        for (const double sample : boxes[i].samples_us) {
            least = std::min(least, sample);
            most = std::max(most, sample);
        }
    }
    const double margin = std::max(0.08 * (most - least), 2e-3 * most);
    left(*m_panel).setRange(least - margin, most + margin);
    bottom(*m_panel).setRange(-0.6, static_cast<double>(boxes.size()) - 0.4);
    bottom(*m_panel).grid()->setVisible(false);
    return texts;
}

void CellBoxesChart::addBox(QCPAxisRect& panel, double at, const Box& box) {
    const Qt::PenStyle dash = box.isOther ? Qt::DashLine : Qt::SolidLine;
    const bool boxed = box.samples_us.size() >= kFewestForBox;
    if (boxed) {
        const auto numbers = five_numbers(box.samples_us);
        auto* drawn = new QCPStatisticalBox(&bottom(panel), &left(panel));
        drawn->addData(at - 0.12, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        drawn->setWidth(kBoxWidth);
        drawn->setPen(QPen(box.style.color, 1.6, dash));
        QColor fill = box.style.color;
        fill.setAlpha(box.isOther ? 28 : 76);
        drawn->setBrush(fill);
        drawn->setMedianPen(QPen(theme().text, 2.0));
        drawn->setWhiskerPen(QPen(box.style.color, 1.4, dash));
        drawn->setWhiskerBarPen(QPen(box.style.color, 1.4));
        drawn->setWhiskerWidth(0.2);
    }
    QVector<double> x;
    QVector<double> y;
    for (std::size_t i = 0; i < box.samples_us.size(); ++i) {
        x << at + (boxed ? kPointsAside - 0.06 : 0.0) + 0.16 * jitter(i);
        y << box.samples_us[i];
    }
    auto* points = new QCPGraph(&bottom(panel), &left(panel));
    points->setLineStyle(QCPGraph::lsNone);
    const QBrush inside = box.isOther ? theme().background : box.style.color;
    points->setScatterStyle({QCPScatterStyle::ssCircle, QPen(box.style.color, 1.0), inside,
                             box.samples_us.size() > 150 ? 2.5 : 4.5});
    points->setData(x, y);
}

void CellBoxesChart::placeLabels() {
    if (m_panel == nullptr) return;
    fitTicks(left(*m_panel), linearTicks(left(*m_panel)));
    fitAxisTitle(left(*m_panel), {"Time per launch (\u00b5s)", "Time (\u00b5s)", "\u00b5s"});
    std::vector<TickCandidate> names;
    for (std::size_t i = 0; i < m_names.size(); ++i) names.push_back({static_cast<double>(i), m_names[i], 0});
    fitTicks(bottom(*m_panel), names);
    fitAxisTitle(bottom(*m_panel),
                 {"Box: least, quartiles, largest; dots: every sample", "Quartiles and samples", "Samples"});
}

}  // namespace moescope::ui
