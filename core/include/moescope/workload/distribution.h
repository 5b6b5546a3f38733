// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "moescope/workload/strategy.h"

namespace moescope {

/// Statistics of one vector of counts.
struct LoadStats {
    std::int64_t min = 0;
    double mean = 0.0;
    std::int64_t max = 0;
    double max_over_mean = 0.0;  ///< 0 when no tokens
    double gini = 0.0;           ///< 0 even, towards 1 - 1/E when one expert has all
    std::int64_t active = 0;     ///< experts with at least one token

    /// False for imported results: only the mean is told.
    bool counts_known() const { return max > 0 || mean <= 0.0; }
    bool operator==(const LoadStats&) const = default;
};

LoadStats load_stats(std::span<const std::int32_t> counts);

/// Counts for every expert: exact total, 0 <= c <= max_tokens, the same on every platform for one seed.
/// `total` is ignored for a custom strategy, whose file tells it. Throws Error for an infeasible request
/// (total > experts * max_tokens, parameters out of range, file without that row...).
std::vector<std::int32_t> tokens_per_expert(const Strategy& strategy, std::int64_t experts,
                                            std::int64_t max_tokens, std::int64_t total, std::uint64_t seed);

/// Rows of a file of recorded counts: CSV (one step a line, an optional header) or JSON (an array of arrays,
/// or {"steps": [[...], ...]}). Throws Error naming file, line and remedy.
std::vector<std::vector<std::int32_t>> read_counts_file(const std::string& path);

}  // namespace moescope
