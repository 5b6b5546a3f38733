// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "thread_pool.h"

namespace moescope {

/// Fills `values` with bf16 numbers of the normal distribution (mean 0, deviation 1, none beyond 4.4), never
/// zero. The same for one seed whatever the number of threads.
void fill_random_normal(ThreadPool& pool, std::uint16_t* values, std::int64_t count, std::uint64_t seed);

}  // namespace moescope
