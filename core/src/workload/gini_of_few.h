// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace moescope {

/// Up to this many tokens all that `experts` experts can have of them is looked through.
constexpr std::int64_t kFewTokens = 64;

/// Of all counts of at most `cap` that make up `total`, those whose Gini is nearest to `target`, the largest
/// count first. Needs 0 < total <= min(kFewTokens, experts * cap).
std::vector<std::int32_t> nearest_gini_counts(double target, std::int64_t experts, std::int64_t cap,
                                              std::int64_t total);

}  // namespace moescope
