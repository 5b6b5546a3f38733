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

QCPGraph* PlotChart::addLegendGraph(QCPLegend& legend, const QString& text) {
    // Carries a style to the legend; holds no data. Panels exist by the time legends are filled.
    QCPAxisRect* panel = m_plot->axisRect(0);
    auto* graph = new QCPGraph(&bottom(*panel), &left(*panel));
    graph->setName(text);
    graph->addToLegend(&legend);
    // Items are clipped to their own rectangle, which has no room for underscores by itself.
    QCPPlottableLegendItem& item = *legend.itemWithPlottable(graph);
    item.setMargins(QMargins(0, 0, 0, 3));
    return graph;
}

/// Null for one that is not listed.
QCPGraph* PlotChart::addLegendSeries(const Series& series) {
    const bool hidden = isHidden(series.kernel);
    if (hidden && !m_options.on_screen) return nullptr;
    QCPGraph* graph = addLegendGraph(*m_legend, series.name());
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
    addLegendGraph(*m_references, text)->setPen(linePen(theme().reference, 1.4, dash));
}

namespace {

std::vector<double> entryWidths(const QCPLegend* legend) {
    std::vector<double> widths;
    if (legend == nullptr) return widths;
    const QFontMetricsF metrics(legend->font());
    for (int i = 0; i < legend->itemCount(); ++i)
        if (auto* item = qobject_cast<QCPPlottableLegendItem*>(legend->item(i)); item != nullptr)
            widths.push_back(metrics.horizontalAdvance(item->plottable()->name()) + kLegendIconWidth + 9 +
                             legend->columnSpacing());
    return widths;
}

/// As many columns as fit side by side, each as wide as its widest entry.
void wrapInto(QCPLegend* legend, double room) {
    if (legend == nullptr) return;
    const std::vector<double> widths = entryWidths(legend);
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
    legend->setWrap(static_cast<int>(columns));
    legend->setFillOrder(QCPLegend::foColumnsFirst, true);
}

}  // namespace

/// References are longer than names of kernels: in one grid they would tear its columns apart.
void PlotChart::placeReferences(double room) {
    if (m_references == nullptr) return;
    double together = 0.0;
    for (const QCPLegend* legend : {m_legend, m_references})
        for (const double width : entryWidths(legend)) together += width;
    const bool beside = together <= room;
    QCPLayoutGrid* row = beside ? m_legendRow : m_referenceRow;
    const int column = beside ? kReferencesBeside : kKernels;
    if (row->hasElement(0, column) && row->element(0, column) == m_references) return;
    (beside ? m_referenceRow : m_legendRow)->take(m_references);
    row->addElement(0, column, m_references);
}

void PlotChart::wrapLegend() {
    const double all = m_plot->viewport().width() - 2 * kMargin;
    const double room = all - (m_colorScale != nullptr ? kColorScaleWidth + 3 * kLegendSpacing : 0);
    placeReferences(room);
    wrapInto(m_legend, room);
    wrapInto(m_references, all);
}

}  // namespace moescope::ui
