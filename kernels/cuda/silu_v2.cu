// SPDX-License-Identifier: Apache-2.0
#include "launchers.h"
#include "silu_v2.cuh"

namespace moescope::cuda {
namespace {

// The launch configuration of the field's kernel: 132 x 32 blocks on every device (it was written for the 132
// multiprocessors of an H100, and each gets as many as fit at a time), 8 warps with 4 stages where H is large
// enough to split, else 1 warp with 2. Its 40 registers let 6 blocks of 256 threads share a multiprocessor.
constexpr int kBlocks = 132 * 32;
constexpr int kSplitWarps = 8;
constexpr int kSplitStages = 4;
constexpr int kSplitFromHidden = 4096;
constexpr int kSplitBlocksPerSm = 6;
constexpr int kWholeStages = 2;
constexpr int kWholeBlocksPerSm = 16;

// Groups of 256 columns, which the field's kernel does not know, take chunks twice as large: one stage less,
// so that a token keeps a chunk for each stage ahead.
template <int kGroupSize>
using Split = SiluV2Config<kGroupSize, kSplitWarps, kGroupSize == 256 ? kSplitStages - 1 : kSplitStages,
                           kBlocks, kSplitBlocksPerSm>;
template <int kGroupSize>
using Whole = SiluV2Config<kGroupSize, 1, kWholeStages, kBlocks, kWholeBlocksPerSm>;

template <class Config, ScaleFormat kFormat>
cudaError_t launch(const MaskedProblem& problem, cudaStream_t stream) {
    const int shift = offset_shift(problem.experts);
    silu_v2_kernel<Config, kFormat>
        <<<Config::kBlocks, Config::kThreads, silu_v2_shared_bytes<Config>(problem.experts), stream>>>(
            problem, shift);
    return cudaPeekAtLastError();
}

template <int kGroupSize, ScaleFormat kFormat>
cudaError_t launch_for_hidden(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream) {
    const bool splits =
        shape.hidden >= kSplitFromHidden && shape.hidden % (kSplitWarps * Split<kGroupSize>::kChunk) == 0;
    return splits ? launch<Split<kGroupSize>, kFormat>(problem, stream)
                  : launch<Whole<kGroupSize>, kFormat>(problem, stream);
}

template <int kGroupSize>
cudaError_t launch_for_format(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream) {
    switch (shape.scale_format) {
        case ScaleFormat::fp32:
            return launch_for_hidden<kGroupSize, ScaleFormat::fp32>(shape, problem, stream);
        case ScaleFormat::fp32_ue8m0:
            return launch_for_hidden<kGroupSize, ScaleFormat::fp32_ue8m0>(shape, problem, stream);
        case ScaleFormat::ue8m0_packed:
            return launch_for_hidden<kGroupSize, ScaleFormat::ue8m0_packed>(shape, problem, stream);
    }
    return cudaErrorInvalidValue;
}

/// A tuning variant: always split.
template <int kWarps, int kStages, int kGrid, int kBlocksPerSm>
cudaError_t launch_variant(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream) {
    using Config = SiluV2Config<128, kWarps, kStages, kGrid, kBlocksPerSm>;
    const std::int64_t per_warp = Config::kChunk * kWarps;
    if (shape.group_size != 128 || shape.scale_format != ScaleFormat::fp32 || shape.hidden % per_warp != 0 ||
        shape.hidden / per_warp < kStages - 1) {
        return cudaErrorInvalidValue;
    }
    return launch<Config, ScaleFormat::fp32>(problem, stream);
}

}  // namespace

cudaError_t launch_silu_v2(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream) {
    switch (shape.group_size) {
        case 32:
            return launch_for_format<32>(shape, problem, stream);
        case 64:
            return launch_for_format<64>(shape, problem, stream);
        case 128:
            return launch_for_format<128>(shape, problem, stream);
        case 256:
            return launch_for_format<256>(shape, problem, stream);
        default:
            return cudaErrorInvalidValue;
    }
}

const std::vector<SiluVariant>& silu_v2_variants() {
    static const std::vector<SiluVariant> variants{
        {"8 warps, 4 stages, 4224 blocks, 6 an SM", &launch_variant<8, 4, kBlocks, 6>},
        {"8 warps, 4 stages, 4224 blocks, 5 an SM", &launch_variant<8, 4, kBlocks, 5>},
        {"8 warps, 4 stages, 4224 blocks, 4 an SM", &launch_variant<8, 4, kBlocks, 4>},
        {"8 warps, 3 stages, 4224 blocks, 6 an SM", &launch_variant<8, 3, kBlocks, 6>},
        {"8 warps, 6 stages, 4224 blocks, 6 an SM", &launch_variant<8, 6, kBlocks, 6>},
        {"8 warps, 4 stages, 2112 blocks, 6 an SM", &launch_variant<8, 4, 132 * 16, 6>},
        {"8 warps, 4 stages, 792 blocks, 6 an SM", &launch_variant<8, 4, 132 * 6, 6>},
        {"4 warps, 4 stages, 4224 blocks, 12 an SM", &launch_variant<4, 4, kBlocks, 12>},
    };
    return variants;
}

}  // namespace moescope::cuda
