// SPDX-License-Identifier: Apache-2.0

// The order of the work on many blocks. Part of the vector kernels, which include this file before their
// passes (block_avx2.cpp, block_avx512_impl.h).

namespace moescope::cpu {
namespace {

/// What the gates and ups are, and where silu comes from.
enum class Silu {
    computed,         ///< bf16
    from_table,       ///< bf16, by gather instructions
    from_fp16_table,  ///< fp16, the same way
};

template <int kGroup, Silu kSilu>
bool values_and_codes(const QuantizeBlock& block, Scratch& scratch, const QuantizeBlock* previous,
                      const Scratch& previous_scratch);
template <int kGroup>
bool compute_scales(const QuantizeBlock& block, Scratch& scratch);
template <int kGroup>
void encode_rest(const QuantizeBlock& block, const Scratch& scratch, int column);

/// The third pass of a block goes with the first of the next one.
template <int kGroup, Silu kSilu>
void quantize(const QuantizeBlock* blocks, int count) {
    Scratch scratch[2];
    const QuantizeBlock* previous = nullptr;
    for (int i = 0; i < count; ++i) {
        Scratch& now = scratch[i % 2];
        const bool in_range = values_and_codes<kGroup, kSilu>(blocks[i], now, previous, scratch[(i + 1) % 2]);
        previous = nullptr;
        if (in_range && compute_scales<kGroup>(blocks[i], now)) {
            store_scales(blocks[i], now.scale_bits, blocks[i].columns / kGroup);
            previous = &blocks[i];
        } else {
            constexpr bool kFp16 = kSilu == Silu::from_fp16_table;
            (kFp16 ? quantize_fp16_blocks_scalar : quantize_blocks_scalar)(&blocks[i], 1);
        }
    }
    if (previous != nullptr) encode_rest<kGroup>(*previous, scratch[(count + 1) % 2], 0);
}

template <Silu kSilu>
void quantize_blocks(const QuantizeBlock* blocks, int count) {
    if (count == 0) return;
    switch (blocks[0].group_size) {
        case 32:
            return quantize<32, kSilu>(blocks, count);
        case 64:
            return quantize<64, kSilu>(blocks, count);
        case 128:
            return quantize<128, kSilu>(blocks, count);
        default:
            return quantize<256, kSilu>(blocks, count);
    }
}

/// Asks for the start of the page that begins at or behind `from`. (Inline always: GCC takes a function that
/// only prefetches for one without effects, and leaves calls out.)
inline __attribute__((always_inline)) void prefetch_page(const std::uint16_t* from) {
    constexpr std::uintptr_t kPage = 4096;
    const std::uintptr_t past = reinterpret_cast<std::uintptr_t>(from) % kPage;
    const char* const page = reinterpret_cast<const char*>(from) + (kPage - past) % kPage;
    _mm_prefetch(page, _MM_HINT_T1);
    _mm_prefetch(page + 64, _MM_HINT_T1);
}

/// Asks for the start of each page that the next block reads, into the second cache: the processor's own
/// prefetching stops at the end of a page and is slow to start behind it.
inline __attribute__((always_inline)) void prefetch_pages(const QuantizeBlock& block) {
    prefetch_page(block.next_gate);
    prefetch_page(block.next_up);
}

}  // namespace
}  // namespace moescope::cpu
