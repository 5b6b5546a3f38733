// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace moescope::ui {

/// Line edits and spin boxes under `widget` leave Ctrl+Z and Ctrl+Shift+Z to the window's actions. Otherwise
/// the one with the focus would take them for a history of its own, which knows only its own typing. May be
/// called again when there are more of them.
void leaveUndoToWindow(QWidget& widget);

}  // namespace moescope::ui
