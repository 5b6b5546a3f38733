// SPDX-License-Identifier: Apache-2.0
#pragma once

// The seam between the driver (threads, rows) and the instruction-set variants, each compiled on its own with
// its own flags. Plain structs and pointers only: an inline function of the standard library, instantiated in
// a file that is compiled for AVX-512, could be the copy that the linker keeps for everybody.

#include <cstdint>

#include "quantize_tables.h"
#include "scale_rows.h"

namespace moescope::cpu {

/// Columns of one token that one call takes: a multiple of four groups of the largest size, so that packed
/// scale words never span two blocks; small enough for the intermediate values to stay in the first cache.
inline constexpr int kBlockColumns = 2048;
inline constexpr int kMaxBlockGroups = kBlockColumns / 32;

/// How many bf16 values below the scale the first lies whose code is normal: a factor of 2^-6, and two more
/// as the inverse is rounded. A few that are normal may be below it.
inline constexpr int kNormalBelowScale = (6 << 7) - 3;

/// Up to kBlockColumns consecutive columns of one valid token.
struct QuantizeBlock {
    const std::uint16_t* gate = nullptr;
    const std::uint16_t* up = nullptr;
    /// What this thread reads next, to be prefetched meanwhile; any address will do.
    const std::uint16_t* next_gate = nullptr;
    const std::uint16_t* next_up = nullptr;
    int columns_ahead = 0;             ///< that are prefetched into the first cache
    bool prefetch_next_block = false;  ///< into the second cache, too
    std::uint8_t* codes = nullptr;
    /// Word of the first group, in rows that the driver collects: ScaleRows::kTokens words to the next one.
    std::uint32_t* scales = nullptr;
    const ScaleRows* full_rows = nullptr;  ///< to be written when this block's scales are in them
    int columns = 0;                       ///< a multiple of group_size
    int group_size = 0;
    bool ue8m0 = false;
    bool packed = false;
    const SiluTable* silu = nullptr;
    const CodeSteps* steps = nullptr;
};

/// Where the columns lie that are read block.columns_ahead later than those from `column` on: in this block
/// or the next.
struct Ahead {
    const std::uint16_t* gate;
    const std::uint16_t* up;
};
static inline Ahead columns_ahead_of(const QuantizeBlock& block, int column) {
    const int ahead = column + block.columns_ahead;
    const bool here = ahead < block.columns;
    return {here ? block.gate + ahead : block.next_gate + (ahead - block.columns),
            here ? block.up + ahead : block.next_up + (ahead - block.columns)};
}

/// Reads 4 * bytes at `source`, writes `bytes` at `target` (a multiple of 32).
struct StreamBlock {
    const std::uint8_t* source = nullptr;
    std::uint8_t* target = nullptr;
    std::int64_t bytes = 0;
};

/// Blocks in the order in which their memory is read, all of one launch (one group size, one scale format).
void quantize_blocks_scalar(const QuantizeBlock* blocks, int count);
void quantize_blocks_avx2(const QuantizeBlock* blocks, int count);
void quantize_blocks_avx512(const QuantizeBlock* blocks, int count);
void quantize_blocks_avx512bf16(const QuantizeBlock* blocks, int count);
/// The same with silu from the table, by gather instructions.
void quantize_blocks_avx2gather(const QuantizeBlock* blocks, int count);
void quantize_blocks_avx512gather(const QuantizeBlock* blocks, int count);

/// The same for fp16 input, with block.silu for it; every other kernel here takes its input for bf16.
void quantize_fp16_blocks_scalar(const QuantizeBlock* blocks, int count);
void quantize_fp16_blocks_avx2(const QuantizeBlock* blocks, int count);
void quantize_fp16_blocks_avx512(const QuantizeBlock* blocks, int count);
void quantize_fp16_blocks_avx512bf16(const QuantizeBlock* blocks, int count);

/// 32 bytes at a time: registers of 64 are no faster where memory is the limit, and on some processors
/// slower. Lines are touched in ascending order and asked for ahead: in another order one processor tried was
/// a quarter slower.
void stream_block_avx2(const StreamBlock& block);
void stream_block_scalar(const StreamBlock& block);

/// Puts the scale words of `groups` groups, given as float bits, into their rows, packing exponents where
/// asked, and writes the rows where they are full.
void store_scales(const QuantizeBlock& block, const std::uint32_t* scale_bits, int groups);

}  // namespace moescope::cpu
