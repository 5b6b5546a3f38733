// SPDX-License-Identifier: Apache-2.0
#include "launchers.h"
#include "stream41.cuh"

namespace moescope::cuda {
namespace {

constexpr std::int64_t kMax32BitUnits = 0xFFFFFFFFLL - (1 << 16);  // room for the last block's idle threads

template <int kThreads, int kUnits, class Scales>
cudaError_t launch_stream(const StreamProblem& problem, const Scales& scales, cudaStream_t stream) {
    const std::int64_t units = problem.tokens * (problem.hidden / 16);
    const std::int64_t per_block = kThreads * kUnits;
    const std::int64_t blocks = (units + per_block - 1) / per_block;
    if (blocks == 0) return cudaSuccess;
    if (blocks > 0x7FFFFFFF) return cudaErrorInvalidConfiguration;
    const auto grid = static_cast<unsigned>(blocks);
    if (units <= kMax32BitUnits) {
        stream41_kernel<kThreads, kUnits, std::uint32_t><<<grid, kThreads, 0, stream>>>(problem, scales);
    } else {
        stream41_kernel<kThreads, kUnits, std::uint64_t><<<grid, kThreads, 0, stream>>>(problem, scales);
    }
    return cudaPeekAtLastError();
}

template <int kThreads, int kUnits>
cudaError_t launch(std::int64_t hidden, std::int64_t tokens, const std::int64_t* rows,
                   const std::uint16_t* input, std::uint8_t* codes, cudaStream_t stream) {
    const StreamProblem problem{
        .input = input, .codes = codes, .rows = rows, .tokens = tokens, .hidden = hidden};
    return launch_stream<kThreads, kUnits>(problem, NoStreamScales(), stream);
}

}  // namespace

cudaError_t launch_stream41_scales(const Shape& shape, const MaskedProblem& problem, std::int64_t tokens,
                                   const std::int64_t* rows, cudaStream_t stream) {
    if (tokens == 0) return cudaSuccess;  // T may be zero, which nothing is divided by
    if (shape.rows() >= std::int64_t{1} << 31) return cudaErrorInvalidValue;
    return launch_stream<512, 1>({.input = problem.input,
                                  .codes = problem.codes,
                                  .rows = rows,
                                  .tokens = tokens,
                                  .hidden = shape.hidden},
                                 StreamScales::of(shape, problem.scales), stream);
}

cudaError_t launch_stream41(std::int64_t hidden, std::int64_t tokens, const std::int64_t* rows,
                            const std::uint16_t* input, std::uint8_t* codes, cudaStream_t stream) {
    return stream41_variants().front().launch(hidden, tokens, rows, input, codes, stream);
}

const std::vector<Stream41Variant>& stream41_variants() {
    static const std::vector<Stream41Variant> variants{
        {"512 threads, 1 unit", &launch<512, 1>},  {"256 threads, 1 unit", &launch<256, 1>},
        {"128 threads, 1 unit", &launch<128, 1>},  {"1024 threads, 1 unit", &launch<1024, 1>},
        {"256 threads, 2 units", &launch<256, 2>}, {"128 threads, 2 units", &launch<128, 2>},
    };
    return variants;
}

}  // namespace moescope::cuda
