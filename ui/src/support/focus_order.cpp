// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/focus_order.h"

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

}  // namespace

QList<QWidget*> focusStops(const QWidget& widget) {
    QList<QWidget*> stops;
    if (widget.layout() != nullptr) collect(*widget.layout(), stops);
    return stops;
}

void orderFocus(const QWidget& widget) {
    const QList<QWidget*> stops = focusStops(widget);
    for (qsizetype at = 1; at < stops.size(); ++at) QWidget::setTabOrder(stops[at - 1], stops[at]);
}

}  // namespace moescope::ui
