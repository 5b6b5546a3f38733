// SPDX-License-Identifier: Apache-2.0
#include "compare_reference.cuh"
#include "fill_normal.cuh"
#include "launch_with.cuh"
#include "launchers.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kFillBlocks = 4096;
constexpr unsigned kCompareBlocks = 8192;

__global__ void empty_kernel() {
    device::start_dependents();
    device::wait_for_prerequisites();
}

}  // namespace

cudaError_t launch_empty(bool programmatic, cudaStream_t stream) {
    return launch_with(programmatic, empty_kernel, 1, 32, 0, stream);
}

cudaError_t launch_fill_normal(void* target, InputType type, std::int64_t bytes, std::uint64_t seed,
                               cudaStream_t stream) {
    fill_normal_kernel<<<kFillBlocks, 256, 0, stream>>>(static_cast<device::Bytes16*>(target), type,
                                                        bytes / 16, seed);
    return cudaPeekAtLastError();
}

cudaError_t launch_compare(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                           std::uint8_t poison, DifferenceCounters* counters, cudaStream_t stream) {
    const CompareProblem compared{.tensors = problem,
                                  .group_size = shape.group_size,
                                  .format = shape.scale_format,
                                  .numerics = numerics,
                                  .input = shape.input_type,
                                  .poison = poison};
    compare_reference_kernel<<<kCompareBlocks, 256, 0, stream>>>(compared, counters);
    return cudaPeekAtLastError();
}

}  // namespace moescope::cuda
