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

inline constexpr int kLanes = 32;  // bf16 values in one register
inline constexpr int kStep = 128;  // columns taken at a time where there are so many

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

/// A constant of code that seldom runs, made where it is used: in a register all along, it would push others
/// out.
MOESCOPE_INLINE __m512i rare_dword(unsigned value) {
    __m512i all = _mm512_set1_epi32(static_cast<int>(value));
    __asm__ volatile("" : "+v"(all));
    return all;
}

struct Constants {
    const __m512i high_half = every_dword(0xFFFF0000U);
    const __m512i half = every_dword(0x8000);
    const __m512i magnitude = every_word(0x7FFF);
    const __m512i lowest_gate = every_word(0xC114);  // bf16(silu_fit::kLowest)
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

/// The same, with constants from outside.
MOESCOPE_INLINE __m512i rounded_up(__m512 value, __m512i one, __m512i below_half) {
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(as_bits(value), 16), one);
    return _mm512_add_epi32(as_bits(value), _mm512_add_epi32(odd, below_half));
}

/// Rounds to bf16; infinities and NaN stay what they are.
MOESCOPE_INLINE __m512 round_bf16(const Constants& k, __m512 value) {
    return odd_columns(k, round_up_low_half(value));
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

/// bf16 of both, in one register: in which order, the encoding knows.
MOESCOPE_INLINE __m512i pack_values(const Constants& k, __m512 even, __m512 odd) {
#if defined(__AVX512BF16__)
    // The even columns in the lower half. Subnormal numbers become zero, which changes no code: a scale is
    // 2^-43 at least.
    static_cast<void>(k);
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even));
#else
    return merge_high_halves(k, round_up_low_half(even), round_up_low_half(odd));
#endif
}

/// What the passes over one block leave to each other.
struct Scratch {
    alignas(64) std::uint16_t values[kBlockColumns];
    alignas(64) std::uint32_t scale_bits[kMaxBlockGroups];
    alignas(64) float inverse[kMaxBlockGroups];
    /// Magnitude from which on codes are normal, twice in each word.
    alignas(64) std::uint32_t normal[kMaxBlockGroups];
    /// Magnitudes: the largest and the smallest of each group (or of 128 columns) somewhere in its register.
    __m512i largest[kMaxBlockGroups];
    __m512i smallest[kMaxBlockGroups];

    MOESCOPE_INLINE __m512i first_normal(int group) const {
        return _mm512_set1_epi32(static_cast<int>(normal[group]));
    }
    MOESCOPE_INLINE std::uint32_t inverse_bits(int group) const {
        std::uint32_t bits;
        __builtin_memcpy(&bits, inverse + group, sizeof bits);
        return bits;
    }
};

}  // namespace
}  // namespace moescope::cpu
