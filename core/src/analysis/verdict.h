// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/analysis/comparison.h"

namespace moescope {

/// What the bootstrap says of one cell, in logarithms of cost, other over base: above 0 is slower.
struct LogDifference {
    double estimate = 0.0;
    double low = 0.0;
    double high = 0.0;
    double variance = 0.0;         ///< of the estimate, all noise
    double sample_variance = 0.0;  ///< the part that more samples would lessen
};

/// Fills verdict, reason and advice of a row that has interval, p and q.
void decide(ComparisonRow& row, const LogDifference& difference, const CompareOptions& options);

}  // namespace moescope
