// SPDX-License-Identifier: Apache-2.0

// Sixteen or thirty-two columns in a register: constants, halves of words, rounding. Part of the AVX-512
// kernel (block_avx512_impl.h, which is the only file to include this one).

#include <immintrin.h>

#include <cstdint>

#include "silu_fit.h"

namespace moescope::cpu {
namespace {

#define MOESCOPE_INLINE inline __attribute__((always_inline))
#define MOESCOPE_UNROLL _Pragma("GCC unroll 16")

constexpr int kLanes = 32;  // bf16 values in one register
constexpr int kStep = 128;  // columns taken at a time where there are so many

MOESCOPE_INLINE __m512 as_float(__m512i bits) {
    return _mm512_castsi512_ps(bits);
}
MOESCOPE_INLINE __m512i as_bits(__m512 value) {
    return _mm512_castps_si512(value);
}

/// A constant that stays in a register or on the stack. Left to itself the compiler builds it again and again
/// from a general register, which costs the vector units more than the arithmetic it is for.
MOESCOPE_INLINE __m512i keep(__m512i value) {
    __asm__("" : "+v"(value));
    return value;
}
MOESCOPE_INLINE __m512i every_dword(unsigned value) {
    return keep(_mm512_set1_epi32(static_cast<int>(value)));
}
MOESCOPE_INLINE __m512i every_word(int value) {
    return keep(_mm512_set1_epi16(static_cast<short>(value)));
}
MOESCOPE_INLINE __m512 every_float(float value) {
    return as_float(keep(as_bits(_mm512_set1_ps(value))));
}

struct Constants {
    const __m512i high_half = every_dword(0xFFFF0000U);
    const __m512i half = every_dword(0x8000);
    const __m512i magnitude = every_word(0x7FFF);
    // silu
    const __m512 minus_log2e = every_float(silu_fit::kMinusLog2E);
    const __m512 p4 = every_float(silu_fit::kExp2[4]);
    const __m512 p3 = every_float(silu_fit::kExp2[3]);
    const __m512 p2 = every_float(silu_fit::kExp2[2]);
    const __m512 p1 = every_float(silu_fit::kExp2[1]);
    const __m512 p0 = every_float(silu_fit::kExp2[0]);
    const __m512 one = every_float(1.0F);
};

MOESCOPE_INLINE __m512 even_columns(__m512i pairs) {
    return as_float(_mm512_slli_epi32(pairs, 16));
}
MOESCOPE_INLINE __m512 odd_columns(const Constants& k, __m512i pairs) {
    return as_float(_mm512_and_si512(pairs, k.high_half));
}

/// Adds what carries into the high half when the low half rounds up: to nearest, ties to even.
MOESCOPE_INLINE __m512i round_up_low_half(__m512 value) {
    const __mmask16 odd = _mm512_test_epi32_mask(as_bits(value), every_dword(0x10000));
    const __m512i bias = _mm512_mask_blend_epi32(odd, every_dword(0x7FFF), every_dword(0x8000));
    return _mm512_add_epi32(as_bits(value), bias);
}

/// Rounds to bf16; infinities and NaN stay what they are.
MOESCOPE_INLINE __m512 round_bf16(const Constants& k, __m512 value) {
    return odd_columns(k, round_up_low_half(value));
}

/// Rounds to bf16, ties away from zero. Of silu of a bf16 value only subnormal ones are ties.
MOESCOPE_INLINE __m512 round_half_up(const Constants& k, __m512 value) {
    return odd_columns(k, _mm512_add_epi32(as_bits(value), k.half));
}

/// The high halves of `even` and `odd`, interleaved into pairs.
MOESCOPE_INLINE __m512i merge_high_halves(const Constants& k, __m512i even, __m512i odd) {
    return _mm512_ternarylogic_epi32(_mm512_srli_epi32(even, 16), odd, k.high_half, 0xD8);
}

/// Largest of 32 unsigned words.
MOESCOPE_INLINE std::uint16_t largest(__m512i words) {
    const __m256i w = _mm256_max_epu16(_mm512_castsi512_si256(words), _mm512_extracti64x4_epi64(words, 1));
    const __m128i v = _mm_max_epu16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
    // There is an instruction for the smallest of eight.
    const __m128i inverted = _mm_minpos_epu16(_mm_xor_si128(v, _mm_set1_epi16(-1)));
    return static_cast<std::uint16_t>(~_mm_cvtsi128_si32(inverted));
}

}  // namespace
}  // namespace moescope::cpu
