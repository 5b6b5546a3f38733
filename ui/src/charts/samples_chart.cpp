// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/samples_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

#include "moescope/analysis/statistics.h"
#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::size_t kMostRows = 4;  ///< more are too low to read
constexpr int kMostBins = 40;
constexpr std::size_t kManySamples = 5000;  ///< more are a line without markers
constexpr std::size_t kMostMarks = 2000;    ///< samples that can be pointed at

/// The least range that shows all samples, with room; never of no height.
QCPRange timeRange(const std::vector<double>& samples) {
    const auto [least, most] = std::minmax_element(samples.begin(), samples.end());
    const double margin = std::max(0.08 * (*most - *least), 1e-3 * *most);
    return {*least - margin, *most + margin};
}

}  // namespace

PlotChart::Texts SamplesChart::build(const ChartData& data) {
    m_rows.clear();
    const std::vector<Result>& results = data.session->results;
    const Case& shown = data.selected != nullptr ? *data.selected : results.front().c;
    std::vector<Series> listed;
    std::size_t left_out = 0;
    QStringList without;
    for (const Series& series :
         listSeries(*data.session, shownCache(*data.session, data.cache), data.planned)) {
        const auto cell = std::find_if(results.begin(), results.end(), [&](const Result& r) {
            return r.kernel == series.kernel && r.cache == series.cache && r.c == shown;
        });
        if (cell == results.end()) continue;
        listed.push_back(series);
        if (isHidden(series.kernel)) continue;
        if (cell->samples_us.empty() || cell->status != Status::ok)
            without << series.name();
        else if (m_rows.size() < kMostRows)
            addRow(*cell, series);
        else
            ++left_out;
    }
    if (!m_rows.empty()) {
        addLegendLines(listed);
        addLegendReference(QStringLiteral("median"), Qt::DashLine);
    }

    QStringList notes;
    if (left_out > 0)
        notes << QStringLiteral("%1 not shown for want of room: switch others off.")
                     .arg(counted(static_cast<std::int64_t>(left_out), "more cell"));
    if (!without.isEmpty()) notes << QStringLiteral("Without samples: %1.").arg(without.join(", "));
    const auto failed = std::count_if(results.begin(), results.end(), [](const Result& r) {
        return r.status == Status::failed || r.status == Status::cancelled;
    });
    if (failed > 0) notes << QStringLiteral("%1 failed in the session.").arg(counted(failed, "cell"));
    const QString subtitle =
        QStringLiteral("%1; time of one launch, averaged over the launches of a sample%2")
            .arg(caseText(shown),
                 data.selected == nullptr
                     ? QStringLiteral(". Pick a case in any chart or table to see its samples")
                     : QString());
    return {subtitle, notes.join(QLatin1Char(' '))};
}

void SamplesChart::addRow(const Result& r, const Series& series) {
    const auto row = static_cast<int>(m_rows.size());
    Row panels;
    panels.times = addTimes(r, row, series.name());
    panels.histogram = addHistogram(r, row);
    panels.box = addBox(r, row);
    for (QCPAxisRect* panel : {panels.times, panels.histogram, panels.box})
        left(*panel).setRange(timeRange(r.samples_us));
    left(*panels.histogram).setTickLabels(false);
    left(*panels.box).setTickLabels(false);
    m_rows.push_back(panels);
}

QCPAxisRect* SamplesChart::addTimes(const Result& r, int row, const QString& panel_title) {
    QCPAxisRect* panel = addPanel(row, 0, panel_title);
    const KernelStyle style = kernelStyle(r.kernel, theme());
    QCPGraph* graph = addGraph(*panel, style);
    const bool dense = r.samples_us.size() > kManySamples;
    // A hair line is what the painter is fastest with; markers would cover each other.
    graph->setPen(QPen(style.color, dense ? 0.0 : 1.0));
    graph->setAntialiased(!dense);
    graph->setScatterStyle(dense ? QCPScatterStyle::ssNone
                                 : scatter(style, r.samples_us.size() > 150 ? 2.5 : 4.5));
    QVector<QCPGraphData> points;
    points.reserve(static_cast<qsizetype>(r.samples_us.size()));
    for (std::size_t i = 0; i < r.samples_us.size(); ++i) {
        points.append({static_cast<double>(i + 1), r.samples_us[i]});
        if (i < kMostMarks) addMark(*panel, static_cast<double>(i + 1), r.samples_us[i], r);
    }
    graph->data()->set(points, true);
    const auto count = static_cast<double>(r.samples_us.size());
    bottom(*panel).setRange(1 - 0.03 * count, count * 1.03 + 0.5);
    if (r.median_us) addLevel(*panel, *r.median_us, Qt::DashLine);
    return panel;
}

QCPAxisRect* SamplesChart::addHistogram(const Result& r, int row) {
    QCPAxisRect* panel = addPanel(row, 1, row == 0 ? QStringLiteral("Histogram") : QString());
    const QCPRange range = timeRange(r.samples_us);
    const int bins =
        std::clamp(static_cast<int>(std::sqrt(static_cast<double>(r.samples_us.size())) * 2), 5, kMostBins);
    const double width = range.size() / bins;
    std::vector<double> counts(static_cast<std::size_t>(bins), 0.0);
    for (const double sample : r.samples_us) {
        const int bin = std::clamp(static_cast<int>((sample - range.lower) / width), 0, bins - 1);
        counts[static_cast<std::size_t>(bin)] += 1.0;
    }
    auto* bars = new QCPBars(&left(*panel), &bottom(*panel));
    bars->setWidth(width * 0.92);
    bars->setPen(Qt::NoPen);
    bars->setBrush(kernelStyle(r.kernel, theme()).color);
    for (int i = 0; i < bins; ++i)
        bars->addData(range.lower + (i + 0.5) * width, counts[static_cast<std::size_t>(i)]);
    bottom(*panel).setRange(0.0, *std::max_element(counts.begin(), counts.end()) * 1.08);
    return panel;
}

QCPAxisRect* SamplesChart::addBox(const Result& r, int row) {
    QCPAxisRect* panel = addPanel(row, 2, row == 0 ? QStringLiteral("Min, quartiles, max") : QString());
    const KernelStyle style = kernelStyle(r.kernel, theme());
    const auto numbers = five_numbers(r.samples_us);
    auto* box = new QCPStatisticalBox(&bottom(*panel), &left(*panel));
    box->addData(1.0, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    box->setWidth(0.5);
    box->setPen(QPen(style.color, 1.6));
    QColor fill = style.color;
    fill.setAlpha(70);
    box->setBrush(fill);
    box->setMedianPen(QPen(theme().text, 2.0));
    box->setWhiskerPen(QPen(style.color, 1.4));
    box->setWhiskerBarPen(QPen(style.color, 1.4));
    addMark(*panel, 1.0, numbers[2], r, 0.4, (numbers[4] - numbers[0]) / 2 + 1e-12);
    bottom(*panel).setRange(0.4, 1.6);
    bottom(*panel).setTickLabels(false);
    bottom(*panel).setTicks(false);
    bottom(*panel).grid()->setVisible(false);
    return panel;
}

void SamplesChart::placeLabels() {
    for (const Row& row : m_rows) {
        const bool last = &row == &m_rows.back();
        for (QCPAxisRect* panel : {row.times, row.histogram, row.box})
            fitTicks(left(*panel), linearTicks(left(*panel)));
        fitAxisTitle(left(*row.times), {"Time per launch (\u00b5s)", "Time (\u00b5s)", "\u00b5s"});
        std::vector<TickCandidate> whole;
        for (TickCandidate& tick : linearTicks(bottom(*row.times)))
            if (tick.at == std::floor(tick.at)) whole.push_back(std::move(tick));
        fitTicks(bottom(*row.times), whole);
        whole.clear();
        for (TickCandidate& tick : linearTicks(bottom(*row.histogram)))
            if (tick.at == std::floor(tick.at)) whole.push_back(std::move(tick));
        fitTicks(bottom(*row.histogram), whole);
        if (!last) continue;
        fitAxisTitle(bottom(*row.times), {"Sample, in the order taken", "Sample"});
        fitAxisTitle(bottom(*row.histogram), {"Samples in a bin", "Samples"});
    }
}

}  // namespace moescope::ui
