// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/analysis/comparison.h"

namespace moescope {

/// For reading: warnings, the cells that are not SAME (or all), geometric means, and the counts last.
void print_comparison(const Comparison& comparison, bool all);

}  // namespace moescope
