// SPDX-License-Identifier: Apache-2.0
#pragma once

// The operation as two kernels, for what fusing them saves: silu(gate) * up to a bf16 tensor (E, T, H) in
// scratch memory, then group quantization of that. Both are as good as such kernels are: 16-byte accesses, no
// shared memory but for the counts, work spread evenly over the blocks whatever the load of the experts. The
// numerics are the bf16 convention's, whose values are what the scratch tensor holds: bit for bit the
// reference's.
//
// How the work is spread, in both. All valid tokens are put in one line, each cut into tiles of kTileColumns;
// a block takes a contiguous range of tiles. Where experts begin in the line, every block sums for itself.

#include "bf16_quantize.cuh"
#include "fp16_products.cuh"
#include "masked_problem.h"
#include "silu_v2.cuh"  // TokenWalker

namespace moescope::cuda::unfused {

using namespace moescope::device;

inline constexpr int kThreads = 256;
inline constexpr int kWarps = kThreads / 32;
inline constexpr int kColumns = 8;  ///< of a thread: 16 bytes of bf16
inline constexpr int kTileColumns = kThreads * kColumns;
inline constexpr int kBuckets = kThreads;  ///< of experts; each thread sums one
/// Each warp's sum, then the offsets of all buckets: in this order 16-byte reads of the sums touch nothing
/// else.
inline constexpr int kSharedBytes = (kWarps + kBuckets + 1) * 4;

struct Problem {
    MaskedProblem tensors;
    std::uint16_t* values = nullptr;  ///< bf16 (E, T, H), aligned to 16 bytes
};

/// A bucket is 2^shift experts, so that kBuckets hold all of them.
constexpr int bucket_shift(std::int64_t experts) {
    int shift = 0;
    while (((experts - 1) >> shift) >= kBuckets) ++shift;
    return shift;
}

/// offsets[b] = tokens of the experts before bucket b, offsets[kBuckets] = all of them. By the whole block,
/// which waits for it.
MOESCOPE_DEVICE void sum_counts(const std::int32_t* counts, int experts, int shift, int* offsets) {
    const int thread = static_cast<int>(thread_index());
    const int lane = thread % 32;
    int* const warp_sums = offsets - kWarps;
    const int first = thread << shift;
    const int last = first + (1 << shift) < experts ? first + (1 << shift) : experts;
    int sum = 0;
    for (int expert = first; expert < last; ++expert) sum += counts[expert];
    MOESCOPE_UNROLL
    for (int distance = 1; distance < 32; distance *= 2) {
        const int lower = shuffle_up(sum, distance);
        if (lane >= distance) sum += lower;
    }
    if (lane == 31) warp_sums[thread / 32] = sum;
    block_barrier();
    for (int warp = 0; warp < thread / 32; ++warp) sum += warp_sums[warp];
    offsets[thread + 1] = sum;
    if (thread == 0) offsets[0] = 0;
    block_barrier();
}

/// A block's tiles, one after the other.
struct TileWalker {
    silu_v2::TokenWalker tokens;
    int tiles;  ///< of a token
    int tile;   ///< within the token
    std::int64_t left;

    /// False when the block has nothing to do.
    MOESCOPE_DEVICE bool start(const MaskedProblem& t, int shift, const int* offsets) {
        tiles = static_cast<int>((t.hidden + kTileColumns - 1) / kTileColumns);
        const std::int64_t total = static_cast<std::int64_t>(offsets[kBuckets]) * tiles;
        const auto blocks = static_cast<std::int64_t>(block_count());
        const auto block = static_cast<std::int64_t>(block_index());
        const std::int64_t one_more = total % blocks;
        const std::int64_t begin = block * (total / blocks) + (block < one_more ? block : one_more);
        left = total / blocks + (block < one_more ? 1 : 0);
        if (left == 0) return false;
        tile = static_cast<int>(begin % tiles);
        tokens = {offsets, t.counts, shift, static_cast<int>(begin / tiles), offsets[kBuckets], 0, 0, 0};
        tokens.start(kBuckets, static_cast<int>(thread_index() % 32));
        return true;
    }
    /// False after the last.
    MOESCOPE_DEVICE bool next() {
        if (--left == 0) return false;
        if (++tile == tiles) {
            tile = 0;
            tokens.next();
        }
        return true;
    }
    MOESCOPE_DEVICE std::int64_t row(const MaskedProblem& t) const {
        return tokens.expert * t.max_tokens + tokens.row;
    }
    MOESCOPE_DEVICE std::int64_t column() const {
        return static_cast<std::int64_t>(tile) * kTileColumns + thread_index() * kColumns;
    }
};

/// Eight values of a thread.
template <InputType kInput>
MOESCOPE_DEVICE Bytes16 silu_mul(const Bytes16& gate, const Bytes16& up) {
    if constexpr (kInput == InputType::fp16) {
        return fp16_products(gate, up);
    } else {
        return {silu_times_up(gate.x, up.x), silu_times_up(gate.y, up.y), silu_times_up(gate.z, up.z),
                silu_times_up(gate.w, up.w)};
    }
}

MOESCOPE_DEVICE std::uint32_t largest_magnitude(const Bytes16& v) {
    return max_bf16x2(max_bf16x2(abs_bf16x2(v.x), abs_bf16x2(v.y)),
                      max_bf16x2(abs_bf16x2(v.z), abs_bf16x2(v.w)));
}

/// Writes the scale of one group.
template <ScaleFormat kFormat>
MOESCOPE_DEVICE void write_scale(const MaskedProblem& t, int expert, int row, int group, int groups,
                                 float scale) {
    std::uint32_t* const first = t.scales + expert * (t.max_tokens * t.scale_words) + row;
    if constexpr (kFormat != ScaleFormat::ue8m0_packed) {
        first[group * t.max_tokens] = numerics::float_bits(scale);
    } else {
        auto* byte = reinterpret_cast<std::uint8_t*>(first + (group / 4) * t.max_tokens) + group % 4;
        *byte = static_cast<std::uint8_t>(numerics::ue8m0_byte(scale));
        if (group + 1 == groups) {
            for (int unused = group % 4 + 1; unused < 4; ++unused) *++byte = 0;
        }
    }
}

}  // namespace moescope::cuda::unfused

namespace moescope::cuda {

/// First of the two: values = bf16(bf16(silu(gate)) * up).
template <InputType kInput>
MOESCOPE_KERNEL(unfused::kThreads, 4)
silu_mul_kernel(const unfused::Problem problem, const int shift) {
    using namespace unfused;
    const MaskedProblem& t = problem.tensors;
    int* const offsets = reinterpret_cast<int*>(dynamic_shared()) + kWarps;
    sum_counts(t.counts, static_cast<int>(t.experts), shift, offsets);
    TileWalker walker;
    if (!walker.start(t, shift, offsets)) return;
    do {
        const std::int64_t row = walker.row(t);
        const std::int64_t column = walker.column();
        if (column < t.hidden) {
            const std::uint16_t* const from = t.input + row * 2 * t.hidden + column;
            const Bytes16 gate = load_streaming(reinterpret_cast<const Bytes16*>(from));
            const Bytes16 up = load_streaming(reinterpret_cast<const Bytes16*>(from + t.hidden));
            // Written for the second kernel to find in the cache.
            *reinterpret_cast<Bytes16*>(problem.values + row * t.hidden + column) =
                silu_mul<kInput>(gate, up);
        }
    } while (walker.next());
}

/// Second: codes and scales of the values. A group is kGroupSize / 8 neighbouring lanes.
template <int kGroupSize, ScaleFormat kFormat>
MOESCOPE_KERNEL(unfused::kThreads, 4)
quantize_groups_kernel(const unfused::Problem problem, const int shift) {
    using namespace unfused;
    constexpr int kGroupLanes = kGroupSize / kColumns;
    const MaskedProblem& t = problem.tensors;
    int* const offsets = reinterpret_cast<int*>(dynamic_shared()) + kWarps;
    sum_counts(t.counts, static_cast<int>(t.experts), shift, offsets);
    TileWalker walker;
    if (!walker.start(t, shift, offsets)) return;
    const int groups = static_cast<int>(t.hidden) / kGroupSize;
    do {
        const std::int64_t row = walker.row(t);
        const std::int64_t column = walker.column();
        const bool inside = column < t.hidden;  // of all lanes of a group, or of none
        Bytes16 values{0, 0, 0, 0};
        if (inside) {
            values = *reinterpret_cast<const Bytes16*>(problem.values + row * t.hidden + column);
        }
        std::uint32_t largest = largest_magnitude(values);
        MOESCOPE_UNROLL
        for (int mask = 1; mask < kGroupLanes; mask *= 2) {
            largest = max_bf16x2(largest, shuffle_xor(largest, mask));
        }
        const float scale = group_scale<kFormat != ScaleFormat::fp32>(larger_half(largest));
        const std::uint32_t inverse = inverse_scale_pair(scale);
        if (inside) {
            *reinterpret_cast<Bytes8*>(t.codes + row * t.hidden + column) =
                Bytes8{quantize_pair(values.x, inverse) | quantize_pair(values.y, inverse) << 16,
                       quantize_pair(values.z, inverse) | quantize_pair(values.w, inverse) << 16};
            if (thread_index() % kGroupLanes == 0) {
                write_scale<kFormat>(t, walker.tokens.expert, walker.tokens.row,
                                     static_cast<int>(column) / kGroupSize, groups, scale);
            }
        }
    } while (walker.next());
}

}  // namespace moescope::cuda
