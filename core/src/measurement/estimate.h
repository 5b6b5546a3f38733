// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/measurement/plan.h"

namespace moescope {

/// Rough seconds that one cell takes on a device: verification and sampling until the stopping rule is met.
/// A launch that is timed from the host has a floor of its own and is a sample by itself. For the plan only;
/// a running sweep corrects it by what it sees.
double estimate_cell_seconds(const PlannedCase& planned, const Device& device, const MeasureOptions& options,
                             LaunchMode launch);

}  // namespace moescope
