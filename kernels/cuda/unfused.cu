// SPDX-License-Identifier: Apache-2.0
#include "launchers.h"
#include "unfused.cuh"

namespace moescope::cuda {
namespace {

/// A few for each place that a multiprocessor has, so that none waits for long at the end.
constexpr unsigned kBlocksPerSm = 16;

template <int kGroupSize>
void launch_quantize(ScaleFormat format, unsigned blocks, const unfused::Problem& problem, int shift,
                     cudaStream_t stream) {
    constexpr unsigned kThreads = unfused::kThreads;
    constexpr unsigned kShared = unfused::kSharedBytes;
    switch (format) {
        case ScaleFormat::fp32:
            quantize_groups_kernel<kGroupSize, ScaleFormat::fp32>
                <<<blocks, kThreads, kShared, stream>>>(problem, shift);
            break;
        case ScaleFormat::fp32_ue8m0:
            quantize_groups_kernel<kGroupSize, ScaleFormat::fp32_ue8m0>
                <<<blocks, kThreads, kShared, stream>>>(problem, shift);
            break;
        case ScaleFormat::ue8m0_packed:
            quantize_groups_kernel<kGroupSize, ScaleFormat::ue8m0_packed>
                <<<blocks, kThreads, kShared, stream>>>(problem, shift);
            break;
    }
}

}  // namespace

cudaError_t launch_unfused(const Shape& shape, const MaskedProblem& problem, void* scratch,
                           cudaStream_t stream) {
    int device = 0;
    int multiprocessors = 0;
    if (const cudaError_t status = cudaGetDevice(&device); status != cudaSuccess) return status;
    if (const cudaError_t status =
            cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
        status != cudaSuccess) {
        return status;
    }
    const unsigned blocks = static_cast<unsigned>(multiprocessors) * kBlocksPerSm;
    const unfused::Problem both{.tensors = problem, .values = static_cast<std::uint16_t*>(scratch)};
    const int shift = unfused::bucket_shift(shape.experts);
    const auto silu_mul = shape.input_type == InputType::fp16 ? silu_mul_kernel<InputType::fp16>
                                                              : silu_mul_kernel<InputType::bf16>;
    silu_mul<<<blocks, unfused::kThreads, unfused::kSharedBytes, stream>>>(both, shift);
    switch (shape.group_size) {
        case 32:
            launch_quantize<32>(shape.scale_format, blocks, both, shift, stream);
            break;
        case 64:
            launch_quantize<64>(shape.scale_format, blocks, both, shift, stream);
            break;
        case 128:
            launch_quantize<128>(shape.scale_format, blocks, both, shift, stream);
            break;
        case 256:
            launch_quantize<256>(shape.scale_format, blocks, both, shift, stream);
            break;
        default:
            return cudaErrorInvalidValue;
    }
    return cudaPeekAtLastError();
}

}  // namespace moescope::cuda
