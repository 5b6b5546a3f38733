// SPDX-License-Identifier: Apache-2.0

// The AVX-512 kernel, included by one file for each set of instructions it is compiled for. Must not
// instantiate anything that other files share: intrinsics and the seam only (block_kernels.h). The arithmetic
// is in avx512_silu.h and avx512_encode.h, what they have in common in avx512_lanes.h; the order of the work
// is here.
//
// A block goes through three passes. The first computes v = bf16(bf16(silu(gate)) * up) and keeps it, packed,
// in the first cache, with the largest magnitude of each group; the second turns those into scales, sixteen
// groups at once; the third encodes. The third pass of a block runs step by step between those of the first
// of the next one: two independent chains of work, and memory and arithmetic both busy all along. Words are
// split into even and odd columns, 32 bits wide each, by a shift and a mask.

#include <immintrin.h>

#include "block_kernels.h"

// In this order: each uses the ones before.
// clang-format off
#include "avx512_lanes.h"
#include "avx512_silu.h"
#include "avx512_encode.h"
// clang-format on

namespace moescope::cpu {
namespace {

/// What decides whether a block is left to the scalar code: unsigned maxima of gates (negative ones are the
/// largest) and of twice the ups (which drops the sign).
struct Extremes {
    __m512i gates = _mm512_setzero_si512();
    __m512i ups = _mm512_setzero_si512();

    bool out_of_range() const {
        // A gate below -87. Or a magnitude of 2^74 and more: it could make the rounding of a subnormal silu
        // visible, where ties are not rounded to even here.
        return largest(gates) > 0xC2AE || largest(ups) >= 2 * 0x6480;
    }
};

/// First pass, kVectors * 32 columns.
template <int kGroup, int kVectors>
MOESCOPE_INLINE void compute_values(const Constants& k, const QuantizeBlock& block, int column,
                                    Extremes& extremes, Scratch& scratch) {
    constexpr int kUnit = kGroup < kStep ? kGroup / kLanes : 4;  // registers with an amax of their own
    constexpr int kTogether = kVectors < 2 ? 1 : 2;              // more do not fit the registers
    __m512i amax[kVectors];
    MOESCOPE_UNROLL for (int first = 0; first < kVectors; first += kTogether) {
        __m512 x[2 * kTogether];
        MOESCOPE_UNROLL for (int j = 0; j < kTogether; ++j) {
            const int from = column + (first + j) * kLanes;
            const __m512i gate = _mm512_loadu_si512(block.gate + from);
            // A prefetch is dropped where too many are on their way already: each line is asked for twice.
            _mm_prefetch(block.next_gate + from, _MM_HINT_T0);
            _mm_prefetch(block.next_up + from, _MM_HINT_T0);
            _mm_prefetch(block.gate + from + kStep * 4, _MM_HINT_T0);
            _mm_prefetch(block.up + from + kStep * 4, _MM_HINT_T0);
            extremes.gates = _mm512_max_epu16(extremes.gates, gate);
            x[2 * j] = even_columns(gate);
            x[2 * j + 1] = odd_columns(k, gate);
        }
        silu<2 * kTogether>(k, x);
        MOESCOPE_UNROLL for (int j = 0; j < kTogether; ++j) {
            const int i = first + j;
            const __m512i up = _mm512_loadu_si512(block.up + column + i * kLanes);
            extremes.ups = _mm512_max_epu16(extremes.ups, _mm512_add_epi16(up, up));
            const __m512 even = _mm512_mul_ps(round_half_up(k, x[2 * j]), even_columns(up));
            const __m512 odd = _mm512_mul_ps(round_half_up(k, x[2 * j + 1]), odd_columns(k, up));
            const __m512i v = pack_values(k, even, odd);
            _mm512_store_si512(scratch.values + column + i * kLanes, v);
            amax[i] = _mm512_and_si512(v, k.magnitude);
            if (i % kUnit != 0) amax[i / kUnit * kUnit] = _mm512_max_epu16(amax[i / kUnit * kUnit], amax[i]);
        }
    }
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; i += kUnit) scratch.amax[(column / kLanes + i) / kUnit] =
        largest(amax[i]);
}

/// Second pass. Returns whether all is well: no group holds an infinity or a NaN.
template <int kGroup>
bool compute_scales(const Constants& k, const QuantizeBlock& block, Scratch& scratch) {
    const int groups = block.columns / kGroup;
    if constexpr (kGroup > kStep)
        for (int g = 0; g < groups; ++g) {
            const std::uint16_t first = scratch.amax[2 * g];
            const std::uint16_t second = scratch.amax[2 * g + 1];
            scratch.amax[g] = first > second ? first : second;
        }
    __mmask16 special = 0;
    for (int g = 0; g < groups; g += 16) {
        const int left = groups - g;
        const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
        const __m256i words = _mm256_load_si256(reinterpret_cast<const __m256i*>(scratch.amax + g));
        const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16);
        special |= _mm512_mask_cmpge_epu32_mask(lanes, bits, _mm512_set1_epi32(0x7F800000));
        const __m512 amax = _mm512_max_ps(as_float(bits), _mm512_set1_ps(0x1.b8p-34F));  // bf16(1e-10)
        __m512 scale = round_bf16(k, _mm512_mul_ps(amax, _mm512_set1_ps(0x1.24p-9F)));   // bf16(1/448)
        if (block.ue8m0)
            scale = as_float(_mm512_and_si512(_mm512_add_epi32(as_bits(scale), _mm512_set1_epi32(0x007FFFFF)),
                                              _mm512_set1_epi32(0x7F800000)));
        _mm512_store_si512(scratch.scale_bits + g, as_bits(scale));
        _mm512_store_ps(scratch.inverse + g, round_bf16(k, _mm512_div_ps(k.one, scale)));
    }
    return special == 0;
}

/// Goes on with the third pass of `block` from `column` to its end.
template <int kGroup>
void encode_rest(const Constants& k, const EncodeConstants& e, const QuantizeBlock& block,
                 const Scratch& scratch, int column) {
    for (; column + kStep <= block.columns; column += kStep)
        encode_step<kGroup, kStep>(k, e, block, scratch, column);
    for (; column < block.columns; column += kLanes)
        encode_step<kGroup, kLanes>(k, e, block, scratch, column);
}

/// First pass of `block`, third of `previous` (if any), step by step in turn. Returns whether the block is in
/// range.
template <int kGroup>
MOESCOPE_INLINE bool values_and_codes(const Constants& k, const EncodeConstants& e,
                                      const QuantizeBlock& block, Scratch& scratch,
                                      const QuantizeBlock* previous, const Scratch& previous_scratch) {
    constexpr int kVectors = kStep / kLanes;
    constexpr int kTail = kGroup < kStep ? kGroup / kLanes : kVectors;
    const int steps_end = block.columns / kStep * kStep;
    const int codes_end = previous == nullptr ? 0 : previous->columns / kStep * kStep;
    Extremes extremes;
    int column = 0;
    for (; column < steps_end; column += kStep) {
        if (column < codes_end) encode_step<kGroup, kStep>(k, e, *previous, previous_scratch, column);
        compute_values<kGroup, kVectors>(k, block, column, extremes, scratch);
    }
    if (previous != nullptr)
        encode_rest<kGroup>(k, e, *previous, previous_scratch, column < codes_end ? column : codes_end);
    for (; column < block.columns; column += kTail * kLanes)
        compute_values<kGroup, kTail>(k, block, column, extremes, scratch);
    return !extremes.out_of_range();
}

template <int kGroup>
void quantize(const QuantizeBlock* blocks, int count) {
    const Constants k;
    const EncodeConstants e;
    Scratch scratch[2] = {};
    const QuantizeBlock* previous = nullptr;
    for (int i = 0; i < count; ++i) {
        Scratch& current = scratch[i % 2];
        const bool in_range =
            values_and_codes<kGroup>(k, e, blocks[i], current, previous, scratch[(i + 1) % 2]);
        previous = nullptr;
        if (in_range && compute_scales<kGroup>(k, blocks[i], current)) {
            store_scales(blocks[i], current.scale_bits, blocks[i].columns / kGroup);
            previous = &blocks[i];
        } else {
            quantize_blocks_scalar(&blocks[i], 1);
        }
    }
    if (previous != nullptr) encode_rest<kGroup>(k, e, *previous, scratch[(count + 1) % 2], 0);
}

void quantize_blocks(const QuantizeBlock* blocks, int count) {
    if (count == 0) return;
    switch (blocks[0].group_size) {
        case 32:
            return quantize<32>(blocks, count);
        case 64:
            return quantize<64>(blocks, count);
        case 128:
            return quantize<128>(blocks, count);
        default:
            return quantize<256>(blocks, count);
    }
}

#undef MOESCOPE_INLINE
#undef MOESCOPE_UNROLL

}  // namespace
}  // namespace moescope::cpu
