// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "moescope/analysis/comparison.h"

namespace moescope {

/// Geometric means by kernel, and within each by strategy, experts and size, of the rows that have a ratio.
std::vector<GroupMean> group_means(const std::vector<ComparisonRow>& rows);

void count_verdict(VerdictCounts& counts, Verdict verdict);

}  // namespace moescope
