// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/forest_chart.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>

#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr double kRoomAround = 0.7;     ///< rows above the first and below the last
constexpr double kMostNameShare = 0.4;  ///< of the chart's width, for names of cells
constexpr double kWidestIntervalShare =
    2;  ///< of the ratios' own extent, so that one wild cell hides no other
constexpr int kNamePixels = 10;

double markerSize(std::size_t rows) {
    if (rows <= 40) return 9.0;
    if (rows <= 130) return 7.0;
    return rows <= 400 ? 4.5 : 3.5;
}

/// Round ratios on a logarithmic axis, close together where it shows little more than parity.
std::vector<TickCandidate> forestTicks(const QCPAxis& axis) {
    if (axis.range().upper / axis.range().lower > 3.0) return ratioTicks(axis);
    std::vector<TickCandidate> ticks = linearTicks(axis);
    for (TickCandidate& tick : ticks) {
        tick.rank = std::abs(tick.at - 1.0) < 1e-9 ? 0 : 1;
        tick.text += QChar(0xd7);
    }
    return ticks;
}

}  // namespace

QString ForestChart::title() const {
    return QStringLiteral("Ratio of %1, B over A").arg(qs(to_string(m_metric)));
}

QString ForestChart::axisTitle() const {
    return QStringLiteral("%1 of B / %1 of A (log; %2)")
        .arg(qs(to_string(m_metric)), m_metric == CompareMetric::time ? QStringLiteral("right: B is slower")
                                                                      : QStringLiteral("right: B is faster"));
}

PlotChart::Texts ForestChart::buildCells(const ComparedCells& cells) {
    const Comparison& comparison = cells.compared->comparison;
    m_metric = comparison.options.metric;
    m_panel = nullptr;
    m_compared = cells.compared;
    m_order.clear();
    m_names.emplace(comparison);
    m_selected.reset();
    for (const std::size_t row : cells.rows)
        if (comparison.rows[row].ratio) m_order.push_back(row);
    std::stable_sort(m_order.begin(), m_order.end(), [&](std::size_t a, std::size_t b) {
        return *comparison.rows[a].ratio > *comparison.rows[b].ratio;
    });
    if (m_order.empty()) return texts(cells);
    for (std::size_t i = 0; i < m_order.size(); ++i)
        if (cells.selected == m_order[i]) m_selected = i;

    m_panel = addPanel(0, 0);
    left(*m_panel).setRangeReversed(true);
    left(*m_panel).setRange(-kRoomAround, static_cast<double>(m_order.size()) - 1.0 + kRoomAround);
    left(*m_panel).setTickLabelFont(font(kNamePixels));
    left(*m_panel).grid()->setVisible(false);
    left(*m_panel).setTicks(false);
    setRatioRange(*m_panel, comparison);

    QColor band = theme().reference;
    band.setAlpha(theme().dark ? 44 : 26);
    const double threshold = 1.0 + comparison.options.threshold_percent / 100.0;
    addBand(*m_panel, 1.0 / threshold, threshold, Qt::Vertical, band);
    if (m_selected) {
        QColor veil = verdictStyle(Verdict::faster, theme()).color;
        veil.setAlpha(60);
        const auto at = static_cast<double>(*m_selected);
        addBand(*m_panel, at - 0.5, at + 0.5, Qt::Horizontal, veil);
    }
    addParity(*m_panel);
    // What was found is drawn over what was not.
    for (const Verdict verdict : {Verdict::same, Verdict::unsure, Verdict::faster, Verdict::slower})
        addRatios(*m_panel, comparison, verdict);
    for (std::size_t i = 0; i < m_order.size(); ++i)
        addIndexMark(*m_panel, 1.0, static_cast<double>(i), m_order[i],
                     std::numeric_limits<double>::infinity(), 0.5);

    addLegendReference(QStringLiteral("parity"), Qt::SolidLine);
    addLegendMark(QStringLiteral("within \u00b1%1 %")
                      .arg(QString::number(comparison.options.threshold_percent, 'g', 3)),
                  Qt::NoPen, {QCPScatterStyle::ssSquare, QPen(Qt::NoPen), band, 12});
    return texts(cells);
}

void ForestChart::setRatioRange(QCPAxisRect& panel, const Comparison& comparison) {
    const double threshold = 1.0 + comparison.options.threshold_percent / 100.0;
    double least = 1.0 / threshold;
    double most = threshold;
    for (const std::size_t row : m_order) {
        least = std::min(least, *comparison.rows[row].ratio);
        most = std::max(most, *comparison.rows[row].ratio);
    }
    const double reach = std::pow(most / least, kWidestIntervalShare / 2);
    double low = least;
    double high = most;
    for (const std::size_t row : m_order) {
        if (!comparison.rows[row].interval) continue;
        low = std::min(low, std::max((*comparison.rows[row].interval)[0], least / reach));
        high = std::max(high, std::min((*comparison.rows[row].interval)[1], most * reach));
    }
    const double margin = std::pow(high / low, 0.04);
    const QSharedPointer<QCPAxisTickerText> no_ticks(new QCPAxisTickerText);
    bottom(panel).setTicker(no_ticks);
    bottom(panel).setScaleType(QCPAxis::stLogarithmic);
    bottom(panel).setRange(low / margin, high * margin);
}

void ForestChart::addParity(QCPAxisRect& panel) {
    auto* line = new QCPItemLine(&plot());
    line->setClipAxisRect(&panel);
    line->setPen(QPen(theme().reference, 1.4));
    const auto pin = [&](QCPItemPosition* end, double ratio) {
        end->setAxes(&bottom(panel), &left(panel));
        end->setAxisRect(&panel);
        end->setTypeX(QCPItemPosition::ptPlotCoords);
        end->setTypeY(QCPItemPosition::ptAxisRectRatio);
        end->setCoords(1.0, ratio);
    };
    pin(line->start, 0.0);
    pin(line->end, 1.0);
}

void ForestChart::addRatios(QCPAxisRect& panel, const Comparison& comparison, Verdict verdict) {
    const VerdictStyle style = verdictStyle(verdict, theme());
    const double size = markerSize(m_order.size());
    QVector<double> places;
    QVector<double> ratios;
    QVector<double> below;
    QVector<double> above;
    for (std::size_t i = 0; i < m_order.size(); ++i) {
        const ComparisonRow& row = comparison.rows[m_order[i]];
        if (row.verdict != verdict) continue;
        places << static_cast<double>(i);
        ratios << *row.ratio;
        below << (row.interval ? std::max(0.0, *row.ratio - (*row.interval)[0]) : 0.0);
        above << (row.interval ? std::max(0.0, (*row.interval)[1] - *row.ratio) : 0.0);
    }
    if (places.isEmpty()) return;
    addLegendMark(QStringLiteral("%1 (%2)").arg(verdictText(verdict), groupedNumber(places.size())),
                  QPen(style.color, 1.6), verdictScatter(verdict, 8));
    auto* graph = new QCPGraph(&left(panel), &bottom(panel));  // keys are places: intervals stay with ratios
    graph->setLineStyle(QCPGraph::lsNone);
    graph->setScatterStyle(verdictScatter(verdict, size));
    graph->setData(places, ratios, true);
    auto* intervals = new QCPErrorBars(&left(panel), &bottom(panel));
    intervals->setDataPlottable(graph);
    intervals->setErrorType(QCPErrorBars::etValueError);
    intervals->setSymbolGap(0);
    intervals->setWhiskerWidth(size >= 7.0 ? 4.0 : 0.0);
    // Several rows a pixel would be one area of colour that hides the ratios.
    QColor line = style.color;
    line.setAlpha(size >= 7.0 ? 255 : size >= 4.0 ? 70 : 45);
    intervals->setPen(QPen(line, size >= 7.0 ? 1.6 : 1.0));
    intervals->setData(below, above);
    graph->setLayer(QStringLiteral("axes"));  // markers over intervals
}

PlotChart::Texts ForestChart::texts(const ComparedCells& cells) const {
    const Comparison& comparison = cells.compared->comparison;
    std::size_t without = 0;
    std::size_t outside = 0;
    for (const std::size_t row : cells.rows) {
        without += comparison.rows[row].ratio ? 0 : 1;
        outside += comparison.rows[row].ratio && !comparison.rows[row].interval ? 1 : 0;
    }
    Texts texts;
    texts.subtitle = QStringLiteral("95 % intervals, largest ratio on top; %1").arg(directionText(m_metric));
    if (!m_names->common().isEmpty()) texts.subtitle += QStringLiteral("; ") + m_names->common();
    QStringList notes;
    if (without > 0)
        notes << QStringLiteral("%1 not compared: no ratio to draw. The table says why.")
                     .arg(counted(static_cast<std::int64_t>(without), "cell"));
    if (outside > 0)
        notes << QStringLiteral("%1 without interval: fewer than %2 samples on a side.")
                     .arg(counted(static_cast<std::int64_t>(outside), "cell"))
                     .arg(kFewestSamplesToCompare);
    if (cells.rows.size() < comparison.rows.size())
        notes << QStringLiteral("The filter shows %1 of %2.")
                     .arg(groupedNumber(static_cast<std::int64_t>(cells.rows.size())),
                          counted(static_cast<std::int64_t>(comparison.rows.size()), "cell"));
    texts.note = notes.join(QLatin1Char(' '));
    return texts;
}

void ForestChart::placeLabels() {
    if (m_panel == nullptr) return;
    QCPAxis& names = left(*m_panel);
    const QFontMetricsF metrics(names.tickLabelFont());
    const double widest = kMostNameShare * m_panel->outerRect().width();
    const NameForm form =
        m_names->fitting(widest, [&](const QString& text) { return metrics.horizontalAdvance(text); });
    const double row = std::abs(names.coordToPixel(1.0) - names.coordToPixel(0.0));
    // Evenly thinned, so that the distance between two labels always means the same number of cells.
    const auto step =
        static_cast<std::size_t>(std::max(1.0, std::ceil(0.95 * metrics.height() / std::max(row, 1e-3))));
    const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
    const QCPRange shown = names.range();
    for (std::size_t i = 0; i < m_order.size(); ++i) {
        const auto at = static_cast<double>(i);
        const bool selected = m_selected == i;
        const bool beside_selected =
            m_selected && !selected &&
            std::abs(at - static_cast<double>(*m_selected)) < static_cast<double>(step);
        if (!shown.contains(at) || !(selected || (i % step == 0 && !beside_selected))) continue;
        ticker->addTick(at, metrics.elidedText(m_names->of(m_compared->comparison.rows[m_order[i]], form),
                                               Qt::ElideMiddle, widest));
    }
    names.setTicker(ticker);
    names.setTicks(true);
    names.setTickLength(0, row >= 4.0 ? 3 : 0);
    fitAxisTitle(names, {m_names->heading()});
    fitTicks(bottom(*m_panel), forestTicks(bottom(*m_panel)));
    const QString quantity = qs(to_string(m_metric));
    fitAxisTitle(bottom(*m_panel), {axisTitle(), QStringLiteral("%1 of B / %1 of A (log)").arg(quantity),
                                    QStringLiteral("B / A (log)"), QStringLiteral("B / A")});
}

}  // namespace moescope::ui
