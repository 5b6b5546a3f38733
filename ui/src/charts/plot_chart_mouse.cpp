// SPDX-License-Identifier: GPL-3.0-or-later
// What the reader does on a plot: zoom, pan, reset, read out, pick, switch kernels off.
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {
namespace {

constexpr double kReach = 12.0;      ///< pixels around a point that still read it out
constexpr double kClickReach = 4.0;  ///< pixels that a click may move

bool sameRange(double a_lower, double a_upper, double b_lower, double b_upper) {
    const double span = std::abs(a_upper - a_lower);
    return std::abs(a_lower - b_lower) <= 1e-9 * span && std::abs(a_upper - b_upper) <= 1e-9 * span;
}

}  // namespace

void PlotChart::connectMouse() {
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setMouseTracking(true);
    QObject::connect(m_plot, &QCustomPlot::mousePress, m_plot,
                     [this](QMouseEvent* event) { m_pressedAt = event->position(); });
    QObject::connect(m_plot, &QCustomPlot::mouseRelease, m_plot, [this](QMouseEvent* event) {
        const QPointF moved = event->position() - m_pressedAt;
        if (event->button() != Qt::LeftButton || std::hypot(moved.x(), moved.y()) > kClickReach) return;
        const Mark* mark = markAt(event->position());
        if (mark != nullptr && m_listener.picked) m_listener.picked(mark->result);
    });
    QObject::connect(m_plot, &QCustomPlot::mouseMove, m_plot, [this](QMouseEvent* event) {
        if (event->buttons() == Qt::NoButton) hover(event->position(), event->globalPosition().toPoint());
    });
    QObject::connect(m_plot, &QCustomPlot::mouseDoubleClick, m_plot, [this] { resetView(); });
    QObject::connect(m_plot, &QCustomPlot::legendClick, m_plot,
                     [this](QCPLegend*, QCPAbstractLegendItem* item, QMouseEvent*) {
                         auto* entry = qobject_cast<QCPPlottableLegendItem*>(item);
                         if (entry == nullptr || !m_listener.kernelToggled) return;
                         // Reference lines have entries too; only kernels can be switched off.
                         const auto kernel = m_legendKernels.find(entry->plottable()->name());
                         if (kernel == m_legendKernels.end()) return;
                         // Redrawing deletes the entry, which has not finished its event yet.
                         QMetaObject::invokeMethod(
                             m_plot, [this, name = kernel->second] { m_listener.kernelToggled(name); },
                             Qt::QueuedConnection);
                     });
}

void PlotChart::addMark(QCPAxisRect& panel, double x, double y, const Result& result, double half_width,
                        double half_height) {
    if (m_firstResult == nullptr) return;
    m_marks.push_back(
        {&panel, x, y, half_width, half_height, static_cast<std::size_t>(&result - m_firstResult)});
}

void PlotChart::addIndexMark(QCPAxisRect& panel, double x, double y, std::size_t index, double half_width,
                             double half_height) {
    m_marks.push_back({&panel, x, y, half_width, half_height, index});
}

const PlotChart::Mark* PlotChart::markAt(QPointF position) const {
    const Mark* nearest = nullptr;
    double least = kReach;
    for (const Mark& mark : m_marks) {
        if (!mark.panel->rect().contains(position.toPoint())) continue;
        const QCPAxis& x = bottom(*mark.panel);
        const QCPAxis& y = left(*mark.panel);
        double across = std::abs(x.coordToPixel(mark.x) - position.x());
        double along = std::abs(y.coordToPixel(mark.y) - position.y());
        if (mark.halfWidth > 0.0) {
            const bool inside = std::abs(x.pixelToCoord(position.x()) - mark.x) <= mark.halfWidth &&
                                (std::isinf(mark.halfHeight) ||
                                 std::abs(y.pixelToCoord(position.y()) - mark.y) <= mark.halfHeight);
            if (inside) return &mark;
            if (!std::isinf(mark.halfHeight)) continue;
            along = 0.0;  // beside a bar counts, as bars may be thinner than a pixel
        }
        const double distance = std::hypot(across, along);
        if (distance >= least) continue;
        least = distance;
        nearest = &mark;
    }
    return nearest;
}

void PlotChart::hover(QPointF position, QPoint global) {
    if (!m_listener.hovered) return;
    const Mark* mark = markAt(position);
    m_listener.hovered(mark != nullptr ? std::optional(mark->result) : std::nullopt, global);
}

/// Rings around points, bands behind bars, frames around tiles.
void PlotChart::highlight(const Case& selected, const Session& session) {
    const QPen pen(theme().reference, 1.8);
    QColor veil = theme().reference;
    veil.setAlpha(40);
    for (const Mark& mark : m_marks) {
        if (!(session.results[mark.result].c == selected)) continue;
        QCPAxis& x = bottom(*mark.panel);
        QCPAxis& y = left(*mark.panel);
        if (mark.halfWidth <= 0.0) {
            auto* ring = new QCPGraph(&x, &y);
            ring->setLineStyle(QCPGraph::lsNone);
            ring->setScatterStyle({QCPScatterStyle::ssCircle, pen, Qt::NoBrush, 13});
            ring->setData({mark.x}, {mark.y});
            continue;
        }
        const bool bar = std::isinf(mark.halfHeight);
        if (bar) {
            addFrame(mark, QPen(Qt::NoPen), veil);
        } else {  // dark within light shows on tiles of any colour
            addFrame(mark, QPen(Qt::white, 4.0), Qt::NoBrush);
            addFrame(mark, QPen(Qt::black, 1.6), Qt::NoBrush);
        }
    }
}

void PlotChart::addFrame(const Mark& mark, const QPen& pen, const QBrush& brush) {
    auto* frame = new QCPItemRect(m_plot);
    frame->setClipAxisRect(mark.panel);
    frame->setPen(pen);
    frame->setBrush(brush);
    const bool bar = std::isinf(mark.halfHeight);
    const auto pin = [&](QCPItemPosition* corner, double side) {
        corner->setAxes(&bottom(*mark.panel), &left(*mark.panel));
        corner->setAxisRect(mark.panel);
        corner->setTypeX(QCPItemPosition::ptPlotCoords);
        corner->setTypeY(bar ? QCPItemPosition::ptAxisRectRatio : QCPItemPosition::ptPlotCoords);
        corner->setCoords(mark.x + side * mark.halfWidth,
                          bar ? (side + 1) / 2 : mark.y - side * mark.halfHeight);
    };
    pin(frame->topLeft, -1.0);
    pin(frame->bottomRight, 1.0);
}

/// Notes the ranges as built, puts a zoom of the same chart of the same session back, and from now on moves
/// axes that were alike together.
void PlotChart::watchRanges(const Session* session) {
    const std::string shown = session != nullptr ? session->id : std::string();
    if (shown != std::exchange(m_sessionShown, shown)) m_zoomed.clear();
    for (QCPAxisRect* panel : m_plot->axisRects())
        for (QCPAxis* axis : {panel->axis(QCPAxis::atBottom), panel->axis(QCPAxis::atLeft)})
            if (axis != nullptr) m_views.push_back({axis, axis->range().lower, axis->range().upper});
    if (m_zoomed.empty()) m_zoomed = m_options.view;
    if (m_zoomed.size() != m_views.size()) m_zoomed.clear();
    for (std::size_t i = 0; i < m_zoomed.size(); ++i)
        m_views[i].axis->setRange(m_zoomed[i].first, m_zoomed[i].second);
    for (const AxisView& view : m_views)
        QObject::connect(view.axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), m_plot,
                         [this, axis = view.axis] { rangeMoved(*axis); });
}

void PlotChart::rangeMoved(QCPAxis& moved) {
    if (m_followingRanges) return;
    const auto self = std::find_if(m_views.begin(), m_views.end(),
                                   [&](const AxisView& view) { return view.axis == &moved; });
    if (self == m_views.end()) return;
    m_followingRanges = true;
    for (const AxisView& view : m_views)
        if (view.axis != &moved && view.axis->orientation() == moved.orientation() &&
            sameRange(view.lower, view.upper, self->lower, self->upper))
            view.axis->setRange(moved.range());
    m_followingRanges = false;
    m_zoomed.clear();
    for (const AxisView& view : m_views)
        m_zoomed.emplace_back(view.axis->range().lower, view.axis->range().upper);
}

void PlotChart::resetView() {
    m_followingRanges = true;
    for (const AxisView& view : m_views) view.axis->setRange(view.lower, view.upper);
    m_followingRanges = false;
    m_zoomed.clear();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace moescope::ui
