// SPDX-License-Identifier: Apache-2.0

// The AVX-512 kernel, included by one file for each set of instructions it is compiled for. Must not
// instantiate anything that other files share: intrinsics and the seam only (block_kernels.h). The arithmetic
// is in avx512_silu.h, avx512_values.h, avx512_lift.h and avx512_encode.h, what they have in common in
// avx512_lanes.h; the order of the work is here.
//
// A block goes through three passes. The first computes v = bf16(bf16(silu(gate)) * up) and keeps it, packed,
// in the first cache, with the largest and smallest magnitude of each group; the second turns those into
// scales, sixteen groups at once; the third encodes. The third pass of a block runs step by step between
// those of the first of the next one: two independent chains of work, and memory and arithmetic both busy all
// along. Words are split into even and odd columns, 32 bits wide each, by a shift and a mask.

#include <immintrin.h>

#include "block_kernels.h"

// In this order: each uses the ones before.
// clang-format off
#include "avx512_lanes.h"
#include "block_sequence.h"
#include "avx512_silu.h"
#include "avx512_values.h"
#include "avx512_lift.h"
#include "avx512_encode.h"
// clang-format on

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): columns of a block, a few thousand at
// most

namespace moescope::cpu {
namespace {

/// Second pass. Returns whether all is well: no group holds an infinity or a NaN.
template <int kGroup>
bool compute_scales(const QuantizeBlock& block, Scratch& scratch) {
    const Constants k;
    const int groups = block.columns / kGroup;
    constexpr int kParts = kGroup > kStep ? kGroup / kStep : 1;
    static_assert(kParts <= 2, "a register each for 128 columns");
    __mmask16 special = 0;
    for (int g = 0; g < groups; g += 16) {
        const int left = groups - g;
        const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
        __m512i most = extremes_of_16<true, kParts>(scratch.largest + g * kParts);
        __m512i least = extremes_of_16<false, kParts>(scratch.smallest + g * kParts);
        if constexpr (kParts > 1) {
            most = _mm512_max_epu16(most, extremes_of_16<true, kParts>(scratch.largest + g * kParts + 1));
            least = _mm512_min_epu16(least, extremes_of_16<false, kParts>(scratch.smallest + g * kParts + 1));
        }
        const __m512i bits = _mm512_and_si512(most, k.high_half);
        special |= _mm512_mask_cmpge_epu32_mask(lanes, bits, _mm512_set1_epi32(0x7F800000));
        const __m512 amax = _mm512_max_ps(as_float(bits), _mm512_set1_ps(0x1.b8p-34F));  // bf16(1e-10)
        __m512 scale = round_bf16(k, _mm512_mul_ps(amax, _mm512_set1_ps(0x1.24p-9F)));   // bf16(1/448)
        if (block.ue8m0)
            scale = as_float(_mm512_and_si512(_mm512_add_epi32(as_bits(scale), _mm512_set1_epi32(0x007FFFFF)),
                                              _mm512_set1_epi32(0x7F800000)));
        _mm512_store_si512(scratch.scale_bits + g, as_bits(scale));
        _mm512_store_ps(scratch.inverse + g, round_bf16(k, _mm512_div_ps(_mm512_set1_ps(1.0F), scale)));
        const __m512i normal =
            _mm512_sub_epi32(_mm512_srli_epi32(as_bits(scale), 16), _mm512_set1_epi32(kNormalBelowScale));
        unsigned low = _mm512_mask_cmplt_epi32_mask(lanes, _mm512_srli_epi32(least, 16), normal);
        for (; low != 0; low &= low - 1) lift_subnormals<kGroup>(scratch, g + __builtin_ctz(low));
    }
#if defined(__AVX512VBMI__)
    for (int g = 0; g < groups; ++g) {
        const std::uint8_t* row = block.steps->steps[scratch.inverse_bits(g) >> 16 & 0x7F];
        _mm_prefetch(row, _MM_HINT_T0);
        _mm_prefetch(row + 64, _MM_HINT_T0);
    }
#endif
    return special == 0;
}

/// Goes on with the third pass of `block` from `column`, a multiple of 128, to its end.
template <int kGroup>
void encode_rest(const QuantizeBlock& block, const Scratch& scratch, int column) {
    const Constants k;
    const EncodeConstants e;
    for (; column < block.columns; column += kStep) {
        Encoder<kGroup> encoder(block, scratch, column);
        for (int offset = 0; offset < kStep && column + offset < block.columns; offset += 2 * kLanes) {
            if (column + offset + kLanes < block.columns)
                encoder.encode(k, e, offset);
            else
                encoder.template encode<kLanes>(k, e, offset);
        }
    }
}

/// Of the next block, what lies where two registers of columns are worked on, into the second cache.
MOESCOPE_INLINE void prefetch_next_block(const QuantizeBlock& block, int column) {
    if (!block.prefetch_next_block) return;
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kLanes; i += kLanes) {
        _mm_prefetch(block.next_gate + column + i, _MM_HINT_T1);
        _mm_prefetch(block.next_up + column + i, _MM_HINT_T1);
    }
}

/// The larger of `twice`, the largest so far, and twice the ups, which drops the sign.
MOESCOPE_INLINE __m512i larger_magnitude(__m512i twice, __m512i ups) {
    return _mm512_max_epu16(twice, _mm512_add_epi16(ups, ups));
}

/// First pass by the table, for what is left after the last whole step: 64 columns, or 32, which then count
/// twice.
template <int kGroup, Silu kSilu, int kVectors>
void look_up_values(const QuantizeBlock& block, int column, Scratch& scratch, __m512i& ups) {
    const Constants k;
    __m512 silu[4];
    __m512i up[2];
    MOESCOPE_UNROLL for (int i = 0; i < 2; ++i) {
        const int from = column + i % kVectors * kLanes;
        look_up(k, *block.silu, _mm512_loadu_si512(block.gate + from), silu + 2 * i);
        up[i] = _mm512_loadu_si512(block.up + from);
        if constexpr (kSilu == Silu::from_fp16_table) ups = larger_magnitude(ups, up[i]);
    }
    __m512i v[2];
    values_of<kSilu == Silu::computed ? Silu::from_table : kSilu>(k, silu, up, v);
    store_values<kGroup>(k, column, scratch, v);
}

/// Twice the bits of the first up that is out of range: where silu is computed 2^70, from where on it could
/// be visible how a subnormal silu is rounded; of fp16 an infinity.
template <Silu kSilu>
constexpr int first_up_out_of_range() {
    return kSilu == Silu::from_fp16_table ? 2 * 0x7C00 : 2 * 0x6280;
}

/// Both at once: values of 128 columns of `block` and (where kEncode) codes of `previous`, mixed so that the
/// processor, which looks ahead over some tens of instructions only, always finds something to do. `ups`: as
/// in larger_magnitude; not needed for bf16 from the table, whose silu is exact.
template <int kGroup, Silu kSilu, bool kEncode>
MOESCOPE_INLINE void values_and_codes_step(const Constants& k, const SiluConstants& s,
                                           const EncodeConstants& e, const QuantizeBlock& block,
                                           Scratch& scratch, const QuantizeBlock& previous,
                                           const Scratch& previous_scratch, int column, __m512i& ups) {
    constexpr int kVectors = kStep / kLanes;
    Encoder<kGroup> encoder(previous, previous_scratch, column);
    __m512i v[kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; i += 2) {
        const int offset = i * kLanes;
        // Lines are asked for one by one, with work in between: four at once were 5 % slower.
        const Ahead ahead = columns_ahead_of(block, column + offset);
        prefetch_next_block(block, column + offset);
        const std::uint16_t* gates = block.gate + column + offset;
        const __m512i gate[2] = {_mm512_loadu_si512(gates), _mm512_loadu_si512(gates + kLanes)};
        _mm_prefetch(ahead.gate, _MM_HINT_T0);
        __m512 x[4];
        if constexpr (kSilu != Silu::computed) {
            look_up(k, *block.silu, gate[0], x);
            look_up(k, *block.silu, gate[1], x + 2);
        } else {
            MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
                x[2 * j] = even_columns(gate[j]);
                x[2 * j + 1] = odd_columns(k, gate[j]);
            }
            Logistic<4> logistic(s, x);
            logistic.template step<2>(s, x);
            logistic.template step<1>(s, x);
            logistic.template step<0>(s, x);
            logistic.times(x);
            if (__builtin_expect(any_too_low(k, gate[0], gate[1]), 0)) {
                look_up(k, *block.silu, gate[0], x);
                look_up(k, *block.silu, gate[1], x + 2);
            }
        }
        _mm_prefetch(ahead.gate + kLanes, _MM_HINT_T0);
        const std::uint16_t* from = block.up + column + offset;
        const __m512i up[2] = {_mm512_loadu_si512(from), _mm512_loadu_si512(from + kLanes)};
        if constexpr (kSilu != Silu::from_table)
            MOESCOPE_UNROLL for (const __m512i& u : up) ups = larger_magnitude(ups, u);
        _mm_prefetch(ahead.up, _MM_HINT_T0);
        if constexpr (kEncode) encoder.encode(k, e, offset);
        values_of<kSilu>(k, x, up, v + i);
        _mm_prefetch(ahead.up + kLanes, _MM_HINT_T0);
    }
    store_values<kGroup>(k, column, scratch, v);
}

/// First pass of `block`, third of `previous` (if any). Returns whether all ups were in range.
template <int kGroup, Silu kSilu>
__attribute__((noinline)) bool values_and_codes(const QuantizeBlock& block, Scratch& scratch,
                                                const QuantizeBlock* previous,
                                                const Scratch& previous_scratch) {
    const Constants k;
    const SiluConstants s;
    const EncodeConstants e;
    __m512i ups = _mm512_setzero_si512();
    const int steps_end = block.columns / kStep * kStep;
    const int codes_end = previous == nullptr ? 0 : previous->columns / kStep * kStep;
    prefetch_pages(block);
    int column = 0;
    for (; column < steps_end && column < codes_end; column += kStep)
        values_and_codes_step<kGroup, kSilu, true>(k, s, e, block, scratch, *previous, previous_scratch,
                                                   column, ups);
    if (previous != nullptr) encode_rest<kGroup>(*previous, previous_scratch, column);
    for (; column < steps_end; column += kStep)
        values_and_codes_step<kGroup, kSilu, false>(k, s, e, block, scratch, block, previous_scratch, column,
                                                    ups);
    for (; column + kLanes < block.columns; column += 2 * kLanes)
        look_up_values<kGroup, kSilu, 2>(block, column, scratch, ups);
    if (column < block.columns) look_up_values<kGroup, kSilu, 1>(block, column, scratch, ups);
    return largest(ups) < first_up_out_of_range<kSilu>();
}

#undef MOESCOPE_INLINE
#undef MOESCOPE_UNROLL

}  // namespace
}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)
