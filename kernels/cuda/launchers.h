// SPDX-License-Identifier: Apache-2.0
#pragma once

// The kernels as plain functions. Each enqueues one launch on `stream` and returns what the runtime said of
// it; pointers are device memory. No synchronisation, no allocation: all can be captured into a graph.

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <vector>

#include "difference_counters.h"
#include "masked_problem.h"
#include "moescope/workload/shape.h"

namespace moescope::cuda {

/// The baseline (silu_v2.cuh), bf16 input. Any E up to 65536, any group size of Shape, H a multiple of it.
cudaError_t launch_silu_v2(const Shape& shape, const MaskedProblem& problem, cudaStream_t stream);

/// This project's kernel (silu_v3.cuh), either input type. Any group size of Shape, H a multiple of it, E as
/// long as its counts fit shared memory (some 50,000), E x T < 2^31. Reads the counts on the device; no
/// workspace. `programmatic`: it may start while the kernel ahead of it in the stream ends (programmatic
/// dependent launch; compute capability 9.0 or newer), and waits for that one before it reads anything.
cudaError_t launch_silu_v3(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                           bool programmatic, cudaStream_t stream);

/// The operation as two kernels (unfused.cuh), either input type. `scratch` (device, aligned to 16 bytes)
/// holds 2 bytes for each of the E*T*H outputs; what was in it is lost.
cudaError_t launch_unfused(const Shape& shape, const MaskedProblem& problem, void* scratch,
                           cudaStream_t stream);

/// The 4:1 stream (stream41.cuh) over `tokens` rows: those listed in `rows` (device), or the first where that
/// is null.
cudaError_t launch_stream41(std::int64_t hidden, std::int64_t tokens, const std::int64_t* rows,
                            const std::uint16_t* input, std::uint8_t* codes, cudaStream_t stream);

/// The same with a word wherever the operation has a scale. E x T < 2^31.
cudaError_t launch_stream41_scales(const Shape& shape, const MaskedProblem& problem, std::int64_t tokens,
                                   const std::int64_t* rows, cudaStream_t stream);

/// A kernel of one block that does nothing; `programmatic` as for launch_silu_v3().
cudaError_t launch_empty(bool programmatic, cudaStream_t stream);

/// Random normal values of the type; `bytes` is rounded down to whole 16.
cudaError_t launch_fill_normal(void* target, InputType type, std::int64_t bytes, std::uint64_t seed,
                               cudaStream_t stream);

/// Compares with the reference (compare_reference.cuh) and adds to `counters` (device, start from
/// cleared_counters()).
cudaError_t launch_compare(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                           std::uint8_t poison, DifferenceCounters* counters, cudaStream_t stream);

/// Other launch configurations of the same kernels, for finding the best one on a new device side by side.
/// The first of each is the one that the functions above launch.
struct SiluVariant {
    std::string name;
    cudaError_t (*launch)(const Shape&, const MaskedProblem&,
                          cudaStream_t);  ///< G = 128, fp32 scales; silu_v2 also H >= 4096
};
struct Stream41Variant {
    std::string name;
    cudaError_t (*launch)(std::int64_t hidden, std::int64_t tokens, const std::int64_t* rows,
                          const std::uint16_t* input, std::uint8_t* codes, cudaStream_t stream);
};
const std::vector<SiluVariant>& silu_v2_variants();
const std::vector<SiluVariant>& silu_v3_variants();
const std::vector<Stream41Variant>& stream41_variants();

}  // namespace moescope::cuda
