// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/bandwidth_chart.h"

#include <qcustomplot.h>

#include <algorithm>

#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/charts/peak.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

PlotChart::Texts BandwidthChart::build(const ChartData& data) {
    const Arrangement arrangement = arrangeResults(data, Leaves::tokens);
    m_peak = usablePeak(*data.session, data.peak).value_or(data.peak);
    const std::vector<PeakLevel> levels = peakLevels(*data.session, m_peak);
    m_highestPeak = 100.0;
    for (const PeakLevel& level : levels) m_highestPeak = std::max(m_highestPeak, level.percent);

    addStrategyPanels(arrangement, {"Utilization (%)", "%"});
    addLegendLines(arrangement.series);
    for (const PeakLevel& level : levels) {
        addLegendReference(level.text, level.dash);
        for (const LinePanel& panel : linePanels()) {
            addLevel(*panel.rect, level.percent, level.dash);
            const QCPRange tokens = bottom(*panel.rect).range();
            addObstacle(*panel.rect, {tokens.lower, level.percent}, {tokens.upper, level.percent});
        }
    }
    return {utilizationSubtitle(arrangement, m_peak), unnamedNote() + missingNote(arrangement)};
}

std::optional<double> BandwidthChart::pointValue(const Result& cell) const {
    return percentOfPeak(cell, m_peak);
}

std::vector<TickCandidate> BandwidthChart::valueTicks(const QCPAxis& axis) const {
    return linearTicks(axis);
}

void BandwidthChart::setValueRange(QCPAxis& axis, std::optional<double>,
                                   std::optional<double> highest) const {
    axis.setRange(0.0, std::max(m_highestPeak, highest.value_or(0.0)) * 1.06);
}

}  // namespace moescope::ui
