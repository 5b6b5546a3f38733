// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

class QWidget;

namespace moescope::ui {

/// What Tab stops at under `widget`, in the order of its layouts, also what is hidden just now.
QList<QWidget*> focusStops(const QWidget& widget);

/// Makes Tab go through `widget` in the order of its layouts, whenever its parts were made.
void orderFocus(const QWidget& widget);

}  // namespace moescope::ui
