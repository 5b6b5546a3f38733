// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moescope {

/// Integers proportional to `weights` with 0 <= c <= cap and the exact total: the largest remainder method;
/// what would exceed a cap goes to the others in proportion (to those of weight zero, evenly, only when no
/// other has room). Ties go to the lower index. Needs 0 <= total <= cap * weights.size().
std::vector<std::int32_t> apportion(std::span<const double> weights, std::int64_t total, std::int64_t cap);

/// Filled to the cap one after another, the first one first: as unequal as the cap allows.
std::vector<std::int32_t> fill_in_order(std::size_t n, std::int64_t total, std::int64_t cap);

}  // namespace moescope
