// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

namespace moescope::ui {

class WindowActions;

/// All keys of the window: those of its actions, and what keys and mouse do in charts, tables and fields.
/// Scrolls where the screen is too low for it.
class ShortcutsDialog : public QDialog {
    Q_OBJECT

  public:
    ShortcutsDialog(const WindowActions& actions, QWidget* parent);
};

}  // namespace moescope::ui
