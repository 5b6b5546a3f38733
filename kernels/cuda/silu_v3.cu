// SPDX-License-Identifier: Apache-2.0
#include "silu_v3_launch.cuh"

namespace moescope::cuda {

cudaError_t launch_silu_v3(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                           bool programmatic, cudaStream_t stream) {
    using namespace silu_v3_launch;
    const bool fp16 = shape.input_type == InputType::fp16;
    switch (shape.group_size) {
        case 32:
            return (fp16 ? group_32_fp16 : group_32)(shape, numerics, problem, programmatic, stream);
        case 64:
            return (fp16 ? group_64_fp16 : group_64)(shape, numerics, problem, programmatic, stream);
        case 128:
            return (fp16 ? group_128_fp16 : group_128)(shape, numerics, problem, programmatic, stream);
        case 256:
            return (fp16 ? group_256_fp16 : group_256)(shape, numerics, problem, programmatic, stream);
        default:
            return cudaErrorInvalidValue;
    }
}

namespace {

/// kBlocks of them on each multiprocessor; 0 for what suits the device.
template <int kWarps, int kBlocksPerSm, int kBlocks = kBlocksPerSm>
cudaError_t launch_variant(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream) {
    if (shape.group_size != 128 || shape.scale_format != ScaleFormat::fp32 ||
        shape.input_type != InputType::bf16)
        return cudaErrorInvalidValue;
    return silu_v3_launch::for_experts<128, ScaleFormat::fp32, silu_v3::Bf16Values, kWarps, kBlocksPerSm>(
        problem, false, stream, kBlocks);
}

}  // namespace

const std::vector<SiluVariant>& silu_v3_variants() {
    static const std::vector<SiluVariant> variants{
        {"as launched", &launch_variant<8, 4, 0>},
        {"8 warps, 4 blocks an SM", &launch_variant<8, 4>},
        {"8 warps, 3 blocks an SM", &launch_variant<8, 4, 3>},
        {"8 warps, 3 blocks an SM, more registers", &launch_variant<8, 3>},
        {"8 warps, 2 blocks an SM", &launch_variant<8, 2>},
        {"4 warps, 6 blocks an SM", &launch_variant<4, 6>},
        {"12 warps, 2 blocks an SM", &launch_variant<12, 2>},
        {"16 warps, 1 block an SM", &launch_variant<16, 1>},
        {"24 warps, 1 block an SM", &launch_variant<24, 1>},
    };
    return variants;
}

}  // namespace moescope::cuda
