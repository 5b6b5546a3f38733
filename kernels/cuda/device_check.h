// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cuda_handles.h"
#include "masked_problem.h"
#include "moescope/kernels/verification.h"

namespace moescope::cuda {

/// Compares what a kernel left in `problem` with the reference of `numerics` on the device. `tokens` is the
/// sum of the counts. Only where something differs is one row copied to the host, to put the difference into
/// words.
Differences compare_on_device(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                              std::int64_t tokens, cudaStream_t stream);

}  // namespace moescope::cuda
