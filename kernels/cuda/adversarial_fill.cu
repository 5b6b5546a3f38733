// SPDX-License-Identifier: Apache-2.0
#include "adversarial_fill.h"

#include "fill_adversarial.cuh"

namespace moescope::cuda {

cudaError_t launch_fill_adversarial(const Shape& shape, std::int64_t tokens, const std::int64_t* rows,
                                    std::uint16_t* input, cudaStream_t stream) {
    constexpr unsigned kBlocks = 4096;
    fill_adversarial_kernel<<<kBlocks, 256, 0, stream>>>({.input = input,
                                                          .rows = rows,
                                                          .tokens = tokens,
                                                          .hidden = shape.hidden,
                                                          .group_size = shape.group_size,
                                                          .type = shape.input_type});
    return cudaPeekAtLastError();
}

}  // namespace moescope::cuda
