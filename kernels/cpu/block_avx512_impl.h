// SPDX-License-Identifier: Apache-2.0

// The AVX-512 kernel, included by one file for each set of instructions it is compiled for. Must not
// instantiate anything that other files share: intrinsics and the seam only (block_kernels.h). The arithmetic
// is in avx512_silu.h, avx512_values.h and avx512_encode.h, what they have in common in avx512_lanes.h; the
// order of the work is here.
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
#include "avx512_silu.h"
#include "avx512_values.h"
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
    alignas(64) std::uint16_t all_amax[kMaxBlockGroups] = {};
    MOESCOPE_UNROLL for (int g = 0; g < groups; ++g) {
        __m512i most = scratch.largest[g * kParts];
        if constexpr (kParts > 1) most = _mm512_max_epu16(most, scratch.largest[g * kParts + 1]);
        all_amax[g] = largest(most);
    }
    __mmask16 special = 0;
    for (int g = 0; g < groups; g += 16) {
        const int left = groups - g;
        const auto lanes = static_cast<__mmask16>(left >= 16 ? 0xFFFFU : (1U << left) - 1U);
        const __m256i words = _mm256_load_si256(reinterpret_cast<const __m256i*>(all_amax + g));
        const __m512i bits = _mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16);
        special |= _mm512_mask_cmpge_epu32_mask(lanes, bits, _mm512_set1_epi32(0x7F800000));
        const __m512 amax = _mm512_max_ps(as_float(bits), _mm512_set1_ps(0x1.b8p-34F));  // bf16(1e-10)
        __m512 scale = round_bf16(k, _mm512_mul_ps(amax, _mm512_set1_ps(0x1.24p-9F)));   // bf16(1/448)
        if (block.ue8m0)
            scale = as_float(_mm512_and_si512(_mm512_add_epi32(as_bits(scale), _mm512_set1_epi32(0x007FFFFF)),
                                              _mm512_set1_epi32(0x7F800000)));
        _mm512_store_si512(scratch.scale_bits + g, as_bits(scale));
        _mm512_store_ps(scratch.inverse + g, round_bf16(k, _mm512_div_ps(_mm512_set1_ps(1.0F), scale)));
        // The first bf16 value from 2^-6 of the scale on, and two more as the inverse is rounded.
        const __m512i normal =
            _mm512_add_epi32(_mm512_srli_epi32(as_bits(scale), 16), _mm512_set1_epi32(3 - (6 << 7)));
        _mm512_store_si512(scratch.normal + g, _mm512_or_si512(normal, _mm512_slli_epi32(normal, 16)));
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

/// Goes on with the third pass of `block` from `column` to its end.
template <int kGroup>
void encode_rest(const QuantizeBlock& block, const Scratch& scratch, int column) {
    const Constants k;
    const EncodeConstants e;
    for (; column + kStep <= block.columns; column += kStep)
        encode_step<kGroup, kStep>(k, e, block, scratch, column);
    for (; column < block.columns; column += kLanes)
        encode_step<kGroup, kLanes>(k, e, block, scratch, column);
}

/// What goes with the work on two registers of columns from `column` on.
MOESCOPE_INLINE void prefetch(const QuantizeBlock& block, int column) {
    const Ahead from = columns_ahead_of(block, column);
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kLanes; i += kLanes) {
        _mm_prefetch(from.gate + i, _MM_HINT_T0);
        _mm_prefetch(from.up + i, _MM_HINT_T0);
    }
    if (!block.prefetch_next_block) return;
    MOESCOPE_UNROLL for (int i = column; i < column + 2 * kLanes; i += kLanes) {
        _mm_prefetch(block.next_gate + i, _MM_HINT_T1);
        _mm_prefetch(block.next_up + i, _MM_HINT_T1);
    }
}

/// First pass of kVectors * 32 columns by the table, for what is left after the last whole step.
template <int kGroup, int kVectors>
void look_up_values(const QuantizeBlock& block, int column, Scratch& scratch) {
    const Constants k;
    __m512i v[kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        __m512 silu[2];
        look_up(k, *block.silu, _mm512_loadu_si512(block.gate + column + i * kLanes), silu);
        v[i] = values_of<false>(k, silu, _mm512_loadu_si512(block.up + column + i * kLanes));
    }
    store_values<kGroup>(k, column, scratch, v);
}

/// Both at once: values of 128 columns of `block` and (where kEncode) codes of `previous`, mixed so that the
/// processor, which looks ahead over some tens of instructions only, always finds something to do. `ups`: the
/// largest of twice the ups, which drops the sign; not needed with kTable, whose silu is exact.
template <int kGroup, bool kTable, bool kEncode>
MOESCOPE_INLINE void values_and_codes_step(const Constants& k, const SiluConstants& s,
                                           const EncodeConstants& e, const QuantizeBlock& block,
                                           Scratch& scratch, const QuantizeBlock& previous,
                                           const Scratch& previous_scratch, int column, __m512i& ups) {
    constexpr int kVectors = kStep / kLanes;
    Encoder<kGroup, kVectors / 2> encoder(previous, previous_scratch, column);
    __m512i v[kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; i += 2) {
        prefetch(block, column + i * kLanes);
        const std::uint16_t* gates = block.gate + column + i * kLanes;
        const __m512i gate[2] = {_mm512_loadu_si512(gates), _mm512_loadu_si512(gates + kLanes)};
        __m512 x[4];
        if constexpr (kTable) {
            look_up(k, *block.silu, gate[0], x);
            if constexpr (kEncode) encoder.part(k, e, i);
            look_up(k, *block.silu, gate[1], x + 2);
        } else {
            MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
                x[2 * j] = even_columns(gate[j]);
                x[2 * j + 1] = odd_columns(k, gate[j]);
            }
            Logistic<4> logistic(s, x);
            if constexpr (kEncode) encoder.part(k, e, i);
            logistic.template step<2>(s, x);
            logistic.template step<1>(s, x);
            logistic.template step<0>(s, x);
            logistic.times(x);
            if (__builtin_expect(any_too_low(k, gate[0], gate[1]), 0)) {
                look_up(k, *block.silu, gate[0], x);
                look_up(k, *block.silu, gate[1], x + 2);
            }
        }
        if constexpr (kEncode)
            if (i + 2 == kVectors) {
                __m512i codes[kVectors / 2];
                encoder.finish(k, e, codes);
                store_codes<kStep>(previous, column, codes);
            }
        MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
            const __m512i up = _mm512_loadu_si512(block.up + column + (i + j) * kLanes);
            if constexpr (!kTable) ups = _mm512_max_epu16(ups, _mm512_add_epi16(up, up));
            v[i + j] = values_of<!kTable>(k, x + 2 * j, up);
        }
    }
    store_values<kGroup>(k, column, scratch, v);
}

/// First pass of `block`, third of `previous` (if any). Returns whether all ups were in range: those of 2^70
/// and more could make it visible how a subnormal silu is rounded.
template <int kGroup, bool kTable>
__attribute__((noinline)) bool values_and_codes(const QuantizeBlock& block, Scratch& scratch,
                                                const QuantizeBlock* previous,
                                                const Scratch& previous_scratch) {
    const Constants k;
    const SiluConstants s;
    const EncodeConstants e;
    __m512i ups = _mm512_setzero_si512();
    const int steps_end = block.columns / kStep * kStep;
    const int codes_end = previous == nullptr ? 0 : previous->columns / kStep * kStep;
    int column = 0;
    for (; column < steps_end && column < codes_end; column += kStep)
        values_and_codes_step<kGroup, kTable, true>(k, s, e, block, scratch, *previous, previous_scratch,
                                                    column, ups);
    if (previous != nullptr) encode_rest<kGroup>(*previous, previous_scratch, column);
    for (; column < steps_end; column += kStep)
        values_and_codes_step<kGroup, kTable, false>(k, s, e, block, scratch, block, previous_scratch, column,
                                                     ups);
    constexpr int kTail = kGroup < kStep ? kGroup / kLanes : kStep / kLanes;
    for (; column < block.columns; column += kTail * kLanes)
        look_up_values<kGroup, kTail>(block, column, scratch);
    return largest(ups) < 2 * 0x6280;
}

#undef MOESCOPE_INLINE
#undef MOESCOPE_UNROLL

}  // namespace
}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

#include "block_sequence.h"
