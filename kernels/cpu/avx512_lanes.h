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

struct Constants {
    const __m512i high_half = every_dword(0xFFFF0000U);
    const __m512i half = every_dword(0x8000);
    const __m512i magnitude = every_word(0x7FFF);
    const __m512i lowest_gate = every_word(0xC114);  // bf16(silu_fit::kLowest)
    const __m512i fp16_bits = every_dword(0x8FFFE000U);
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

template <bool kLargest>
MOESCOPE_INLINE __m512i extreme(__m512i a, __m512i b) {
    return kLargest ? _mm512_max_epu16(a, b) : _mm512_min_epu16(a, b);
}

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): a few dozen registers

/// The largest (or smallest) words of 16 registers, kStride apart, each in the upper half of its dword: a
/// transposition that halves what it holds at each step.
template <bool kLargest, int kStride>
MOESCOPE_INLINE __m512i extremes_of_16(const __m512i* registers) {
    __m512i quarters[4];  // in their lanes of 128 bits: registers i, i + 4, i + 8, i + 12
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) {
        __m512i halves[2];
        MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
            const __m512i a = registers[(i + 8 * j) * kStride];
            const __m512i b = registers[(i + 8 * j + 4) * kStride];
            halves[j] = extreme<kLargest>(_mm512_shuffle_i64x2(a, b, 0x44), _mm512_shuffle_i64x2(a, b, 0xEE));
        }
        quarters[i] = extreme<kLargest>(_mm512_shuffle_i64x2(halves[0], halves[1], 0x88),
                                        _mm512_shuffle_i64x2(halves[0], halves[1], 0xDD));
    }
    __m512i eighths[2];
    MOESCOPE_UNROLL for (int i = 0; i < 2; ++i) eighths[i] =
        extreme<kLargest>(_mm512_unpacklo_epi64(quarters[2 * i], quarters[2 * i + 1]),
                          _mm512_unpackhi_epi64(quarters[2 * i], quarters[2 * i + 1]));
    const __m512 a = as_float(eighths[0]);
    const __m512 b = as_float(eighths[1]);
    const __m512i pairs =
        extreme<kLargest>(as_bits(_mm512_shuffle_ps(a, b, 0x88)), as_bits(_mm512_shuffle_ps(a, b, 0xDD)));
    return extreme<kLargest>(pairs, _mm512_slli_epi32(pairs, 16));
}

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)

/// bf16 of 64 columns given as the even and the odd ones of 32, then of the other 32: in which order, kSplit
/// says.
MOESCOPE_INLINE void pack_values(const Constants& k, const __m512 (&v)[4], __m512i* packed) {
#if defined(__AVX512BF16__)
    // Subnormal numbers become zero, which changes no code: a scale is 2^-43 at least.
    static_cast<void>(k);
    packed[0] = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(v[2], v[0]));
    packed[1] = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(v[3], v[1]));
#else
    packed[0] = merge_high_halves(k, round_up_low_half(v[0]), round_up_low_half(v[1]));
    packed[1] = merge_high_halves(k, round_up_low_half(v[2]), round_up_low_half(v[3]));
#endif
}

/// Whether of two registers with 64 values the first holds the even columns and the second the odd ones; if
/// not, they hold 32 columns each.
#if defined(__AVX512BF16__)
inline constexpr bool kSplit = true;
#else
inline constexpr bool kSplit = false;
#endif

/// Where a group's values are: in `count` registers from scratch.values + 32 * first on, in these lanes.
struct Place {
    int first;
    int count;
    __mmask32 lanes;
};
template <int kGroup>
MOESCOPE_INLINE Place place_of(int group) {
    if constexpr (kSplit && kGroup == kLanes)
        return {group & ~1, 2, group % 2 == 0 ? 0x0000FFFFU : 0xFFFF0000U};
    else
        return {group * (kGroup / kLanes), kGroup / kLanes, 0xFFFFFFFFU};
}

/// What the passes over one block leave to each other.
struct Scratch {
    alignas(64) std::uint16_t values[kBlockColumns + kLanes];  // whole pairs of registers
    alignas(64) std::uint32_t scale_bits[kMaxBlockGroups];
    alignas(64) float inverse[kMaxBlockGroups];
    /// Magnitudes: the largest and the smallest of each group (or of 128 columns) somewhere in its register.
    __m512i largest[kMaxBlockGroups];
    __m512i smallest[kMaxBlockGroups];

    /// The first bf16 magnitude whose code is normal: from 2^-6 of the scale on.
    MOESCOPE_INLINE short first_normal(int group) const {
        return static_cast<short>((scale_bits[group] >> 16) - kNormalBelowScale);
    }
    MOESCOPE_INLINE std::uint32_t inverse_bits(int group) const {
        std::uint32_t bits;
        __builtin_memcpy(&bits, inverse + group, sizeof bits);
        return bits;
    }
};

}  // namespace
}  // namespace moescope::cpu
