// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "block_kernels.h"
#include "moescope/kernels/numerics.h"
#include "moescope/kernels/reference.h"

namespace moescope::cpu {

void store_scales(const QuantizeBlock& block, const std::uint32_t* scale_bits, int groups) {
    constexpr std::int64_t kStride = ScaleRows::kTokens;
    if (!block.packed)
        for (int g = 0; g < groups; ++g) block.scales[g * kStride] = scale_bits[g];
    else
        for (int first = 0; first < groups; first += 4) {
            std::uint32_t word = 0;
            for (int i = 0; i < std::min(4, groups - first); ++i)
                word |= (scale_bits[first + i] >> 23) << (8 * i);
            block.scales[first / 4 * kStride] = word;
        }
    if (block.full_rows != nullptr) write_rows(*block.full_rows);
}

namespace {

void quantize_block(const QuantizeBlock& block, InputType input) {
    std::uint32_t scale_bits[kMaxBlockGroups];
    const int groups = block.columns / block.group_size;
    for (int g = 0; g < groups; ++g) {
        const int column = g * block.group_size;
        const float scale =
            reference::quantize_group(Numerics::bf16, block.ue8m0, block.gate + column, block.up + column,
                                      block.group_size, block.codes + column, input);
        scale_bits[g] = numerics::float_bits(block.ue8m0 ? numerics::ue8m0_round_up(scale) : scale);
    }
    store_scales(block, scale_bits, groups);
}

}  // namespace

void quantize_blocks_scalar(const QuantizeBlock* blocks, int count) {
    for (int i = 0; i < count; ++i) quantize_block(blocks[i], InputType::bf16);
}

void quantize_fp16_blocks_scalar(const QuantizeBlock* blocks, int count) {
    for (int i = 0; i < count; ++i) quantize_block(blocks[i], InputType::fp16);
}

void stream_block_scalar(const StreamBlock& block) {
    for (std::int64_t i = 0; i < block.bytes; i += 8) {
        std::uint64_t word[4];
        std::memcpy(word, block.source + 4 * i, sizeof word);
        const std::uint64_t folded = word[0] ^ word[1] ^ word[2] ^ word[3];
        std::memcpy(block.target + i, &folded, sizeof folded);
    }
}

}  // namespace moescope::cpu
