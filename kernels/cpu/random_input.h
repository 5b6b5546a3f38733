// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "moescope/workload/shape.h"
#include "thread_pool.h"

namespace moescope {

/// Fills `values` with numbers of the type and of the normal distribution (mean 0, deviation 1, none
/// beyond 4.4), never zero. The same for one seed whatever the number of threads.
void fill_random_normal(ThreadPool& pool, std::uint16_t* values, std::int64_t count, std::uint64_t seed,
                        InputType type = InputType::bf16);

}  // namespace moescope
