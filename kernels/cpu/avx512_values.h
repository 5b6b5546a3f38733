// SPDX-License-Identifier: Apache-2.0

// First pass: values v = bf16(bf16(silu(gate)) * up), kept packed, and their magnitudes. Part of the AVX-512
// kernel (block_avx512_impl.h, which is the only file to include this one).

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): columns of a block, a few thousand at
// most

namespace moescope::cpu {
namespace {

/// bf16(silu) of 32 columns from the reference's table, even and odd ones.
MOESCOPE_INLINE void look_up(const Constants& k, const SiluTable& table, __m512i gates, __m512* silu) {
    silu[0] = as_float(_mm512_i32gather_epi32(_mm512_andnot_si512(k.high_half, gates), table.words, 4));
    silu[1] = as_float(_mm512_i32gather_epi32(_mm512_srli_epi32(gates, 16), table.words, 4));
}

/// Whether any of 64 gates is. As unsigned words negative gates are the largest.
MOESCOPE_INLINE bool any_too_low(const Constants& k, __m512i gates, __m512i more) {
    return _mm512_cmpgt_epu16_mask(_mm512_max_epu16(gates, more), k.lowest_gate) != 0;
}

/// Ups as floats, even columns of 32 and odd ones: fp16 ones times 2^-112 (fp16_silu_table). Those of fp16
/// are moved to where a float's sign, exponent and mantissa are, with three copies of the sign to be taken
/// away.
template <Silu kSilu>
MOESCOPE_INLINE __m512 even_ups(const Constants& k, __m512i up) {
    if constexpr (kSilu != Silu::from_fp16_table) return even_columns(up);
    return as_float(_mm512_and_si512(_mm512_srai_epi32(_mm512_slli_epi32(up, 16), 3), k.fp16_bits));
}
template <Silu kSilu>
MOESCOPE_INLINE __m512 odd_ups(const Constants& k, __m512i up) {
    if constexpr (kSilu != Silu::from_fp16_table) return odd_columns(k, up);
    return as_float(_mm512_and_si512(_mm512_srai_epi32(up, 3), k.fp16_bits));
}

/// bf16(silu) * up of 64 columns, packed. A computed silu is rounded first: none that matters lies in the
/// middle of two bf16 values.
template <Silu kSilu>
MOESCOPE_INLINE void values_of(const Constants& k, const __m512 (&silu)[4], const __m512i (&up)[2],
                               __m512i* values) {
    __m512 products[4];
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) {
        __m512i rounded = as_bits(silu[i]);
        if constexpr (kSilu == Silu::computed)
            rounded = _mm512_and_si512(_mm512_add_epi32(rounded, k.half), k.high_half);
        products[i] = _mm512_mul_ps(
            as_float(rounded), i % 2 == 0 ? even_ups<kSilu>(k, up[i / 2]) : odd_ups<kSilu>(k, up[i / 2]));
    }
    pack_values(k, products, values);
}

/// What is kept of kVectors * 32 values.
template <int kGroup, int kVectors>
MOESCOPE_INLINE void store_values(const Constants& k, int column, Scratch& scratch,
                                  const __m512i (&v)[kVectors]) {
    constexpr bool kHalves = kSplit && kGroup == kLanes;  // each half of two registers is a group
    constexpr int kOwn = kGroup / kLanes < kVectors ? kGroup / kLanes : kVectors;
    constexpr int kUnit = kHalves ? 2 : kOwn;
    MOESCOPE_UNROLL for (int first = 0; first < kVectors; first += kUnit) {
        __m512i most = _mm512_and_si512(v[first], k.magnitude);
        __m512i least = most;
        MOESCOPE_UNROLL for (int i = first; i < first + kUnit; ++i) {
            _mm512_store_si512(scratch.values + column + i * kLanes, v[i]);
            if (i == first) continue;
            const __m512i magnitude = _mm512_and_si512(v[i], k.magnitude);
            most = _mm512_max_epu16(most, magnitude);
            least = _mm512_min_epu16(least, magnitude);
        }
        if constexpr (kHalves) {
            const int unit = column / kLanes + first;
            _mm512_store_si512(&scratch.largest[unit], _mm512_shuffle_i64x2(most, most, 0x44));
            _mm512_store_si512(&scratch.largest[unit + 1], _mm512_shuffle_i64x2(most, most, 0xEE));
            _mm512_store_si512(&scratch.smallest[unit], _mm512_shuffle_i64x2(least, least, 0x44));
            _mm512_store_si512(&scratch.smallest[unit + 1], _mm512_shuffle_i64x2(least, least, 0xEE));
        } else {
            const int unit = column / kLanes / kUnit + first / kUnit;
            _mm512_store_si512(&scratch.largest[unit], most);
            _mm512_store_si512(&scratch.smallest[unit], least);
        }
    }
}

}  // namespace
}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)
