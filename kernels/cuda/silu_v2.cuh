// SPDX-License-Identifier: Apache-2.0
#pragma once

// The persistent masked-M kernel, the baseline of the field. Faithful on purpose: where it leaves time on the
// table (every block sums all counts, a block barrier where warps work apart, many more blocks than fit at
// once, narrow stores), so does the kernel that serving engines run, which reaches about 0.7 of the limit on
// an H100; improving on it is the job of other kernels here.
//
// How it works. A fixed grid; every block
//   1. sums the counts with its first warp, so that shared memory holds where each expert's tokens begin when
//      all valid tokens are put in one line,
//   2. takes a contiguous range of that line: total/blocks tokens, the first total%blocks blocks one more,
//   3. splits H evenly over its warps; each warp streams its columns, gate and up together, through its own
//      ring of `kStages` chunks in shared memory with cp.async, running on across tokens and experts, and
//      turns one chunk a step into codes and scales.
// A lane owns 4 neighbouring columns of a 128-column chunk (8 of a 256-column one), so a group is 8, 16 or 32
// lanes and its largest magnitude takes 3 to 5 shuffles.

#include "bf16_quantize.cuh"
#include "masked_problem.h"

namespace moescope::cuda {

/// What is fixed at compile time. Conditions: H % kGroupSize == 0; with several warps also whole chunks for
/// each of them, at least kStages - 1 (so that a copy is never more than one token ahead of the computation).
template <int kGroupSize_, int kWarps_, int kStages_, int kBlocks_, int kBlocksPerSm_>
struct SiluV2Config {
    static constexpr int kGroupSize = kGroupSize_;
    static constexpr int kWarps = kWarps_;
    static constexpr int kStages = kStages_;
    static constexpr int kBlocks = kBlocks_;            ///< the grid
    static constexpr int kBlocksPerSm = kBlocksPerSm_;  ///< registers are limited so that these fit

    static constexpr int kThreads = 32 * kWarps;
    static constexpr int kChunk = kGroupSize > 128 ? kGroupSize : 128;  ///< columns a warp takes in one step
    static constexpr int kPairs = kChunk / 64;                          ///< bf16 pairs of a lane
    static constexpr int kLanesPerGroup = kGroupSize * 32 / kChunk;
    static constexpr int kGroupsPerChunk = kChunk / kGroupSize;
    static constexpr int kChunkBytes = kChunk * 4;  ///< gate, then up
    static constexpr int kRingBytes = kWarps * kStages * kChunkBytes;
    /// One warp takes whole rows, whose last chunk may be cut short.
    static constexpr bool kPartialChunks = kWarps == 1 && kGroupSize < kChunk;
};

/// Token offsets kept in shared memory. With more experts than this, one offset stands for a power of two of
/// them.
inline constexpr int kMaxOffsets = 4096;

constexpr int offset_shift(std::int64_t experts) {
    int shift = 0;
    while (((experts - 1) >> shift) >= kMaxOffsets) ++shift;
    return shift;
}
constexpr int offset_buckets(std::int64_t experts, int shift) {
    return static_cast<int>(((experts - 1) >> shift) + 1);
}
template <class Config>
constexpr int silu_v2_shared_bytes(std::int64_t experts) {
    return Config::kRingBytes + (offset_buckets(experts, offset_shift(experts)) + 1) * 4;
}

namespace silu_v2 {

using namespace moescope::device;

/// First warp: offsets[b] = tokens of the experts before bucket b, offsets[buckets] = all of them.
MOESCOPE_DEVICE void sum_counts(const std::int32_t* counts, int experts, int shift, int* offsets) {
    const int lane = static_cast<int>(thread_index());
    const int bucket_mask = (1 << shift) - 1;
    int before = 0;
    // One load after the other, as the baseline does: its price per expert is part of the picture.
    MOESCOPE_NO_UNROLL
    for (int first = 0; first < experts; first += 32) {
        const int expert = first + lane;
        int sum = expert < experts ? counts[expert] : 0;
        if (lane == 0) sum += before;
        MOESCOPE_UNROLL
        for (int distance = 1; distance < 32; distance *= 2) {
            const int lower = shuffle_up(sum, distance);
            if (lane >= distance) sum += lower;
        }
        const bool ends_bucket = ((expert + 1) & bucket_mask) == 0 || expert + 1 == experts;
        if (expert < experts && ends_bucket) offsets[(expert >> shift) + 1] = sum;
        before = shuffle_from(sum, 31);
    }
    if (lane == 0) offsets[0] = 0;
}

/// The last bucket whose first token is not behind `token`, found by the whole warp. Needs token < all
/// tokens.
MOESCOPE_DEVICE int find_bucket(const int* offsets, int buckets, int token, int lane) {
    for (int first = 0;; first += 32) {
        const int bucket = first + lane;
        const unsigned not_behind = ballot(bucket < buckets && offsets[bucket] <= token);
        if (not_behind != kAllLanes || first + 32 >= buckets) return first + count_bits(not_behind) - 1;
    }
}

/// Goes through a block's tokens in order and knows the expert of each.
struct TokenWalker {
    const int* offsets;
    const std::int32_t* counts;
    int shift;
    int token;  ///< in the line of all valid tokens
    int last;   ///< end of the block's range
    int expert;
    int expert_end;  ///< first token behind this expert's
    int row;         ///< row of the token within the expert

    MOESCOPE_DEVICE int end_of(int which, int begin) const {
        return shift == 0 ? offsets[which + 1] : begin + counts[which];
    }
    MOESCOPE_DEVICE void start(int buckets, int lane) {
        const int bucket = find_bucket(offsets, buckets, token, lane);
        int begin = offsets[bucket];
        expert = bucket << shift;
        expert_end = end_of(expert, begin);
        while (token >= expert_end) {  // only where a bucket holds several experts
            begin = expert_end;
            expert_end = end_of(++expert, begin);
        }
        row = token - begin;
    }
    MOESCOPE_DEVICE bool has_next() const { return token + 1 < last; }
    /// Returns whether the next token is the row below in the same expert.
    MOESCOPE_DEVICE bool next() {
        ++token;
        if (token < expert_end) {
            ++row;
            return true;
        }
        int begin;
        do {  // skips experts without tokens
            begin = expert_end;
            expert_end = end_of(++expert, begin);
        } while (expert_end == begin);
        row = 0;
        return false;
    }
};

/// Keeps a warp's ring filled. Lanes 0 to 15 copy gate and 16 to 31 up where a chunk is 128 columns; where it
/// is 256, every lane copies both.
template <class Config>
struct Loader {
    static constexpr int kCopyColumns = 8;  // 16 bytes

    const std::uint16_t* input;  ///< the lane's first column of row 0
    const std::uint16_t* row_start;
    const std::uint16_t* next_chunk;
    unsigned char* slots;  ///< the lane's place in the first slot
    int slot = 0;          ///< bytes
    int chunk = 0;
    int chunks;
    int lane;
    std::int64_t hidden;

    MOESCOPE_DEVICE void go_to(std::int64_t flat_row) {
        row_start = next_chunk = input + flat_row * 2 * hidden;
    }

    MOESCOPE_DEVICE void copy_chunk() {
        const bool inside = !Config::kPartialChunks ||
                            chunk * Config::kChunk + (lane % 16) * kCopyColumns < static_cast<int>(hidden);
        if (inside) copy_async_16(slots + slot, next_chunk);
        if constexpr (Config::kChunk == 256) {
            copy_async_16(slots + slot + Config::kChunkBytes / 2, next_chunk + hidden);
        }
        slot = slot + Config::kChunkBytes == Config::kStages * Config::kChunkBytes
                   ? 0
                   : slot + Config::kChunkBytes;
        next_chunk += Config::kChunk;
        ++chunk;
    }
    /// Starts the next chunk's copies, going on to the next token where this one is done. The group is closed
    /// even if nothing is left to load, so that waiting stays a matter of counting.
    MOESCOPE_DEVICE void advance(TokenWalker& walker, std::int64_t max_tokens) {
        if (chunk < chunks) {
            copy_chunk();
        } else if (walker.has_next()) {
            if (walker.next()) {
                row_start += 2 * hidden;
                next_chunk = row_start;
            } else {
                go_to(walker.expert * max_tokens);
            }
            chunk = 0;
            copy_chunk();
        }
        commit_copies();
    }
};

/// Where a warp's scales of one token go; the first lane of each group writes.
template <class Config, ScaleFormat kFormat>
struct ScaleWriter {
    std::uint32_t* word;  ///< of the lane's group (fp32), or of group 0 (packed)
    std::int64_t stride;  ///< words from one group (or four packed ones) to the next
    int group;
    int groups;

    MOESCOPE_DEVICE void write(float scale, bool first_lane) {
        if constexpr (kFormat != ScaleFormat::ue8m0_packed) {
            if (first_lane) {
                *word = numerics::float_bits(scale);
                word += Config::kGroupsPerChunk * stride;
            }
        } else if (first_lane) {
            // Byte by byte, as a word's four groups may belong to different warps.
            auto* byte = reinterpret_cast<std::uint8_t*>(word + (group / 4) * stride) + group % 4;
            *byte = static_cast<std::uint8_t>(numerics::ue8m0_byte(scale));
            if (group + 1 == groups) {
                for (int unused = group % 4 + 1; unused < 4; ++unused) *++byte = 0;
            }
            group += Config::kGroupsPerChunk;
        }
    }
};

/// A lane's columns of one chunk, from shared memory.
template <int kPairs>
struct LaneColumns {
    std::uint32_t gate[kPairs];
    std::uint32_t up[kPairs];

    MOESCOPE_DEVICE void read(const unsigned char* chunk, int lane) {
        constexpr int kHalf = kPairs * 4 * 32;  // bytes of gate
        if constexpr (kPairs == 2) {
            const auto g = reinterpret_cast<const Bytes8*>(chunk)[lane];
            const auto u = reinterpret_cast<const Bytes8*>(chunk + kHalf)[lane];
            gate[0] = g.x, gate[1] = g.y, up[0] = u.x, up[1] = u.y;
        } else {
            const auto g = reinterpret_cast<const Bytes16*>(chunk)[lane];
            const auto u = reinterpret_cast<const Bytes16*>(chunk + kHalf)[lane];
            gate[0] = g.x, gate[1] = g.y, gate[2] = g.z, gate[3] = g.w;
            up[0] = u.x, up[1] = u.y, up[2] = u.z, up[3] = u.w;
        }
    }
};

/// Turns a lane's columns into codes; all lanes of a group return its scale.
template <class Config, bool kPowerOfTwo>
MOESCOPE_DEVICE float quantize(const LaneColumns<Config::kPairs>& columns, std::uint32_t* codes) {
    std::uint32_t v[Config::kPairs];
    std::uint32_t largest = 0;
    MOESCOPE_UNROLL
    for (int p = 0; p < Config::kPairs; ++p) {
        v[p] = silu_times_up(columns.gate[p], columns.up[p]);
        largest = p == 0 ? abs_bf16x2(v[p]) : max_bf16x2(largest, abs_bf16x2(v[p]));
    }
    MOESCOPE_UNROLL
    for (int mask = 1; mask < Config::kLanesPerGroup; mask *= 2) {
        largest = max_bf16x2(largest, shuffle_xor(largest, mask));
    }
    const float scale = group_scale<kPowerOfTwo>(larger_half(largest));
    const std::uint32_t inverse = inverse_scale_pair(scale);
    MOESCOPE_UNROLL
    for (int p = 0; p < Config::kPairs; p += 2) {
        codes[p / 2] = quantize_pair(v[p], inverse) | quantize_pair(v[p + 1], inverse) << 16;
    }
    return scale;
}

MOESCOPE_DEVICE void store_codes(std::uint8_t* address, const std::uint32_t (&codes)[1]) {
    *reinterpret_cast<std::uint32_t*>(address) = codes[0];
}
MOESCOPE_DEVICE void store_codes(std::uint8_t* address, const std::uint32_t (&codes)[2]) {
    *reinterpret_cast<Bytes8*>(address) = Bytes8{codes[0], codes[1]};
}

}  // namespace silu_v2

template <class Config, ScaleFormat kFormat>
MOESCOPE_KERNEL(Config::kThreads, Config::kBlocksPerSm)
silu_v2_kernel(const MaskedProblem problem, const int shift) {
    using namespace silu_v2;
    unsigned char* const ring = dynamic_shared();
    int* const offsets = reinterpret_cast<int*>(ring + Config::kRingBytes);
    const int warp = static_cast<int>(thread_index() / 32);
    const int lane = static_cast<int>(thread_index() % 32);
    const int experts = static_cast<int>(problem.experts);
    const int buckets = ((experts - 1) >> shift) + 1;

    if (warp == 0) sum_counts(problem.counts, experts, shift, offsets);
    block_barrier();

    const int total = offsets[buckets];
    const int share = total / Config::kBlocks;
    const int one_more = total % Config::kBlocks;
    const int block = static_cast<int>(block_index());
    const int begin = block * share + (block < one_more ? block : one_more);
    const int end = begin + share + (block < one_more ? 1 : 0);
    if (begin >= end) return;

    const int hidden = static_cast<int>(problem.hidden);
    const int chunks = (hidden + Config::kWarps * Config::kChunk - 1) / (Config::kWarps * Config::kChunk);
    const int first_column = warp * chunks * Config::kChunk;

    TokenWalker walker{offsets, problem.counts, shift, begin, end, 0, 0, 0};
    walker.start(buckets, lane);

    unsigned char* const warp_ring = ring + warp * Config::kStages * Config::kChunkBytes;
    Loader<Config> loader;
    const int copied_half = Config::kChunk == 256 ? 0 : lane / 16;  // 0 gate, 1 up
    const int copied_lane = Config::kChunk == 256 ? lane : lane % 16;
    loader.input = problem.input + copied_half * problem.hidden + first_column + copied_lane * 8;
    loader.slots = warp_ring + lane * 16;
    loader.chunks = chunks;
    loader.lane = lane;
    loader.hidden = problem.hidden;
    loader.go_to(walker.expert * problem.max_tokens + walker.row);
    MOESCOPE_UNROLL
    for (int stage = 0; stage < Config::kStages - 1; ++stage) loader.advance(walker, problem.max_tokens);

    const int lane_column = first_column + lane * (Config::kChunk / 32);
    const int first_group = first_column / Config::kGroupSize + lane / Config::kLanesPerGroup;
    int slot = 0;
    for (int token = begin; token < end; ++token) {
        // The loader has not left this token yet: it is kStages - 1 chunks ahead, and a token has as many.
        const std::int64_t row = walker.expert * problem.max_tokens + walker.row;
        std::uint8_t* codes = problem.codes + row * problem.hidden + lane_column;
        ScaleWriter<Config, kFormat> scales;
        scales.word =
            problem.scales + walker.expert * (problem.max_tokens * problem.scale_words) + walker.row;
        scales.stride = problem.max_tokens;
        scales.group = first_group;
        scales.groups = hidden / Config::kGroupSize;
        if constexpr (kFormat != ScaleFormat::ue8m0_packed) scales.word += first_group * scales.stride;

        for (int chunk = 0; chunk < chunks; ++chunk) {
            wait_copies<Config::kStages - 2>();
            block_barrier();
            loader.advance(walker, problem.max_tokens);

            LaneColumns<Config::kPairs> columns;
            columns.read(warp_ring + slot, lane);
            slot = slot + Config::kChunkBytes == Config::kStages * Config::kChunkBytes
                       ? 0
                       : slot + Config::kChunkBytes;

            std::uint32_t packed[Config::kPairs / 2];
            const float scale = quantize<Config, kFormat != ScaleFormat::fp32>(columns, packed);
            const bool inside = !Config::kPartialChunks || lane_column + chunk * Config::kChunk < hidden;
            if (inside) store_codes(codes, packed);
            codes += Config::kChunk;
            scales.write(scale, inside && lane % Config::kLanesPerGroup == 0);
        }
    }
}

}  // namespace moescope::cuda
