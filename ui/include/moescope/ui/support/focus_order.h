// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

class QWidget;

namespace moescope::ui {

/// What Tab stops at under `widget`, in the order of its layouts, also what is hidden just now.
QList<QWidget*> focusStops(const QWidget& widget);

/// What Tab (or Shift+Tab, `next` false) does inside `widget`: to the next stop of its layouts that can take
/// the focus, whenever its parts were made, and from the last one on to what follows `widget` in its window,
/// or round again if nothing does. For QWidget::focusNextPrevChild(). False: the focus stays where it is.
bool stepFocus(const QWidget& widget, bool next);

}  // namespace moescope::ui
