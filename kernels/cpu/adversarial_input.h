// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "moescope/workload/shape.h"
#include "thread_pool.h"

namespace moescope {

/// Fills the valid tokens of a masked input with the patterns of adversarial.h; other rows stay as they are.
void fill_adversarial(ThreadPool& pool, const Shape& shape, std::span<const std::int32_t> counts,
                      std::uint16_t* input);

}  // namespace moescope
