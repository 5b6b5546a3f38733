// SPDX-License-Identifier: Apache-2.0
#pragma once

// Kernels run by the emulator as silu_v2.cu and unfused.cu launch them, but for the grid.

#include <vector>

#include "masked_tensors.h"
#include "silu_v2.cuh"
#include "silu_v3.cuh"
#include "unfused.cuh"

namespace moescope::test {

/// Calls `run.template operator()<format>()` for the format of the shape.
template <class Run>
void with_format(ScaleFormat format, Run run) {
    switch (format) {
        case ScaleFormat::fp32:
            return run.template operator()<ScaleFormat::fp32>();
        case ScaleFormat::fp32_ue8m0:
            return run.template operator()<ScaleFormat::fp32_ue8m0>();
        case ScaleFormat::ue8m0_packed:
            return run.template operator()<ScaleFormat::ue8m0_packed>();
    }
}

template <class Config>
void run_silu_v2(HostTensors& tensors, std::uint64_t seed) {
    with_format(tensors.shape.scale_format, [&]<ScaleFormat kFormat>() {
        const cuda::MaskedProblem problem = tensors.problem();
        const int shift = cuda::offset_shift(problem.experts);
        emulator::launch(
            {.blocks = Config::kBlocks,
             .threads = Config::kThreads,
             .shared_bytes = static_cast<std::size_t>(cuda::silu_v2_shared_bytes<Config>(problem.experts))},
            seed, [&] { cuda::silu_v2_kernel<Config, kFormat>(problem, shift); });
    });
}

/// `first_rows`: as where there may be first rows (SiluV3Launch), or the kernel for where there are none.
/// `counts`: where they are to be read, if not where the tensors have them.
template <int kGroupSize, template <bool> class Values, int kWarps = 2>
emulator::Traffic run_silu_v3(HostTensors& tensors, unsigned blocks, std::uint64_t seed,
                              bool first_rows = true, const std::int32_t* counts = nullptr) {
    emulator::Traffic traffic;
    with_format(tensors.shape.scale_format, [&]<ScaleFormat kFormat>() {
        cuda::MaskedProblem problem = tensors.problem();
        if (counts != nullptr) problem.counts = counts;
        const auto run_config = [&]<class Config>(const Config&) {
            const auto launch = cuda::SiluV3Launch::of<Config>(
                problem, {.blocks = blocks, .steady_blocks = (blocks * 3 + 3) / 4});
            traffic = emulator::launch(
                {.blocks = blocks,
                 .threads = Config::kThreads,
                 .shared_bytes = static_cast<std::size_t>(Config::shared_bytes(tensors.shape.experts))},
                seed, [&] { cuda::silu_v3_kernel<Config>(launch); });
        };
        const auto run = [&]<class Config>(const Config& config) {
            first_rows ? run_config(config) : run_config(typename Config::WithoutFirstRows());
        };
        if (tensors.shape.experts <= cuda::kLanes) {
            run(cuda::SiluV3Config<kGroupSize, kFormat, Values, cuda::FewExperts, kWarps>());
        } else if (tensors.shape.experts <= cuda::ManyExperts::most_experts(kWarps)) {
            run(cuda::SiluV3Config<kGroupSize, kFormat, Values, cuda::ManyExperts, kWarps>());
        } else {
            using Any = cuda::SiluV3Config<kGroupSize, kFormat, Values, cuda::AnyExperts, kWarps>;
            run_config(typename Any::WithoutFirstRows());
        }
    });
    return traffic;
}

template <int kGroupSize>
void run_unfused(HostTensors& tensors, unsigned blocks, std::uint64_t seed) {
    with_format(tensors.shape.scale_format, [&]<ScaleFormat kFormat>() {
        // Never written where no token is: what reads it there would show.
        std::vector<device::Bytes16> values(static_cast<std::size_t>(tensors.shape.code_bytes() / 8),
                                            device::Bytes16{0x7FC07FC0, 0x7FC07FC0, 0x7FC07FC0, 0x7FC07FC0});
        const cuda::unfused::Problem problem{.tensors = tensors.problem(),
                                             .values = reinterpret_cast<std::uint16_t*>(values.data())};
        const int shift = cuda::unfused::bucket_shift(tensors.shape.experts);
        const emulator::LaunchShape launch{.blocks = blocks,
                                           .threads = cuda::unfused::kThreads,
                                           .shared_bytes = cuda::unfused::kSharedBytes};
        emulator::launch(launch, seed, [&] {
            if (tensors.shape.input_type == InputType::fp16) {
                cuda::silu_mul_kernel<InputType::fp16>(problem, shift);
            } else {
                cuda::silu_mul_kernel<InputType::bf16>(problem, shift);
            }
        });
        emulator::launch(launch, seed + 1,
                         [&] { cuda::quantize_groups_kernel<kGroupSize, kFormat>(problem, shift); });
    });
}

}  // namespace moescope::test
