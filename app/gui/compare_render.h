// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui_options.h"
#include "moescope/ui/charts/chart_file.h"

namespace moescope::gui {

/// `render BASE --compare OTHER... --chart compare-...`: the others are repetitions of one build. Returns the exit
/// status; throws Error for what the user can mend.
int render_comparison(const RenderOptions& options, const ui::ChartFileSize& size, const ui::ChartOptions& look);

}  // namespace moescope::gui
