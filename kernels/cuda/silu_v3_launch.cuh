// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a shape to one of silu_v3's instantiations. Included by one source file for each group size and input
// type, which are compiled side by side.

#include <array>
#include <atomic>

#include "launchers.h"
#include "silu_v3.cuh"

namespace moescope::cuda::silu_v3_launch {

/// Beyond this a kernel must ask for its dynamic shared memory.
inline constexpr int kFreeSharedBytes = 48 << 10;

/// Of the current device; asked once for each.
inline cudaError_t multiprocessors(int& count) {
    static std::array<std::atomic<int>, 64> known{};
    int device = 0;
    if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) return error;
    const auto index = static_cast<std::size_t>(device) % known.size();
    count = known[index].load(std::memory_order_relaxed);
    if (count != 0) return cudaSuccess;
    const cudaError_t error = cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device);
    if (error == cudaSuccess) known[index].store(count, std::memory_order_relaxed);
    return error;
}

template <class Config>
cudaError_t launch(const MaskedProblem& problem, cudaStream_t stream) {
    int sm_count = 0;
    if (const cudaError_t error = multiprocessors(sm_count); error != cudaSuccess) return error;
    const int bytes = Config::shared_bytes(problem.experts);
    auto* const kernel = silu_v3_kernel<Config>;
    if (bytes > kFreeSharedBytes) {
        const cudaError_t error =
            cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
        if (error != cudaSuccess) return error;
    }
    kernel<<<sm_count * Config::kBlocksPerSm, Config::kThreads, bytes, stream>>>(problem);
    return cudaPeekAtLastError();
}

template <int kGroupSize, ScaleFormat kFormat, template <bool> class Values>
cudaError_t for_experts(const MaskedProblem& problem, cudaStream_t stream) {
    return problem.experts <= kLanes
               ? launch<SiluV3Config<kGroupSize, kFormat, Values, FewExperts>>(problem, stream)
               : launch<SiluV3Config<kGroupSize, kFormat, Values, ManyExperts>>(problem, stream);
}

template <int kGroupSize, ScaleFormat kFormat, InputType kInput>
cudaError_t for_numerics(Numerics numerics, const MaskedProblem& problem, cudaStream_t stream) {
    using Values = silu_v3::ValuesOf<kInput>;
    return numerics == Numerics::bf16
               ? for_experts<kGroupSize, kFormat, Values::template Bf16>(problem, stream)
               : for_experts<kGroupSize, kFormat, Values::template Fp32>(problem, stream);
}

template <int kGroupSize, InputType kInput>
cudaError_t for_format(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                       cudaStream_t stream) {
    switch (shape.scale_format) {
        case ScaleFormat::fp32:
            return for_numerics<kGroupSize, ScaleFormat::fp32, kInput>(numerics, problem, stream);
        case ScaleFormat::fp32_ue8m0:
            return for_numerics<kGroupSize, ScaleFormat::fp32_ue8m0, kInput>(numerics, problem, stream);
        case ScaleFormat::ue8m0_packed:
            return for_numerics<kGroupSize, ScaleFormat::ue8m0_packed, kInput>(numerics, problem, stream);
    }
    return cudaErrorInvalidValue;
}

cudaError_t group_32(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_64(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_128(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_256(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_32_fp16(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_64_fp16(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_128_fp16(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);
cudaError_t group_256_fp16(const Shape&, Numerics, const MaskedProblem&, cudaStream_t);

}  // namespace moescope::cuda::silu_v3_launch
