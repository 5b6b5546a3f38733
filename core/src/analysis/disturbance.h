// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "analysis/cell_match.h"

namespace moescope {

/// What is odd about the samples of one side, in words: `bimodal`, `drifts while sampled`, `held back while
/// sampled (power_cap)`. Empty when nothing is.
std::string disturbance(const CellSide& side);

}  // namespace moescope
