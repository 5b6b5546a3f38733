// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/focus_order.h"

#include <QApplication>
#include <QLayout>
#include <QScrollArea>
#include <QWidget>

namespace moescope::ui {
namespace {

void collect(const QLayout& layout, QList<QWidget*>& stops);

void collect(QWidget& widget, QList<QWidget*>& stops) {
    if ((widget.focusPolicy() & Qt::TabFocus) == Qt::TabFocus && widget.focusProxy() == nullptr) {
        stops << &widget;
        return;
    }
    if (const auto* scroll = qobject_cast<const QScrollArea*>(&widget)) {
        if (scroll->widget() != nullptr) collect(*scroll->widget(), stops);
    } else if (widget.layout() != nullptr) {
        collect(*widget.layout(), stops);
    }
}

void collect(const QLayout& layout, QList<QWidget*>& stops) {
    for (int at = 0; at < layout.count(); ++at) {
        QLayoutItem* item = layout.itemAt(at);
        if (item->widget() != nullptr)
            collect(*item->widget(), stops);
        else if (item->layout() != nullptr)
            collect(*item->layout(), stops);
    }
}

/// The first one outside of `widget`, if there is any.
QWidget* stopBeyond(const QWidget& widget, QWidget& from, bool next) {
    const auto step = [next](QWidget* at) {
        return next ? at->nextInFocusChain() : at->previousInFocusChain();
    };
    for (QWidget* at = step(&from); at != nullptr && at != &from; at = step(at)) {
        const bool takes_focus = (at->focusPolicy() & Qt::TabFocus) == Qt::TabFocus &&
                                 at->focusProxy() == nullptr && at->isVisible() && at->isEnabled();
        if (takes_focus && at != &widget && !widget.isAncestorOf(at)) return at;
    }
    return nullptr;
}

}  // namespace

QList<QWidget*> focusStops(const QWidget& widget) {
    QList<QWidget*> stops;
    if (widget.layout() != nullptr) collect(*widget.layout(), stops);
    return stops;
}

bool stepFocus(const QWidget& widget, bool next) {
    QWidget* const focused = QApplication::focusWidget();
    QList<QWidget*> stops;
    for (QWidget* stop : focusStops(widget))
        if (stop->isVisible() && stop->isEnabled()) stops << stop;
    if (focused == nullptr || stops.isEmpty()) return false;
    qsizetype at = -1;
    for (qsizetype i = 0; i < stops.size(); ++i)
        if (stops[i] == focused || stops[i]->isAncestorOf(focused)) at = i;

    QWidget* target = nullptr;
    const qsizetype to = next ? at + 1 : at - 1;
    if (at >= 0 && to >= 0 && to < stops.size())
        target = stops[to];
    else
        target = stopBeyond(widget, *focused, next);
    if (target == nullptr) target = next ? stops.first() : stops.last();
    target->setFocus(next ? Qt::TabFocusReason : Qt::BacktabFocusReason);
    return true;
}

}  // namespace moescope::ui
