// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/facets_chart.h"

#include <qcustomplot.h>

#include <algorithm>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/charts/peak.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// More panels than this are too small to read at any usual size.
constexpr std::size_t kMostColumns = 8;
constexpr std::size_t kMostRows = 6;

}  // namespace

QString FacetsChart::title() const {
    if (m_metric == Metric::utilization) return QStringLiteral("Bandwidth utilization by %1").arg(m_facets);
    return QStringLiteral("Speedup over %1 by %2").arg(qs(m_baseline), m_facets);
}

PlotChart::Texts FacetsChart::build(const ChartData& data) {
    const Arrangement arrangement = arrangeResults(data, Leaves::tokens);
    m_peak = usablePeak(*data.session, data.peak).value_or(data.peak);
    m_highestPeak = 100.0;
    for (const PeakLevel& level : peakLevels(*data.session, m_peak))
        m_highestPeak = std::max(m_highestPeak, level.percent);
    readSpeedups(data);
    m_facets = QStringLiteral("strategy");
    if (!arrangement.groupTitle.isEmpty()) m_facets += QStringLiteral(" and %1").arg(arrangement.groupTitle);

    const QString left_out = addGrid(arrangement);
    std::vector<Series> listed = arrangement.series;
    if (m_metric == Metric::speedup)
        std::erase_if(listed, [&](const Series& each) { return each.kernel == m_baseline; });
    addLegendLines(listed);
    addReferences(*data.session);

    QString subtitle = utilizationSubtitle(arrangement, m_peak);
    if (m_metric == Metric::speedup)
        subtitle =
            QStringLiteral("Time of %1 / time of the kernel: above 1\u00d7 is faster, below is slower; %2")
                .arg(qs(m_baseline), arrangement.common);
    QString note = missingNote(arrangement);
    if (!left_out.isEmpty()) note = left_out + QLatin1Char(' ') + note;
    m_ratios.clear();  // they point into a session that is not ours
    return {subtitle, note};
}

void FacetsChart::readSpeedups(const ChartData& data) {
    const std::vector<Result>& results = data.session->results;
    m_baseline = data.baseline.empty() ? default_baseline(results) : data.baseline;
    m_ratios.clear();
    if (m_metric != Metric::speedup) return;
    for (const Speedup& speedup : speedups(results, m_baseline))
        if (results[speedup.result_index].kernel != m_baseline)
            m_ratios[&results[speedup.result_index]] = speedup.ratio;
}

QString FacetsChart::addGrid(const Arrangement& arrangement) {
    startPanels();
    std::vector<QString> columns;
    for (const Panel& panel : arrangement.panels)
        for (const Group& group : panel.groups)
            if (std::find(columns.begin(), columns.end(), group.caption) == columns.end())
                columns.push_back(group.caption);
    const std::size_t shown_rows = std::min(arrangement.panels.size(), kMostRows);
    const std::size_t shown_columns = std::min(columns.size(), kMostColumns);

    std::vector<QStringList> titles;
    for (std::size_t row = 0; row < shown_rows; ++row) {
        const Panel& panel = arrangement.panels[row];
        for (std::size_t column = 0; column < shown_columns; ++column) {
            std::vector<const Group*> groups;
            for (const Group& group : panel.groups)
                if (group.caption == columns[column]) groups.push_back(&group);
            addLinePanel(static_cast<int>(row), static_cast<int>(column),
                         row == 0 ? columns[column] : QString(), arrangement, groups, false);
        }
        const bool speedup = m_metric == Metric::speedup;
        const QString unit =
            speedup ? QStringLiteral("Speedup (\u00d7, log)") : QStringLiteral("Utilization (%)");
        const QString symbol = speedup ? QStringLiteral("\u00d7") : QStringLiteral("%");
        // "imbalanced:0.7" in two lines where a row is low.
        const QString kind = panel.title.section(QLatin1Char(':'), 0, 0);
        const QString parameters = panel.title.mid(kind.size());
        titles.push_back({panel.title + QLatin1Char('\n') + unit, panel.title + QLatin1Char('\n') + symbol,
                          panel.title, parameters.isEmpty() ? kind : kind + QLatin1Char('\n') + parameters});
    }
    finishPanels(titles);
    if (shown_rows == arrangement.panels.size() && shown_columns == columns.size()) return {};
    return QStringLiteral(
               "Shown: %1 of %2 strategies, %3 of %4 groups; the chart \"Bandwidth by case\" has them all.")
        .arg(shown_rows)
        .arg(arrangement.panels.size())
        .arg(shown_columns)
        .arg(columns.size());
}

void FacetsChart::addReferences(const Session& session) {
    if (m_metric == Metric::speedup) {
        addLegendReference(QStringLiteral("%1 = 1\u00d7").arg(qs(m_baseline)), Qt::SolidLine);
        for (const LinePanel& panel : linePanels()) addLevel(*panel.rect, 1.0, Qt::SolidLine);
        return;
    }
    for (const PeakLevel& level : peakLevels(session, m_peak)) {
        addLegendReference(level.text, level.dash);
        for (const LinePanel& panel : linePanels()) addLevel(*panel.rect, level.percent, level.dash);
    }
}

std::optional<double> FacetsChart::pointValue(const Result& cell) const {
    if (m_metric == Metric::utilization) return percentOfPeak(cell, m_peak);
    const auto at = m_ratios.find(&cell);
    if (at == m_ratios.end()) return std::nullopt;
    return at->second;
}

std::vector<TickCandidate> FacetsChart::valueTicks(const QCPAxis& axis) const {
    return m_metric == Metric::utilization ? linearTicks(axis) : ratioTicks(axis);
}

void FacetsChart::setValueRange(QCPAxis& axis, std::optional<double> lowest,
                                std::optional<double> highest) const {
    if (m_metric == Metric::utilization) {
        axis.setRange(0.0, std::max(m_highestPeak, highest.value_or(0.0)) * 1.06);
        return;
    }
    axis.setScaleType(QCPAxis::stLogarithmic);
    axis.setRange(std::min(0.8, lowest.value_or(1.0) / 1.1), std::max(1.25, highest.value_or(1.0) * 1.1));
}

}  // namespace moescope::ui
