// SPDX-License-Identifier: GPL-3.0-or-later
// How series look on a plot, and the legend that says so.
#include <qcustomplot.h>

#include <QFontMetricsF>
#include <algorithm>

#include "charts/plot_chart_look.h"
#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {
namespace {

constexpr double kHollowShare = 0.35;  ///< of the colour in a hollow bar
constexpr double kColorScaleWidth = 220;

QColor blended(const QColor& color, const QColor& ground, double share) {
    const auto mix = [&](float a, float b) { return static_cast<float>(share * a + (1.0 - share) * b); };
    return QColor::fromRgbF(mix(color.redF(), ground.redF()), mix(color.greenF(), ground.greenF()),
                            mix(color.blueF(), ground.blueF()));
}

QCPScatterStyle::ScatterShape shapeOf(Marker marker) {
    switch (marker) {
        case Marker::disc:
            return QCPScatterStyle::ssDisc;
        case Marker::square:
            return QCPScatterStyle::ssSquare;
        case Marker::diamond:
            return QCPScatterStyle::ssDiamond;
        case Marker::triangle:
            return QCPScatterStyle::ssTriangle;
        case Marker::triangleInverted:
            return QCPScatterStyle::ssTriangleInverted;
        case Marker::plus:
            return QCPScatterStyle::ssPlus;
        case Marker::cross:
            return QCPScatterStyle::ssCross;
        case Marker::star:
            return QCPScatterStyle::ssStar;
    }
    return QCPScatterStyle::ssDisc;
}

}  // namespace

KernelStyle PlotChart::styleOf(const Series& series) const {
    KernelStyle style = kernelStyle(series.kernel, theme());
    style.hollow = series.isHollow();
    return style;
}

QBrush PlotChart::areaOf(const KernelStyle& style) const {
    return style.hollow ? blended(style.color, theme().background, kHollowShare) : style.color;
}

QCPScatterStyle PlotChart::scatter(const KernelStyle& style, double size) const {
    // A disc has no outline to leave, lines no area to empty: those are drawn finer.
    const bool disc = style.hollow && style.marker == Marker::disc;
    return {disc ? QCPScatterStyle::ssCircle : shapeOf(style.marker),
            QPen(style.color, style.hollow ? 1.0 : 1.4),
            QBrush(style.hollow ? theme().background : style.color), size};
}

QCPGraph* PlotChart::addGraph(QCPAxisRect& panel, const KernelStyle& style) {
    auto* graph = new QCPGraph(&bottom(panel), &left(panel));
    graph->setPen(linePen(style.color, style.hollow ? 1.1 : 1.8, style.dash));
    graph->setScatterStyle(scatter(style, 6));
    return graph;
}

QCPGraph* PlotChart::addLegendGraph(const QString& text) {
    // Carries a style to the legend; holds no data. Panels exist by the time legends are filled.
    QCPAxisRect* panel = m_plot->axisRect(0);
    auto* graph = new QCPGraph(&bottom(*panel), &left(*panel));
    graph->setName(text);
    graph->addToLegend(m_legend);
    // Items are clipped to their own rectangle, which has no room for underscores by itself.
    QCPPlottableLegendItem& item = *m_legend->itemWithPlottable(graph);
    item.setMargins(QMargins(0, 0, 0, 3));
    return graph;
}

/// Null for one that is not listed.
QCPGraph* PlotChart::addLegendSeries(const Series& series) {
    const bool hidden = isHidden(series.kernel);
    if (hidden && !m_options.on_screen) return nullptr;
    QCPGraph* graph = addLegendGraph(series.name());
    m_legendKernels[series.name()] = series.kernel;
    if (hidden) {
        QCPPlottableLegendItem& item = *m_legend->itemWithPlottable(graph);
        QFont struck = m_legend->font();
        struck.setStrikeOut(true);
        item.setFont(struck);
        item.setTextColor(theme().mutedText);
    }
    return graph;
}

void PlotChart::addLegendLines(const std::vector<Series>& series) {
    for (const Series& each : series) {
        QCPGraph* graph = addLegendSeries(each);
        if (graph == nullptr) continue;
        const KernelStyle style = styleOf(each);
        graph->setPen(linePen(style.color, style.hollow ? 1.1 : 1.8, style.dash));
        graph->setScatterStyle(scatter(style, 7));
    }
}

void PlotChart::addLegendAreas(const std::vector<Series>& series) {
    for (const Series& each : series) {
        QCPGraph* graph = addLegendSeries(each);
        if (graph == nullptr) continue;
        const KernelStyle style = styleOf(each);
        graph->setPen(Qt::NoPen);
        graph->setScatterStyle(
            {QCPScatterStyle::ssSquare, QPen(style.color, style.hollow ? 1.0 : 0.0), areaOf(style), 11});
    }
}

void PlotChart::addLegendReference(const QString& text, Qt::PenStyle dash) {
    addLegendGraph(text)->setPen(linePen(theme().reference, 1.4, dash));
}

/// As many columns as fit side by side, each as wide as its widest entry.
void PlotChart::wrapLegend() {
    if (m_legend == nullptr) return;
    const QFontMetricsF metrics(m_legend->font());
    std::vector<double> widths;
    for (int i = 0; i < m_legend->itemCount(); ++i)
        if (auto* item = qobject_cast<QCPPlottableLegendItem*>(m_legend->item(i)); item != nullptr)
            widths.push_back(metrics.horizontalAdvance(item->plottable()->name()) + kLegendIconWidth + 9 +
                             m_legend->columnSpacing());
    const double scale_width = m_colorScale != nullptr ? kColorScaleWidth : 0.0;
    const double room = m_plot->viewport().width() - 2 * kMargin - scale_width;
    const auto fits = [&](std::size_t columns) {
        double total = 0.0;
        for (std::size_t column = 0; column < columns; ++column) {
            double widest = 0.0;
            for (std::size_t i = column; i < widths.size(); i += columns)
                widest = std::max(widest, widths[i]);
            total += widest;
        }
        return total <= room;
    };
    std::size_t columns = std::max<std::size_t>(1, widths.size());
    while (columns > 1 && !fits(columns)) --columns;
    m_legend->setWrap(static_cast<int>(columns));
    m_legend->setFillOrder(QCPLegend::foColumnsFirst, true);
}

}  // namespace moescope::ui
