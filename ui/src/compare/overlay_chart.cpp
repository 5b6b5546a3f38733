// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/overlay_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/compare/cell_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::size_t kMostPanels = 12;
constexpr std::size_t kMostGroups = 4;

/// What a panel may stand for beside the strategy.
QString groupOf(const ComparisonRow& row, bool several_caches) {
    const Shape& s = row.c.shape;
    QString text = QStringLiteral("E = %1").arg(groupedNumber(s.experts));
    if (several_caches) text += QStringLiteral(", %1 cache").arg(qs(to_string(row.cache)));
    return text;
}

/// Everything but tokens: cells that belong to one line.
std::string lineKey(const ComparisonRow& row) {
    Case c = row.c;
    c.total_tokens = 0;
    return cell_key(c, row.kernel_label(), row.cache) + row.launch;
}

std::optional<double> bandwidthOf(const ComparisonRow& row, const std::string& kernel,
                                  const std::optional<double>& median_us) {
    if (!median_us || *median_us <= 0.0) return std::nullopt;
    Result cell;
    cell.c = row.c;
    cell.kernel = kernel;
    const std::int64_t bytes = moved_bytes(cell);
    if (bytes <= 0) return std::nullopt;
    return bandwidth_gbps(bytes, *median_us);
}

}  // namespace

QString OverlayChart::title() const {
    return m_quantity == Quantity::time ? QStringLiteral("Time per launch, A and B")
                                        : QStringLiteral("Bandwidth, A and B");
}

OverlayChart::Point OverlayChart::pointOf(const ComparisonRow& row, std::size_t index) {
    Point point{index, static_cast<double>(row.c.total_tokens), row.base.median_us, row.other.median_us};
    if (m_quantity == Quantity::bandwidth) {
        point.base = bandwidthOf(row, row.base_kernel, row.base.median_us);
        point.other = bandwidthOf(row, row.other_kernel, row.other.median_us);
    }
    return point;
}

void OverlayChart::include(double tokens, double value) {
    m_fewestTokens = std::min(m_fewestTokens, tokens);
    m_mostTokens = std::max(m_mostTokens, tokens);
    m_lowest = std::min(m_lowest, value);
    m_highest = std::max(m_highest, value);
}

PlotChart::Texts OverlayChart::buildCells(const ComparedCells& cells) {
    m_places.clear();
    m_fewestTokens = m_lowest = std::numeric_limits<double>::max();
    m_mostTokens = m_highest = 0.0;
    const Comparison& comparison = cells.compared->comparison;
    std::vector<std::string> strategies;
    std::set<std::pair<std::int64_t, CacheMode>> groups;
    std::set<CacheMode> caches;
    for (const std::size_t index : cells.rows) {
        const ComparisonRow& row = comparison.rows[index];
        const std::string strategy = to_string(row.c.strategy);
        if (std::find(strategies.begin(), strategies.end(), strategy) == strategies.end())
            strategies.push_back(strategy);
        groups.insert({row.c.shape.experts, row.cache});
        caches.insert(row.cache);
    }
    const bool by_group = groups.size() <= kMostGroups && groups.size() * strategies.size() <= kMostPanels;
    const bool by_strategy = strategies.size() <= kMostPanels;

    // Groups from top to bottom, strategies from left to right.
    std::map<std::pair<std::size_t, std::size_t>, PanelDraft> drafts;
    std::size_t missing = 0;
    for (const std::size_t index : cells.rows) {
        const ComparisonRow& row = comparison.rows[index];
        const Point point = pointOf(row, index);
        missing += point.base && point.other ? 0 : 1;
        if (point.tokens <= 0.0 || (!point.base && !point.other)) continue;
        const std::string strategy = to_string(row.c.strategy);
        const auto column =
            by_strategy ? static_cast<std::size_t>(std::find(strategies.begin(), strategies.end(), strategy) -
                                                   strategies.begin())
                        : 0;
        const auto group = by_group ? static_cast<std::size_t>(std::distance(
                                          groups.begin(), groups.find({row.c.shape.experts, row.cache})))
                                    : 0;
        PanelDraft& draft = drafts[{group, column}];
        QStringList parts;
        if (by_strategy && strategies.size() > 1) parts << qs(strategy);
        if (by_group && groups.size() > 1) parts << groupOf(row, caches.size() > 1);
        draft.title = parts.join(QStringLiteral(", "));
        Line& line = draft.lines[lineKey(row) + (by_strategy ? "" : strategy)];
        line.base_kernel = row.base_kernel.empty() ? row.other_kernel : row.base_kernel;
        line.other_kernel = row.other_kernel.empty() ? row.base_kernel : row.other_kernel;
        line.points.push_back(point);
    }
    std::vector<PanelDraft> panels;
    for (auto& [place, draft] : drafts) panels.push_back(std::move(draft));
    // A grid of groups by strategies where all are there, else as square as it gets.
    const bool full = panels.size() == strategies.size() * (by_group ? groups.size() : 1);
    const int columns =
        by_group && full && groups.size() > 1
            ? static_cast<int>(strategies.size())
            : static_cast<int>(std::ceil(std::sqrt(static_cast<double>(panels.size()) * 1.5)));
    addPanels(panels, std::max(1, columns), cells);

    Texts texts;
    texts.subtitle = CellNames(comparison).common();
    if (missing > 0)
        texts.note = QStringLiteral("%1 not measured on both sides. The table says why.")
                         .arg(counted(static_cast<std::int64_t>(missing), "cell"));
    return texts;
}

void OverlayChart::addPanels(const std::vector<PanelDraft>& drafts, int columns, const ComparedCells& cells) {
    if (drafts.empty()) return;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        const int row = static_cast<int>(i) / columns;
        const int column = static_cast<int>(i) % columns;
        QCPAxisRect* rect = addPanel(row, column, drafts[i].title);
        const bool lowest = i + static_cast<std::size_t>(columns) >= drafts.size();
        m_places.push_back({rect, row, column, lowest});
        for (const bool is_other : {false, true})
            for (const auto& [key, line] : drafts[i].lines) addLine(*rect, line, is_other, cells.selected);
    }
    setRanges();
    addLegend(cells.compared->comparison, cells);
}

void OverlayChart::addLine(QCPAxisRect& panel, const Line& line, bool is_other,
                           std::optional<std::size_t> selected) {
    KernelStyle style = kernelStyle(is_other ? line.other_kernel : line.base_kernel, theme());
    style.dash = is_other ? Qt::DashLine : Qt::SolidLine;
    std::vector<Point> points = line.points;
    std::sort(points.begin(), points.end(),
              [](const Point& a, const Point& b) { return a.tokens < b.tokens; });
    QVector<double> tokens;
    QVector<double> values;
    for (const Point& point : points) {
        const std::optional<double>& value = is_other ? point.other : point.base;
        tokens << point.tokens;
        values << value.value_or(std::numeric_limits<double>::quiet_NaN());  // a gap
        if (!value) continue;
        include(point.tokens, *value);
        addIndexMark(panel, point.tokens, *value, point.row);
        if (selected != point.row) continue;
        auto* ring = new QCPGraph(&bottom(panel), &left(panel));
        ring->setLineStyle(QCPGraph::lsNone);
        ring->setScatterStyle({QCPScatterStyle::ssCircle, QPen(theme().reference, 1.8), Qt::NoBrush, 13});
        ring->setData({point.tokens}, {*value});
    }
    QCPGraph* graph = addGraph(panel, style);
    QCPScatterStyle marks = graph->scatterStyle();
    marks.setBrush(is_other ? theme().background : style.color);
    marks.setSize(tokens.size() > 16 ? 3.5 : 5.5);
    if (is_other && marks.shape() == QCPScatterStyle::ssDisc) marks.setShape(QCPScatterStyle::ssCircle);
    graph->setScatterStyle(marks);
    graph->setData(tokens, values, true);
}

void OverlayChart::addLegend(const Comparison& comparison, const ComparedCells& cells) {
    std::set<std::string> listed;
    for (const std::size_t index : cells.rows) {
        const ComparisonRow& row = comparison.rows[index];
        for (const bool is_other : {false, true}) {
            const std::string& kernel = is_other ? row.other_kernel : row.base_kernel;
            if (kernel.empty() || !listed.insert((is_other ? "B " : "A ") + kernel).second) continue;
            const KernelStyle style = kernelStyle(kernel, theme());
            QCPScatterStyle marks = scatter(style, 7);
            marks.setBrush(is_other ? theme().background : style.color);
            if (is_other && marks.shape() == QCPScatterStyle::ssDisc)
                marks.setShape(QCPScatterStyle::ssCircle);
            addLegendMark(QStringLiteral("%1: %2").arg(is_other ? "B" : "A", qs(kernel)),
                          QPen(style.color, 1.8, is_other ? Qt::DashLine : Qt::SolidLine), marks);
        }
    }
}

void OverlayChart::setRanges() {
    if (m_mostTokens <= 0.0) {
        m_fewestTokens = m_lowest = 1.0;
        m_mostTokens = m_highest = 2.0;
    }
    const double margin = m_fewestTokens < m_mostTokens ? std::pow(m_mostTokens / m_fewestTokens, 0.05) : 2.0;
    const QSharedPointer<QCPAxisTickerText> no_ticks(new QCPAxisTickerText);
    for (const PanelPlace& place : m_places) {
        QCPAxis& x = bottom(*place.rect);
        QCPAxis& y = left(*place.rect);
        x.setTicker(no_ticks);
        y.setTicker(no_ticks);
        x.setScaleType(QCPAxis::stLogarithmic);
        x.setRange(m_fewestTokens / margin, m_mostTokens * margin);
        x.setTickLabels(place.lowest);
        y.setTickLabels(place.column == 0);
        if (m_quantity == Quantity::time) {
            y.setScaleType(QCPAxis::stLogarithmic);
            y.setRange(m_lowest / 1.3, std::max(m_highest, m_lowest * 2) * 1.3);
        } else {
            y.setRange(0.0, m_highest * 1.06);
        }
    }
}

void OverlayChart::placeLabels() {
    for (const PanelPlace& place : m_places) {
        QCPAxis& y = left(*place.rect);
        fitTicks(y, m_quantity == Quantity::time ? decadeTicks(y) : linearTicks(y));
        fitTicks(bottom(*place.rect), tokenTicks(bottom(*place.rect)));
        if (place.column == 0)
            fitAxisTitle(y, m_quantity == Quantity::time
                                ? QStringList{"Median time (\u00b5s, log)", "Median (\u00b5s)", "\u00b5s"}
                                : QStringList{"Bandwidth (GB/s)", "GB/s"});
        if (place.lowest)
            fitAxisTitle(bottom(*place.rect), {"Total tokens (log2)", "Total tokens", "Tokens"});
    }
}

}  // namespace moescope::ui
