// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

/// "% of theoretical peak; T = 1,024, H = 7,168, ..."
QString utilizationSubtitle(const Arrangement& arrangement, PeakKind peak);
/// Says what the crosses and gaps of a chart are; empty when nothing is missing.
QString missingNote(const Arrangement& arrangement);

/// "NVIDIA H100 80GB HBM3, driver 580.65, ... moescope 0.1.0": where and how the numbers were taken. `shown`:
/// the cache mode of what is drawn, where that is not all.
QString footerText(const Session& session, std::optional<CacheMode> shown = {});

}  // namespace moescope::ui
