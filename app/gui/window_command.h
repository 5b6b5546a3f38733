// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>

#include "gui_options.h"

namespace moescope::gui {

/// Shows the window until it is closed. Returns the exit status.
int show_window(QApplication& app, const WindowOptions& options);

/// Writes a picture of the window, with the default layout, as it looks once its plan is made. Throws Error.
int write_screenshot(QApplication& app, const WindowOptions& options);

}  // namespace moescope::gui
