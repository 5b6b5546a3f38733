// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QSize>
#include <memory>
#include <string>

#include "moescope/ui/theme/theme.h"

namespace moescope::gui {

/// Makes the application. `needs_display` false: everything is drawn in memory, whatever display there is.
/// Throws Error when a display is needed and none can be opened; where Qt would abort on the way, prints that
/// error and exits with status 2.
std::unique_ptr<QApplication> make_application(int& argc, char** argv, bool needs_display);

/// "1280x800". Throws Error.
QSize parse_size(const std::string& text);
/// "light" or "dark". Throws Error.
ui::ThemeChoice parse_theme(const std::string& text);

}  // namespace moescope::gui
