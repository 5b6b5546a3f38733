// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui {

/// The part of a report page that tells a comparison: warnings, counts, geometric means, forest plot,
/// overlaid bandwidth, and every cell that is not SAME.
QString comparisonSection(const ComparedPtr& compared);

}  // namespace moescope::ui
