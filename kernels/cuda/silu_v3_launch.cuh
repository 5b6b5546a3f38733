// SPDX-License-Identifier: Apache-2.0
#pragma once

// From a shape to one of silu_v3's instantiations. Included by one source file for each group size and input
// type, which are compiled side by side.

#include <algorithm>

#include "device_facts.h"
#include "launch_with.cuh"
#include "launchers.h"
#include "silu_v3.cuh"

namespace moescope::cuda::silu_v3_launch {

/// Beyond this a kernel must ask for its dynamic shared memory.
inline constexpr int kFreeSharedBytes = 48 << 10;

/// The faster a multiprocessor's share of memory, the more must be under way to keep it busy; more than that
/// makes memory serve too many places at once. Measured: H100 (25 GB/s each) three, H200 (37) four.
inline int steady_blocks_per_sm(const DeviceFacts& device) {
    constexpr double kFourFrom = 31e9;
    return device.bytes_per_second >= kFourFrom * device.multiprocessors ? 4 : 3;
}

/// `blocks_per_sm`: 0 for what suits the device.
template <class Config>
SiluV3Grid grid_for(const DeviceFacts& device, int blocks_per_sm) {
    const int suits = std::min(steady_blocks_per_sm(device), Config::kBlocksPerSm);
    const int steady = blocks_per_sm == 0 ? suits : blocks_per_sm;
    const int all = Config::kHasSteadyBlocks && blocks_per_sm == 0 ? Config::kBlocksPerSm : steady;
    return {.blocks = static_cast<unsigned>(device.multiprocessors * all),
            .steady_blocks = static_cast<unsigned>(device.multiprocessors * steady)};
}

template <class Config>
cudaError_t enqueue(const MaskedProblem& problem, SiluV3Grid grid, bool programmatic, cudaStream_t stream) {
    const int bytes = Config::shared_bytes(problem.experts);
    auto* const kernel = silu_v3_kernel<Config>;
    if (bytes > kFreeSharedBytes) {
        const cudaError_t error =
            cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
        if (error != cudaSuccess) return error;
    }
    return launch_with(programmatic, kernel, grid.blocks, Config::kThreads, static_cast<std::size_t>(bytes),
                       stream, SiluV3Launch::of<Config>(problem, grid));
}

/// `programmatic`: may start before the kernel ahead of it in the stream has ended (programmatic dependent
/// launch), where the device has that; it waits for that one itself before it reads anything.
/// `blocks_per_sm`: 0 for what suits the device.
template <class Config>
cudaError_t launch(const MaskedProblem& problem, bool programmatic, cudaStream_t stream,
                   int blocks_per_sm = 0) {
    DeviceFacts device;
    if (const cudaError_t error = current_device_facts(device); error != cudaSuccess) return error;
    const SiluV3Grid grid = grid_for<Config>(device, blocks_per_sm);
    programmatic = programmatic && device.programmatic;
    // Up to 32 experts have such rows nearly always.
    if constexpr (!Config::kFewExperts)
        if (SiluV3Launch::first_rows_of<Config>(problem, grid.blocks) == 0)
            return enqueue<typename Config::WithoutFirstRows>(problem, grid, programmatic, stream);
    return enqueue<Config>(problem, grid, programmatic, stream);
}

template <int kGroupSize, ScaleFormat kFormat, template <bool> class Values, int kWarps = 8,
          int kBlocksPerSm = Values<true>::kBlocksPerSm>
cudaError_t for_experts(const MaskedProblem& problem, bool programmatic, cudaStream_t stream,
                        int blocks_per_sm = 0) {
    const auto launch_with_finder = [&]<class Finder, bool kFirstRows>() {
        return launch<SiluV3Config<kGroupSize, kFormat, Values, Finder, kWarps, kBlocksPerSm, kFirstRows>>(
            problem, programmatic, stream, blocks_per_sm);
    };
    if (problem.experts <= kLanes) return launch_with_finder.template operator()<FewExperts, true>();
    if (problem.experts <= ManyExperts::most_experts(kWarps))
        return launch_with_finder.template operator()<ManyExperts, true>();
    return launch_with_finder.template operator()<AnyExperts, false>();
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
