// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/imbalance_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::size_t kMostLines = 40;  ///< more would hide the points
constexpr std::size_t kMostKernelsTogether = 3;
constexpr std::size_t kShortestLine = 3;
constexpr std::size_t kManyPoints = 300;
constexpr std::size_t kDensePoints = 20000;  ///< drawn as dots, each of which costs a tenth of a marker

double loadOf(const Result& r, LoadMeasure over) {
    return over == LoadMeasure::gini ? r.load.gini : r.load.max_over_mean;
}

QCPScatterStyle dot(const KernelStyle& style) {
    return {QCPScatterStyle::ssDot, QPen(style.color, 2.0), Qt::NoBrush, 2};
}

/// All that makes a case but its strategy.
std::string withoutStrategy(const Result& r) {
    Case c = r.c;
    c.strategy = {};
    return cell_key(c, "", r.cache);
}

}  // namespace

PlotChart::Texts ImbalanceChart::build(const ChartData& data) {
    m_metric = chartMetric(data);
    m_over = data.over;
    m_joined = false;
    m_title = QStringLiteral("%1 over %2")
                  .arg(m_metric.title, m_over == LoadMeasure::gini ? QStringLiteral("load inequality")
                                                                   : QStringLiteral("load peak"));
    m_leastLoad = m_lowest = std::numeric_limits<double>::infinity();
    m_mostLoad = m_highest = -std::numeric_limits<double>::infinity();
    const Arrangement arrangement = arrangeResults(data, Leaves::tokens);
    addPanels(arrangement.series);
    for (const Series& series : arrangement.series)
        if (!isHidden(series.kernel)) addSeries(data, series);
    addLegendLines(arrangement.series);
    if (!(m_leastLoad <= m_mostLoad)) m_leastLoad = m_mostLoad = 0.0, m_lowest = 0.0, m_highest = 1.0;
    for (const LoadPanel& panel : m_loadPanels) {
        setRanges(*panel.rect);
        if (m_metric.ratio) addLevel(*panel.rect, 1.0, Qt::SolidLine);
    }

    QString subtitle = m_metric.subtitle + QStringLiteral("; a point a cell");
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    for (const Result& r : data.session->results) {
        fewest = std::min(fewest, r.c.total_tokens);
        most = std::max(most, r.c.total_tokens);
    }
    if (fewest < most)
        subtitle += QStringLiteral("; %1 to %2 total tokens").arg(groupedNumber(fewest), groupedNumber(most));
    if (m_joined) subtitle += QStringLiteral("; lines join cases that differ in the strategy alone");
    if (!arrangement.common.isEmpty()) subtitle += QStringLiteral("; ") + arrangement.common;
    return {subtitle, missingNote(arrangement)};
}

void ImbalanceChart::addPanels(const std::vector<Series>& series) {
    m_loadPanels.clear();
    std::vector<std::string> kernels;
    for (const Series& each : series)
        if (!isHidden(each.kernel) && (kernels.empty() || kernels.back() != each.kernel))
            kernels.push_back(each.kernel);
    if (kernels.size() <= kMostKernelsTogether) {
        m_loadPanels.push_back({addPanel(0, 0), true, true});
        return;
    }
    const auto count = static_cast<int>(kernels.size());
    const int columns =
        columnsFor(count == 4 ? 2 : std::max(3, static_cast<int>(std::ceil(std::sqrt(count)))));
    for (int i = 0; i < count; ++i) {
        const std::string& kernel = kernels[static_cast<std::size_t>(i)];
        m_loadPanels.push_back(
            {addPanel(i / columns, i % columns, qs(kernel)), i % columns == 0, i + columns >= count, kernel});
    }
}

QCPAxisRect& ImbalanceChart::panelOf(const Series& series) {
    for (const LoadPanel& panel : m_loadPanels)
        if (panel.kernel == series.kernel) return *panel.rect;
    return *m_loadPanels.front().rect;
}

void ImbalanceChart::addSeries(const ChartData& data, const Series& series) {
    QCPAxisRect& panel = panelOf(series);
    const KernelStyle style = styleOf(series);
    std::map<std::string, std::map<double, double>> lines;
    QCPGraph* points = addGraph(panel, style);
    points->setLineStyle(QCPGraph::lsNone);
    QVector<QCPGraphData> data_points;
    for (const Result& r : data.session->results) {
        if (r.kernel != series.kernel || r.cache != series.cache) continue;
        const std::optional<double> value = m_metric.value(r);
        if (!value || !std::isfinite(*value) || !r.load.counts_known()) continue;
        const double load = loadOf(r, m_over);
        data_points.append({load, *value});
        addMark(panel, load, *value, r);
        lines[withoutStrategy(r)][load] = *value;
        m_leastLoad = std::min(m_leastLoad, load);
        m_mostLoad = std::max(m_mostLoad, load);
        m_lowest = std::min(m_lowest, *value);
        m_highest = std::max(m_highest, *value);
    }
    const auto count = static_cast<std::size_t>(data_points.size());
    points->data()->set(data_points);
    points->setScatterStyle(count > kDensePoints ? dot(style)
                                                 : scatter(style, count > kManyPoints ? 3.5 : 6));
    points->setAntialiasedScatters(count <= kDensePoints);
    if (lines.size() > kMostLines) return;
    QColor faint = style.color;
    faint.setAlpha(110);
    for (const auto& [key, line] : lines) {
        if (line.size() < kShortestLine) continue;
        m_joined = true;
        auto* graph = new QCPGraph(&bottom(panel), &left(panel));
        graph->setPen(QPen(faint, 1.2, style.dash));
        for (const auto& [load, value] : line) graph->addData(load, value);
    }
}

void ImbalanceChart::setRanges(QCPAxisRect& panel) {
    QCPAxis& x = bottom(panel);
    QCPAxis& y = left(panel);
    const double span = std::max(m_mostLoad - m_leastLoad, 0.05);
    x.setRange(m_leastLoad - 0.04 * span, m_leastLoad + 1.05 * span);
    if (m_metric.ratio) {
        y.setScaleType(QCPAxis::stLogarithmic);
        y.setRange(std::min(0.8, m_lowest / 1.1), std::max(1.25, m_highest * 1.1));
    } else if (!m_metric.from_zero && m_lowest > 0.0 && m_highest / m_lowest > 50) {
        y.setScaleType(QCPAxis::stLogarithmic);
        y.setRange(m_lowest / 1.2, m_highest * 1.2);
    } else {
        y.setRange(0.0, std::max(m_highest * 1.06, 1e-6));
    }
}

void ImbalanceChart::placeLabels() {
    for (const LoadPanel& panel : m_loadPanels) {
        QCPAxis& x = bottom(*panel.rect);
        QCPAxis& y = left(*panel.rect);
        const bool log = y.scaleType() == QCPAxis::stLogarithmic;
        fitTicks(x, linearTicks(x));
        fitTicks(y, m_metric.ratio ? ratioTicks(y) : log ? decadeTicks(y) : linearTicks(y));
        x.setTickLabels(panel.lowest);
        y.setTickLabels(panel.first);
        if (panel.lowest && m_over == LoadMeasure::gini)
            fitAxisTitle(x, {"Gini coefficient of tokens per expert (0: even)", "Gini coefficient", "Gini"});
        else if (panel.lowest)
            fitAxisTitle(x, {"Tokens of the busiest expert / mean (1: even)", "Max/mean"});
        if (panel.first)
            fitAxisTitle(y, {m_metric.axisTitle() + (log ? QStringLiteral(", log") : QString()),
                             m_metric.axisTitle(), m_metric.unit});
    }
}

}  // namespace moescope::ui
