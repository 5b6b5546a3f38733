// SPDX-License-Identifier: Apache-2.0

// Part of the second pass: values whose codes are subnormal. Part of the AVX-512 kernel
// (block_avx512_impl.h, which is the only file to include this one).

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): columns of a block, a few thousand at
// most

namespace moescope::cpu {
namespace {

/// 16 values with subnormal codes, given without sign, as values whose codes are those of an exponent field
/// of zero when they are encoded like normal ones: 2^-7 * (1 + code / 8) of the scale. Values from 2^-6 on
/// stay.
MOESCOPE_INLINE __m512i lifted(const Constants& k, __m512 magnitudes, __m512 inverse, __m512 scale) {
    // Adding 1.5 * 2^14 rounds to multiples of 2^-9, to nearest even (numerics.h).
    const __m512 magic = _mm512_set1_ps(24576.0F);
    const __m512 scaled = round_bf16(k, _mm512_mul_ps(magnitudes, inverse));
    const __m512 multiple = _mm512_sub_ps(_mm512_add_ps(scaled, magic), magic);
    const __m512 normal = _mm512_fmadd_ps(multiple, _mm512_set1_ps(0.5F), _mm512_set1_ps(0x1p-7F));
    return as_bits(_mm512_mul_ps(_mm512_max_ps(multiple, normal), scale));
}

/// Lifts the values of a group that are below 2^-6 of the scale (there must be one), so that the third pass,
/// where a branch would be mispredicted every few groups, need not know of subnormal codes.
template <int kGroup>
MOESCOPE_INLINE void lift_subnormals(Scratch& scratch, int group) {
    const Constants k;
    const Place place = place_of<kGroup>(group);
    const __m512i first_normal = _mm512_set1_epi16(scratch.first_normal(group));
    const __m512 inverse = _mm512_set1_ps(scratch.inverse[group]);
    const __m512 scale = as_float(_mm512_set1_epi32(static_cast<int>(scratch.scale_bits[group])));
    std::uint16_t* const all = scratch.values + place.first * kLanes;
    unsigned registers = 0;
    MOESCOPE_UNROLL for (int i = 0; i < place.count; ++i) {
        const __m512i magnitudes = _mm512_and_si512(_mm512_load_si512(all + i * kLanes), k.magnitude);
        const __mmask32 low = _mm512_mask_cmplt_epu16_mask(place.lanes, magnitudes, first_normal);
        registers |= static_cast<unsigned>(low != 0) << i;
    }
    // Hardly ever more than one.
    do {
        std::uint16_t* const values = all + __builtin_ctz(registers) * kLanes;
        const __m512i pairs = _mm512_load_si512(values);
        const __m512i magnitudes = _mm512_and_si512(pairs, k.magnitude);
        const __mmask32 low = _mm512_mask_cmplt_epu16_mask(place.lanes, magnitudes, first_normal);
        const __m512i even = lifted(k, even_columns(magnitudes), inverse, scale);
        const __m512i odd = lifted(k, odd_columns(k, magnitudes), inverse, scale);
        const __m512i both = merge_high_halves(k, even, odd);
        const __m512i with_sign = _mm512_ternarylogic_epi32(pairs, both, k.magnitude, 0xD8);
        _mm512_store_si512(values, _mm512_mask_mov_epi16(pairs, low, with_sign));
        registers &= registers - 1;
    } while (registers != 0);
}

}  // namespace
}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)
