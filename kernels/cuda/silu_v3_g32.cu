// SPDX-License-Identifier: Apache-2.0
#include "silu_v3_launch.cuh"

namespace moescope::cuda::silu_v3_launch {

cudaError_t group_32(const Shape& shape, Numerics numerics, const MaskedProblem& problem, bool programmatic,
                     cudaStream_t stream) {
    return for_format<32, InputType::bf16>(shape, numerics, problem, programmatic, stream);
}

}  // namespace moescope::cuda::silu_v3_launch
