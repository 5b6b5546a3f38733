// SPDX-License-Identifier: Apache-2.0

// The order of the work on many blocks. Part of the vector kernels, which include this file behind their
// passes (block_avx2.cpp, block_avx512_impl.h): values_and_codes, compute_scales and encode_rest.

namespace moescope::cpu {
namespace {

/// The third pass of a block goes with the first of the next one.
template <int kGroup, bool kTable>
void quantize(const QuantizeBlock* blocks, int count) {
    Scratch scratch[2] = {};
    const QuantizeBlock* previous = nullptr;
    for (int i = 0; i < count; ++i) {
        Scratch& now = scratch[i % 2];
        const bool in_range =
            values_and_codes<kGroup, kTable>(blocks[i], now, previous, scratch[(i + 1) % 2]);
        previous = nullptr;
        if (in_range && compute_scales<kGroup>(blocks[i], now)) {
            store_scales(blocks[i], now.scale_bits, blocks[i].columns / kGroup);
            previous = &blocks[i];
        } else {
            quantize_blocks_scalar(&blocks[i], 1);
        }
    }
    if (previous != nullptr) encode_rest<kGroup>(*previous, scratch[(count + 1) % 2], 0);
}

/// kTable: silu from the table, by gather instructions.
template <bool kTable>
void quantize_blocks(const QuantizeBlock* blocks, int count) {
    if (count == 0) return;
    switch (blocks[0].group_size) {
        case 32:
            return quantize<32, kTable>(blocks, count);
        case 64:
            return quantize<64, kTable>(blocks, count);
        case 128:
            return quantize<128, kTable>(blocks, count);
        default:
            return quantize<256, kTable>(blocks, count);
    }
}

}  // namespace
}  // namespace moescope::cpu
