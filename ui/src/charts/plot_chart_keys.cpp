// SPDX-License-Identifier: GPL-3.0-or-later
// Zoom and pan by keyboard, for a plot that has the focus.
#include <qcustomplot.h>

#include <QKeyEvent>
#include <QPainter>
#include <cmath>
#include <functional>

#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {
namespace {

constexpr double kZoomStep = 0.8;
constexpr double kPanStep = 0.1;  ///< of what is shown

/// The range's part from `from` to `to`, both as fractions of it; on a logarithmic axis of its logarithm.
QCPRange partOf(const QCPAxis& axis, double from, double to) {
    const QCPRange range = axis.range();
    if (axis.scaleType() == QCPAxis::stLinear)
        return {range.lower + from * range.size(), range.lower + to * range.size()};
    const double decades = std::log(range.upper / range.lower);
    return {range.lower * std::exp(from * decades), range.lower * std::exp(to * decades)};
}

/// Around what has the focus. Styles draw none for a widget that paints all of itself.
class FocusRing : public QWidget {
  public:
    explicit FocusRing(QWidget& around) : QWidget(&around) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }
    void showAround() {
        setGeometry(parentWidget()->rect());
        raise();
        show();
    }

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
        painter.drawRect(rect().adjusted(1, 1, -1, -1));
    }
};

/// Hands a plot's keys to `take`, which says whether it knows them, and shows where the focus is when Tab has
/// brought it.
class PlotKeys : public QObject {
  public:
    PlotKeys(QCustomPlot& plot, std::function<bool(int key)> take)
        : QObject(&plot), m_take(std::move(take)), m_ring(new FocusRing(plot)) {
        plot.setFocusPolicy(Qt::StrongFocus);
        plot.installEventFilter(this);
    }

    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::KeyPress) return m_take(static_cast<QKeyEvent*>(event)->key());
        if (event->type() == QEvent::FocusIn) {
            const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
            const bool by_key = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason ||
                                reason == Qt::ShortcutFocusReason;
            if (by_key) m_ring->showAround();
        }
        if (event->type() == QEvent::Resize && m_ring->isVisible()) m_ring->showAround();
        if (event->type() == QEvent::FocusOut) m_ring->hide();
        return QObject::eventFilter(watched, event);
    }

  private:
    std::function<bool(int)> m_take;
    FocusRing* m_ring;
};

}  // namespace

void PlotChart::connectKeys() {
    new PlotKeys(*m_plot, [this](int key) { return takeKey(key); });
}

bool PlotChart::takeKey(int key) {
    constexpr double kIn = (1.0 - kZoomStep) / 2.0;
    constexpr double kOut = (1.0 - 1.0 / kZoomStep) / 2.0;
    const auto both = Qt::Horizontal | Qt::Vertical;
    switch (key) {
        case Qt::Key_Plus:
        case Qt::Key_Equal:  // the plus key without Shift
            showPart(both, kIn, 1.0 - kIn);
            return true;
        case Qt::Key_Minus:
            showPart(both, kOut, 1.0 - kOut);
            return true;
        case Qt::Key_Left:
            showPart(Qt::Horizontal, -kPanStep, 1.0 - kPanStep);
            return true;
        case Qt::Key_Right:
            showPart(Qt::Horizontal, kPanStep, 1.0 + kPanStep);
            return true;
        case Qt::Key_Down:
            showPart(Qt::Vertical, -kPanStep, 1.0 - kPanStep);
            return true;
        case Qt::Key_Up:
            showPart(Qt::Vertical, kPanStep, 1.0 + kPanStep);
            return true;
        case Qt::Key_Home:
            resetView();
            return true;
        default:
            return false;
    }
}

void PlotChart::showPart(Qt::Orientations which, double from, double to) {
    m_followingRanges = true;
    m_zoomed.clear();
    for (const AxisView& view : m_views) {
        if (which.testFlag(view.axis->orientation())) view.axis->setRange(partOf(*view.axis, from, to));
        m_zoomed.emplace_back(view.axis->range().lower, view.axis->range().upper);
    }
    m_followingRanges = false;
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

}  // namespace moescope::ui
