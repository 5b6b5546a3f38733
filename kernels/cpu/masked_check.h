// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stop_token>

#include "moescope/kernels/cpu_kernel.h"
#include "moescope/kernels/verification.h"
#include "thread_pool.h"

namespace moescope {

/// Bytes kept behind every tensor, poisoned and checked like rows past counts.
inline constexpr std::int64_t kGuardBytes = 256;

void fill_poison(ThreadPool& pool, void* data, std::int64_t bytes);
/// Fills codes and scales, all E*T rows and the guard, with kPoisonByte.
void poison_outputs(ThreadPool& pool, const MaskedTensors& tensors);
/// Compares every valid token with the reference of `numerics`, and everything else with the poison. Ends
/// early when stopped.
Differences compare_outputs(ThreadPool& pool, const MaskedTensors& tensors, Numerics numerics,
                            const std::stop_token& stop = {});

}  // namespace moescope
