// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moescope {

/// Gini coefficient of non-negative counts: 0 all equal, 1 - 1/n one has all; 0 for no tokens.
double gini_coefficient(std::span<const std::int32_t> counts);

/// Counts with the Gini coefficient `target`, as near as whole tokens allow: Dirichlet weights whose
/// concentration has that Gini in expectation (Gini of a Gamma(a) variate: Gamma(a + 1/2) / (sqrt(pi) Gamma(a
/// + 1))), raised to the power that puts this very draw on the target. Throws Error when no counts within
/// 0.02 of it exist for that total and cap.
std::vector<std::int32_t> gini_counts(double target, std::int64_t experts, std::int64_t cap,
                                      std::int64_t total, std::uint64_t seed);

}  // namespace moescope
