// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/time_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <map>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// Any cell of the leaf: they share the case.
const Result* anyCell(const Leaf& leaf) {
    for (const Result* cell : leaf.cells)
        if (cell != nullptr) return cell;
    return nullptr;
}

std::int64_t bytesPerToken(const Leaf& leaf) {
    const Result* cell = anyCell(leaf);
    return cell == nullptr ? 0 : cell->c.shape.bytes_per_token();
}

/// Nothing where no cell tells the shape, or the peaks are unknown.
std::optional<double> limitOf(const Leaf& leaf, const Peaks& peaks) {
    const Result* cell = anyCell(leaf);
    if (cell == nullptr || leaf.tokens <= 0) return std::nullopt;
    return limit_us(moved_bytes(cell->c.shape, leaf.tokens), peaks);
}

}  // namespace

PlotChart::Texts TimeChart::build(const ChartData& data) {
    const Arrangement arrangement = arrangeResults(data, Leaves::tokens);
    const Peaks& peaks = data.session->peaks;
    m_lowestLimit.reset();
    for (const Panel& panel : arrangement.panels)
        for (const Group& group : panel.groups)
            for (const Leaf& leaf : group.leaves)
                if (const auto limit = limitOf(leaf, peaks))
                    m_lowestLimit = std::min(m_lowestLimit.value_or(*limit), *limit);

    addStrategyPanels(arrangement, {"Median time (\u00b5s, log)", "Median (\u00b5s)", "\u00b5s"});
    addLegendLines(arrangement.series);
    if (m_lowestLimit) addLimits(peaks);
    return {arrangement.common, unnamedNote() + missingNote(arrangement)};
}

void TimeChart::addLimits(const Peaks& peaks) {
    const QPen pen(theme().reference, 1.4, Qt::DashLine);
    for (const LinePanel& panel : linePanels()) {
        // Groups of equal bytes a token share one limit; drawn once, its dashes stay dashes.
        std::map<std::int64_t, std::map<std::int64_t, double>> curves;
        for (const Group* group : panel.groups)
            for (const Leaf& leaf : group->leaves)
                if (const auto limit = limitOf(leaf, peaks))
                    curves[bytesPerToken(leaf)][leaf.tokens] = *limit;
        QCPAxisRect& rect = *panel.rect;
        for (const auto& [bytes, curve] : curves) {
            auto* line = new QCPGraph(&bottom(rect), &left(rect));
            line->setPen(pen);
            std::optional<QPointF> previous;
            for (const auto& [tokens, limit] : curve) {
                const QPointF at(static_cast<double>(tokens), limit);
                line->addData(at.x(), at.y());
                if (previous) addObstacle(rect, *previous, at);
                previous = at;
            }
        }
    }
    addLegendReference(
        QStringLiteral("limit: launch floor %1 \u00b5s + bytes at %2 GB/s (stream41)")
            .arg(significantNumber(*peaks.launch_floor_us, 3), significantNumber(*peaks.measured_gbps, 3)),
        Qt::DashLine);
}

std::optional<double> TimeChart::pointValue(const Result& cell) const {
    return cell.status == Status::ok ? cell.median_us : std::nullopt;
}

std::vector<TickCandidate> TimeChart::valueTicks(const QCPAxis& axis) const {
    return decadeTicks(axis);
}

void TimeChart::setValueRange(QCPAxis& axis, std::optional<double> lowest,
                              std::optional<double> highest) const {
    axis.setScaleType(QCPAxis::stLogarithmic);
    double low = lowest.value_or(m_lowestLimit.value_or(1.0));
    if (m_lowestLimit) low = std::min(low, *m_lowestLimit);
    axis.setRange(low / 1.3, std::max(highest.value_or(10.0), low * 2) * 2.5);  // room for the groups' names
}

}  // namespace moescope::ui
