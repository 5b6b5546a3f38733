// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace moescope {

/// Two-sided p of the Mann-Whitney U test (Mann and Whitney 1947). Exact, by counting rank arrangements, when
/// neither side has more than 20 values and none are equal; else the normal approximation with correction for
/// ties and continuity. 1 when a side is empty or all values are equal.
double mann_whitney_p(std::span<const double> a, std::span<const double> b);

/// Adjusted p values (q) in the order given: the smallest false discovery rate at which each is still found
/// (Benjamini and Hochberg 1995).
std::vector<double> benjamini_hochberg(std::span<const double> p);

/// Two-sided p of a standard normal deviate.
double normal_two_sided_p(double z);

}  // namespace moescope
