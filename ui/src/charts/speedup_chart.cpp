// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/speedup_chart.h"

#include <qcustomplot.h>

#include <algorithm>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// More bars than this are never wide enough to carry a number.
constexpr std::size_t kMostValueLabels = 400;

}  // namespace

QString SpeedupChart::title() const {
    return m_baseline.empty() ? QStringLiteral("Speedup")
                              : QStringLiteral("Speedup over %1").arg(qs(m_baseline));
}

PlotChart::Texts SpeedupChart::build(const ChartData& data) {
    const std::vector<Result>& results = data.session->results;
    const Arrangement arrangement = arrangeResults(data, Leaves::tokensOrStrategies);
    m_baseline = data.baseline.empty() ? default_baseline(results) : data.baseline;
    m_ratios.clear();
    std::vector<double> all;
    for (const Speedup& speedup : speedups(results, m_baseline))
        m_ratios[&results[speedup.result_index]] = speedup.ratio;

    m_series.clear();
    m_columns.clear();
    for (std::size_t k = 0; k < arrangement.series.size(); ++k) {
        if (arrangement.series[k].kernel == m_baseline) continue;
        m_series.push_back(arrangement.series[k]);
        m_columns.push_back(k);
    }
    addBars({&arrangement, m_columns, 1.0, m_ratios.size() <= kMostValueLabels});
    for (QCPAxisRect* panel : panels()) addLevel(*panel, 1.0, Qt::SolidLine);

    std::vector<Group> every_group;
    for (const Panel& panel : arrangement.panels)
        every_group.insert(every_group.end(), panel.groups.begin(), panel.groups.end());
    addLegendAreas(m_series);
    addLegendReference(QStringLiteral("%1 = 1\u00d7").arg(qs(m_baseline)), Qt::SolidLine);

    QString subtitle =
        QStringLiteral("Time of %1 / time of the kernel: above 1\u00d7 is faster, below is slower")
            .arg(qs(m_baseline));
    const QString means = meansText(every_group);
    if (!means.isEmpty()) subtitle += QStringLiteral(". Geometric mean of all cases: ") + means;
    if (!arrangement.common.isEmpty()) subtitle += QStringLiteral("; ") + arrangement.common;
    QString note = missingNote(arrangement);
    if (m_ratios.empty())
        note = QStringLiteral("Nothing to compare yet: a speedup needs two kernels in one case. ") + note;
    m_ratios.clear();  // they point into a session that is not ours
    return {subtitle, note};
}

/// "triton 0.74x, silu_v3 1.21x", "triton cold 0.74x, triton hot 0.72x"
QString SpeedupChart::meansText(const std::vector<Group>& groups) const {
    QStringList texts;
    for (std::size_t k = 0; k < m_series.size(); ++k) {
        if (isHidden(m_series[k].kernel)) continue;
        std::vector<double> ratios;
        for (const Group& group : groups)
            for (const Leaf& leaf : group.leaves)
                if (leaf.cells[m_columns[k]] != nullptr)
                    if (const auto ratio = barValue(*leaf.cells[m_columns[k]])) ratios.push_back(*ratio);
        if (!ratios.empty())
            texts << QStringLiteral("%1 %2").arg(m_series[k].name().remove(QLatin1Char(',')),
                                                 barLabel(geometric_mean(ratios)));
    }
    return texts.join(QStringLiteral(", "));
}

std::optional<double> SpeedupChart::barValue(const Result& cell) const {
    const auto at = m_ratios.find(&cell);
    if (at == m_ratios.end()) return std::nullopt;
    return at->second;
}

QString SpeedupChart::barLabel(double value) const {
    return fixedNumber(value, 2) + QChar(0xd7);
}

QString SpeedupChart::panelTitle(const Panel& panel) const {
    const QString means = meansText(panel.groups);
    if (panel.title.isEmpty() || means.isEmpty()) return panel.title;
    return QStringLiteral("%1   (geometric mean: %2)").arg(panel.title, means);
}

std::vector<TickCandidate> SpeedupChart::valueTicks(const QCPAxis& axis) const {
    return ratioTicks(axis);
}

void SpeedupChart::setValueRange(QCPAxis& axis, double lowest, double highest) const {
    axis.setScaleType(QCPAxis::stLogarithmic);
    // Room for the numbers at both ends, and never so near parity that noise looks like a difference.
    axis.setRange(std::min(0.8, lowest / 1.18), std::max(1.25, highest * 1.18));
}

}  // namespace moescope::ui
