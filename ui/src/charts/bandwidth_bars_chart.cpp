// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/bandwidth_bars_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <numeric>

#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/charts/peak.h"

namespace moescope::ui {

PlotChart::Texts BandwidthBarsChart::build(const ChartData& data) {
    const Arrangement arrangement = arrangeResults(data, Leaves::tokensOrStrategies);
    const std::optional<PeakKind> peak = usablePeak(*data.session, data.peak);
    m_peak = peak.value_or(data.peak);
    const std::vector<PeakLevel> levels = peakLevels(*data.session, m_peak);
    m_highestPeak = 100.0;
    for (const PeakLevel& level : levels) m_highestPeak = std::max(m_highestPeak, level.percent);

    Bars bars{&arrangement, std::vector<std::size_t>(arrangement.series.size()), 0.0, false};
    std::iota(bars.series.begin(), bars.series.end(), std::size_t{0});
    addBars(bars);
    addLegendAreas(arrangement.series);
    for (const PeakLevel& level : levels) {
        addLegendReference(level.text, level.dash);
        for (QCPAxisRect* panel : panels()) addLevel(*panel, level.percent, level.dash);
    }
    return {utilizationSubtitle(arrangement, m_peak), missingNote(arrangement)};
}

std::optional<double> BandwidthBarsChart::barValue(const Result& cell) const {
    return percentOfPeak(cell, m_peak);
}

std::vector<TickCandidate> BandwidthBarsChart::valueTicks(const QCPAxis& axis) const {
    return linearTicks(axis);
}

void BandwidthBarsChart::setValueRange(QCPAxis& axis, double, double highest) const {
    axis.setRange(0.0, std::max(m_highestPeak, highest) * 1.06);
}

}  // namespace moescope::ui
