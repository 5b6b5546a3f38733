// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gui_options.h"
#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/compare/compared_cells.h"

namespace moescope::gui {

/// A session file against others, which are repetitions of one build. With a kernel map nothing but its
/// kernels and stream41. Throws Error.
ui::ComparedPtr compare_files(const std::string& base, const std::vector<std::string>& others,
                              const CompareOptions& options);

/// `render BASE --compare OTHER... --chart compare-...`: the others are repetitions of one build. Returns the
/// exit status; throws Error for what the user can mend.
int render_comparison(const RenderOptions& options, const ui::ChartFileSize& size,
                      const ui::ChartOptions& look);

}  // namespace moescope::gui
