// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui_options.h"

namespace moescope::gui {

/// Draws a chart into a file. Needs a QApplication. Returns the exit status; throws Error for what the user
/// can mend.
int render(const RenderOptions& options);

/// Writes a page about a session; as render().
int report(const ReportCommandOptions& options);

}  // namespace moescope::gui
