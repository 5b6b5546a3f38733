// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a shape to one of silu_v3's instantiations. Included by one source file for each group size and input
// type, which are compiled side by side.

#include <array>
#include <atomic>

#include "launch_with.cuh"
#include "launchers.h"
#include "silu_v3.cuh"

namespace moescope::cuda::silu_v3_launch {

/// Beyond this a kernel must ask for its dynamic shared memory.
inline constexpr int kFreeSharedBytes = 48 << 10;

struct DeviceFacts {
    int multiprocessors = 0;
    bool programmatic = false;  ///< whether it has programmatic dependent launch
};

/// Of the current device; asked once for each.
inline cudaError_t device_facts(DeviceFacts& facts) {
    static std::array<std::atomic<int>, 64> known{};  // multiprocessors * 2 + programmatic
    int device = 0;
    if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) return error;
    std::atomic<int>& slot = known[static_cast<std::size_t>(device) % known.size()];
    int both = slot.load(std::memory_order_relaxed);
    if (both == 0) {
        int count = 0;
        int major = 0;
        cudaError_t error = cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device);
        if (error == cudaSuccess)
            error = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device);
        if (error != cudaSuccess) return error;
        both = count * 2 + (major >= 9 ? 1 : 0);
        slot.store(both, std::memory_order_relaxed);
    }
    facts = {both / 2, both % 2 != 0};
    return cudaSuccess;
}

/// `programmatic`: may start before the kernel ahead of it in the stream has ended (programmatic dependent
/// launch), where the device has that; it waits for that one itself before it reads anything.
template <class Config>
cudaError_t launch(const MaskedProblem& problem, bool programmatic, cudaStream_t stream) {
    DeviceFacts device;
    if (const cudaError_t error = device_facts(device); error != cudaSuccess) return error;
    const int bytes = Config::shared_bytes(problem.experts);
    auto* const kernel = silu_v3_kernel<Config>;
    if (bytes > kFreeSharedBytes) {
        const cudaError_t error =
            cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
        if (error != cudaSuccess) return error;
    }
    const auto blocks = static_cast<unsigned>(device.multiprocessors * Config::kBlocksPerSm);
    return launch_with(programmatic && device.programmatic, kernel, blocks, Config::kThreads,
                       static_cast<std::size_t>(bytes), stream, SiluV3Launch::of<Config>(problem, blocks));
}

template <int kGroupSize, ScaleFormat kFormat, template <bool> class Values>
cudaError_t for_experts(const MaskedProblem& problem, bool programmatic, cudaStream_t stream) {
    return problem.experts <= kLanes
               ? launch<SiluV3Config<kGroupSize, kFormat, Values, FewExperts>>(problem, programmatic, stream)
               : launch<SiluV3Config<kGroupSize, kFormat, Values, ManyExperts>>(problem, programmatic,
                                                                                stream);
}

template <int kGroupSize, ScaleFormat kFormat, InputType kInput>
cudaError_t for_numerics(Numerics numerics, const MaskedProblem& problem, bool programmatic,
                         cudaStream_t stream) {
    using Values = silu_v3::ValuesOf<kInput>;
    return numerics == Numerics::bf16
               ? for_experts<kGroupSize, kFormat, Values::template Bf16>(problem, programmatic, stream)
               : for_experts<kGroupSize, kFormat, Values::template Fp32>(problem, programmatic, stream);
}

template <int kGroupSize, InputType kInput>
cudaError_t for_format(const Shape& shape, Numerics numerics, const MaskedProblem& problem, bool programmatic,
                       cudaStream_t stream) {
    switch (shape.scale_format) {
        case ScaleFormat::fp32:
            return for_numerics<kGroupSize, ScaleFormat::fp32, kInput>(numerics, problem, programmatic,
                                                                       stream);
        case ScaleFormat::fp32_ue8m0:
            return for_numerics<kGroupSize, ScaleFormat::fp32_ue8m0, kInput>(numerics, problem, programmatic,
                                                                             stream);
        case ScaleFormat::ue8m0_packed:
            return for_numerics<kGroupSize, ScaleFormat::ue8m0_packed, kInput>(numerics, problem,
                                                                               programmatic, stream);
    }
    return cudaErrorInvalidValue;
}

cudaError_t group_32(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_64(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_128(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_256(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_32_fp16(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_64_fp16(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_128_fp16(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);
cudaError_t group_256_fp16(const Shape&, Numerics, const MaskedProblem&, bool, cudaStream_t);

}  // namespace moescope::cuda::silu_v3_launch
