// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "moescope/workload/shape.h"

namespace moescope::cuda {

/// Fills the rows of `input` that `rows` lists (`tokens` of them, device memory) with the patterns of
/// adversarial.h. Enqueues one launch and returns what the runtime said of it.
cudaError_t launch_fill_adversarial(const Shape& shape, std::int64_t tokens, const std::int64_t* rows,
                                    std::uint16_t* input, cudaStream_t stream);

}  // namespace moescope::cuda
