// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

/// "% of theoretical peak; T = 1,024, H = 7,168, ..."
QString utilizationSubtitle(const Arrangement& arrangement, PeakKind peak);
/// Says what the crosses and gaps of a chart are; empty when nothing is missing.
QString missingNote(const Arrangement& arrangement);

}  // namespace moescope::ui
