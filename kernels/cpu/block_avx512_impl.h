// SPDX-License-Identifier: Apache-2.0

// The AVX-512 kernel, included by one file for each set of instructions it is compiled for. Must not
// instantiate anything that other files share: intrinsics and the seam only (block_kernels.h).
//
// A block goes through three passes. The first computes v = bf16(bf16(silu(gate)) * up) and keeps it, packed,
// in the first cache, with the largest magnitude of each group; the second turns those into scales, sixteen
// groups at once; the third encodes. The third pass of a block runs between the halves of the first of the
// next one: it fills the time that divisions take, and keeps memory and arithmetic both busy all along. Words
// are split into even and odd columns, 32 bits wide each, by a shift and a mask.

#include <immintrin.h>

#include "block_kernels.h"

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
    const __m512i limit = every_dword(0x42AE0000);  // 87.0F
    const __m512 minus_log2e = every_float(-1.442695041F);
    const __m512 log2 = every_float(0.6931471806F);
    const __m512 magic = every_float(12583039.0F);  // 1.5 * 2^23 + 127
    const __m512 p4 = every_float(0x1.521ed2p-5F);
    const __m512 p3 = every_float(-0x1.572186p-3F);
    const __m512 p2 = every_float(0x1.00040ep-1F);
    const __m512 p1 = every_float(-0x1.fffd88p-1F);
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

/// silu, x / (1 + exp(-x)), for x >= -87 (below, exp(-x) leaves the range of floats). With -x = n * log(2) -
/// s, exp(-x) is 2^n times a polynomial of degree four in s. Its coefficients are a minimax fit nudged at the
/// few inputs whose silu lies next to the middle of two bf16 values: the result, rounded to bf16, is right
/// for every bf16 value, as the tests check one by one. Several registers step by step: one chain alone is
/// too long for the processor to find enough to do beside it.
template <int kCount>
MOESCOPE_INLINE void silu(const Constants& k, __m512* x) {
    __m512 n[kCount];
    __m512 s[kCount];
    __m512 p[kCount];
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) {
        s[i] =
            as_float(_mm512_min_epi32(as_bits(x[i]), k.limit));  // in the order of floats, for positive ones
        n[i] = _mm512_fmadd_ps(s[i], k.minus_log2e, k.magic);    // n + 127 in the low bits
    }
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) s[i] =
        _mm512_fmadd_ps(_mm512_sub_ps(n[i], k.magic), k.log2, s[i]);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(k.p4, s[i], k.p3);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], s[i], k.p2);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], s[i], k.p1);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], s[i], k.one);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] =
        _mm512_fmadd_ps(p[i], as_float(_mm512_slli_epi32(as_bits(n[i]), 23)), k.one);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) x[i] = _mm512_div_ps(x[i], p[i]);
}

/// Largest of 32 unsigned words.
MOESCOPE_INLINE std::uint16_t largest(__m512i words) {
    const __m256i w = _mm256_max_epu16(_mm512_castsi512_si256(words), _mm512_extracti64x4_epi64(words, 1));
    const __m128i v = _mm_max_epu16(_mm256_castsi256_si128(w), _mm256_extracti128_si256(w, 1));
    // There is an instruction for the smallest of eight.
    const __m128i inverted = _mm_minpos_epu16(_mm_xor_si128(v, _mm_set1_epi16(-1)));
    return static_cast<std::uint16_t>(~_mm_cvtsi128_si32(inverted));
}

struct Scratch {
    alignas(64) std::uint16_t values[kBlockColumns];
    alignas(64) std::uint16_t amax[kMaxBlockGroups];  ///< of each group, or of each half of one of 256
    alignas(64) std::uint32_t scale_bits[kMaxBlockGroups];
    alignas(64) float inverse[kMaxBlockGroups];
};

/// v times the inverse of the scale, even and odd words of scratch.values[column...]. The inverse leaves the
/// magnitude below 452, so that what the convention clamps to 448 rounds to 448 anyway.
template <int kGroup>
MOESCOPE_INLINE void scaled_values(const Constants& k, const Scratch& scratch, int column, __m512& even,
                                   __m512& odd) {
    const __m512i pairs = _mm512_load_si512(scratch.values + column);
    const __m512 inverse = _mm512_set1_ps(scratch.inverse[column / kGroup]);
    even = _mm512_mul_ps(even_columns(pairs), inverse);
    odd = _mm512_mul_ps(odd_columns(k, pairs), inverse);
}

/// Codes of magnitudes below 2^-6, in words: multiples of 2^-9. Adding 1.5 * 2^14 leaves the multiple,
/// rounded to nearest even, in the low bits (numerics.h).
MOESCOPE_INLINE __m512i subnormal_codes(const Constants& k, __m512i magnitudes) {
    const __m512 magic = every_float(24576.0F);
    const __m512i even = as_bits(_mm512_add_ps(even_columns(magnitudes), magic));
    const __m512i odd = as_bits(_mm512_add_ps(odd_columns(k, magnitudes), magic));
    return _mm512_mask_blend_epi16(0xAAAAAAAAU, even, _mm512_slli_epi32(odd, 16));
}

#if defined(__AVX512BF16__) && defined(__AVX512VBMI__)

/// bf16 of both, the even columns in the lower half. Subnormal numbers become zero, which changes no code: a
/// scale is 2^-43 at least.
MOESCOPE_INLINE __m512i pack_values(const Constants&, __m512 even, __m512 odd) {
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even));
}

/// Where the low bytes of the words that belong to 64 columns are, in two registers that went through
/// pack_values twice. After the first time words are in the order of columns 0 2 4 ... 30 1 3 5 ... 31; after
/// the second 0 4 8 ... 28 1 5 9 ... 29 2 ... 3 ...: column c of 32 is word 8 * (c % 4) + c / 4.
struct ColumnOrder {
    alignas(64) std::uint8_t low[64];
    ColumnOrder() {
        for (int c = 0; c < 64; ++c)
            low[c] = static_cast<std::uint8_t>(c / 32 * 64 + 2 * (8 * (c % 4) + c % 32 / 4));
    }
};

struct EncodeConstants {
    const __m512i last_bit = every_word(1);
    const __m512i bias = every_word(0x0406);
    const __m512i normal = every_word(0x3C80);  // bf16(2^-6)
    const __m512i sign = keep(_mm512_set1_epi8(static_cast<char>(0x80)));
    const __m512i low_bytes;
    const __m512i high_bytes;
    explicit EncodeConstants(const ColumnOrder& order)
        : low_bytes(keep(_mm512_load_si512(order.low))),
          high_bytes(keep(_mm512_add_epi8(low_bytes, _mm512_set1_epi8(1)))) {}
    EncodeConstants() : EncodeConstants(ColumnOrder()) {}
};

/// Third pass, kPairs * 64 columns. Of a rounded bf16 value, 16 bits, four mantissa bits are dropped: to
/// nearest even by adding 7, or 8 if the last bit that stays is odd, half of which the average does. The rest
/// of the addend moves the exponent bias from 127 to 7, modulo 16.
template <int kGroup, int kPairs>
MOESCOPE_INLINE void encode(const Constants& k, const EncodeConstants& e, const Scratch& scratch, int column,
                            __m512i (&codes)[kPairs]) {
    __m512i scaled[2 * kPairs];
    __m512i words[2 * kPairs];
    __m512i smallest = k.magnitude;
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; ++i) {
        __m512 even;
        __m512 odd;
        scaled_values<kGroup>(k, scratch, column + i * kLanes, even, odd);
        scaled[i] = pack_values(k, even, odd);
    }
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; ++i) {
        // (words & last_bit) | bias
        const __m512i bias =
            _mm512_ternarylogic_epi32(_mm512_srli_epi16(scaled[i], 4), e.last_bit, e.bias, 0xEA);
        words[i] = _mm512_srli_epi16(_mm512_avg_epu16(scaled[i], bias), 3);
        smallest = _mm512_min_epu16(smallest, _mm512_and_si512(scaled[i], k.magnitude));
    }
    if (_mm512_cmplt_epu16_mask(smallest, e.normal) != 0) {
        MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; ++i) {
            const __m512i magnitude = _mm512_and_si512(scaled[i], k.magnitude);
            words[i] = _mm512_mask_mov_epi16(words[i], _mm512_cmplt_epu16_mask(magnitude, e.normal),
                                             subnormal_codes(k, magnitude));
        }
    }
    MOESCOPE_UNROLL for (int i = 0; i < kPairs; ++i) {
        const __m512i code = _mm512_permutex2var_epi8(words[2 * i], e.low_bytes, words[2 * i + 1]);
        const __m512i high = _mm512_permutex2var_epi8(scaled[2 * i], e.high_bytes, scaled[2 * i + 1]);
        codes[i] = _mm512_ternarylogic_epi32(code, high, e.sign, 0xF8);  // code | (high & sign)
    }
}

#else

/// bf16 of both, interleaved into pairs.
MOESCOPE_INLINE __m512i pack_values(const Constants& k, __m512 even, __m512 odd) {
    return merge_high_halves(k, round_up_low_half(even), round_up_low_half(odd));
}

struct EncodeConstants {
    const __m512i last_bit = every_dword(1 << 20);
    const __m512i even_bias = every_dword(0x04000000 + 0x77FFF);
    const __m512i odd_bias = every_dword(0x04000000 + 0x88000);
    const __m512i normal = every_word(0x4080);  // bf16(2^-6) with the moved bias
    const __m512i sign = every_word(0x80);
};

/// e4m3(bf16(scaled)), both roundings in one step; the code ends up in the bits from 20 on, the sign stays in
/// the top one. `scaled` is a product of two bf16 values, so its 16 significant bits leave the low eight of
/// 24 zero. What the first rounding carries onto a tie of the second lies within 0x8000 of it: if the code is
/// odd, a fraction from 0x78000 on is rounded up, if it is even, one above 0x88000. The rest of the addend
/// moves the exponent bias from 127 to 7 modulo 16. Not for subnormal codes (|scaled| < 2^-6).
MOESCOPE_INLINE __m512i round_to_e4m3(const EncodeConstants& e, __m512 scaled) {
    const __mmask16 odd = _mm512_test_epi32_mask(as_bits(scaled), e.last_bit);
    return _mm512_add_epi32(as_bits(scaled), _mm512_mask_blend_epi32(odd, e.even_bias, e.odd_bias));
}

/// Third pass, kPairs * 64 columns.
template <int kGroup, int kPairs>
MOESCOPE_INLINE void encode(const Constants& k, const EncodeConstants& e, const Scratch& scratch, int column,
                            __m512i (&codes)[kPairs]) {
    __m512 even[2 * kPairs];
    __m512 odd[2 * kPairs];
    __m512i words[2 * kPairs];
    __m512i smallest = k.magnitude;
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; ++i)
        scaled_values<kGroup>(k, scratch, column + i * kLanes, even[i], odd[i]);
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; ++i) {
        words[i] = merge_high_halves(k, round_to_e4m3(e, even[i]), round_to_e4m3(e, odd[i]));
        smallest = _mm512_min_epu16(smallest, _mm512_and_si512(words[i], k.magnitude));
    }
    const bool any_subnormal = _mm512_cmplt_epu16_mask(smallest, e.normal) != 0;
    __m256i halves[2 * kPairs];
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; ++i) {
        __m512i code = _mm512_srli_epi16(words[i], 4);
        if (any_subnormal) {
            const __m512i magnitude = _mm512_and_si512(pack_values(k, even[i], odd[i]), k.magnitude);
            const __mmask32 subnormal =
                _mm512_cmplt_epu16_mask(_mm512_and_si512(words[i], k.magnitude), e.normal);
            code = _mm512_mask_mov_epi16(code, subnormal, subnormal_codes(k, magnitude));
        }
        // The sign bit of words, the rest of code.
        code = _mm512_ternarylogic_epi32(code, _mm512_srli_epi16(words[i], 8), e.sign, 0xD8);
        halves[i] = _mm512_cvtepi16_epi8(code);
    }
    MOESCOPE_UNROLL for (int i = 0; i < kPairs; ++i) codes[i] =
        _mm512_inserti64x4(_mm512_castsi256_si512(halves[2 * i]), halves[2 * i + 1], 1);
}

#endif

/// Writes 64 codes, or the first 32 of them.
template <int kColumns>
MOESCOPE_INLINE void store(std::uint8_t* target, std::uintptr_t misaligned, __m512i codes) {
    const __m256i low = _mm512_castsi512_si256(codes);
    auto* low_target = reinterpret_cast<__m256i*>(target);
    if (kColumns == 64 && misaligned == 0) {
        _mm512_stream_si512(reinterpret_cast<__m512i*>(target), codes);
    } else if (misaligned % 32 == 0) {
        _mm256_stream_si256(low_target, low);
        if (kColumns == 64) _mm256_stream_si256(low_target + 1, _mm512_extracti64x4_epi64(codes, 1));
    } else {
        _mm256_storeu_si256(low_target, low);
        if (kColumns == 64) _mm256_storeu_si256(low_target + 1, _mm512_extracti64x4_epi64(codes, 1));
    }
}

template <int kGroup, int kColumns>
MOESCOPE_INLINE void encode_step(const Constants& k, const EncodeConstants& e, const QuantizeBlock& block,
                                 const Scratch& scratch, int column) {
    const auto misaligned = reinterpret_cast<std::uintptr_t>(block.codes) % 64;
    constexpr int kPairs = kColumns > 64 ? kColumns / 64 : 1;
    __m512i codes[kPairs];
    encode<kGroup>(k, e, scratch, column, codes);
    MOESCOPE_UNROLL for (int i = 0; i < kPairs; ++i)
            store < kColumns<64 ? kColumns : 64>(block.codes + column + i * 64, misaligned, codes[i]);
}

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

/// Quotients on their way from the first half of the first pass to its second.
template <int kVectors>
struct Quotients {
    alignas(64) float values[2 * kVectors * 16];
};

/// First pass, kVectors * 32 columns, up to the divisions.
template <int kVectors>
MOESCOPE_INLINE void start_values(const Constants& k, const QuantizeBlock& block, int column,
                                  Extremes& extremes, Quotients<kVectors>& quotients) {
    __m512 x[2 * kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        const int first = column + i * kLanes;
        const __m512i gate = _mm512_loadu_si512(block.gate + first);
        // A prefetch is dropped where too many are on their way already: each line is asked for twice.
        _mm_prefetch(block.next_gate + first, _MM_HINT_T0);
        _mm_prefetch(block.next_up + first, _MM_HINT_T0);
        _mm_prefetch(block.gate + first + kStep * 4, _MM_HINT_T0);
        _mm_prefetch(block.up + first + kStep * 4, _MM_HINT_T0);
        extremes.gates = _mm512_max_epu16(extremes.gates, gate);
        x[2 * i] = even_columns(gate);
        x[2 * i + 1] = odd_columns(k, gate);
    }
    constexpr int kTogether = kVectors < 2 ? 2 : 4;  // more do not fit the registers
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kVectors; i += kTogether) silu<kTogether>(k, x + i);
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kVectors; ++i) _mm512_store_ps(quotients.values + 16 * i, x[i]);
}

/// The rest of it.
template <int kGroup, int kVectors>
MOESCOPE_INLINE void finish_values(const Constants& k, const QuantizeBlock& block, int column,
                                   Extremes& extremes, const Quotients<kVectors>& quotients,
                                   Scratch& scratch) {
    constexpr int kUnit = kGroup < kStep ? kGroup / kLanes : 4;  // registers with an amax of their own
    __m512i amax[kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        const int first = column + i * kLanes;
        const __m512i up = _mm512_loadu_si512(block.up + first);
        extremes.ups = _mm512_max_epu16(extremes.ups, _mm512_add_epi16(up, up));
        const __m512 even = round_half_up(k, _mm512_load_ps(quotients.values + 32 * i));
        const __m512 odd = round_half_up(k, _mm512_load_ps(quotients.values + 32 * i + 16));
        const __m512i v =
            pack_values(k, _mm512_mul_ps(even, even_columns(up)), _mm512_mul_ps(odd, odd_columns(k, up)));
        _mm512_store_si512(scratch.values + first, v);
        amax[i] = _mm512_and_si512(v, k.magnitude);
        if (i % kUnit != 0) amax[i / kUnit * kUnit] = _mm512_max_epu16(amax[i / kUnit * kUnit], amax[i]);
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

/// First pass of `block`, third of `previous` (if any). Returns whether the block is in range. The second
/// half of a step comes after the first half of the next, so that nothing waits for the divisions.
template <int kGroup>
MOESCOPE_INLINE bool values_and_codes(const Constants& k, const EncodeConstants& e,
                                      const QuantizeBlock& block, Scratch& scratch,
                                      const QuantizeBlock* previous, const Scratch& previous_scratch) {
    constexpr int kVectors = kStep / kLanes;
    constexpr int kTail = kGroup < kStep ? kGroup / kLanes : kVectors;
    const int steps_end = block.columns / kStep * kStep;
    const int codes_end = previous == nullptr ? 0 : previous->columns / kStep * kStep;
    Extremes extremes;
    Quotients<kVectors> quotients[2];
    if (steps_end > 0) start_values<kVectors>(k, block, 0, extremes, quotients[0]);
    int column = 0;
    for (; column < steps_end - kStep; column += kStep) {
        const int turn = column / kStep % 2;
        start_values<kVectors>(k, block, column + kStep, extremes, quotients[1 - turn]);
        if (column < codes_end) encode_step<kGroup, kStep>(k, e, *previous, previous_scratch, column);
        finish_values<kGroup, kVectors>(k, block, column, extremes, quotients[turn], scratch);
    }
    if (previous != nullptr)
        encode_rest<kGroup>(k, e, *previous, previous_scratch, column < codes_end ? column : codes_end);
    if (steps_end > 0)
        finish_values<kGroup, kVectors>(k, block, column, extremes, quotients[column / kStep % 2], scratch);
    for (column = steps_end; column < block.columns; column += kTail * kLanes) {
        Quotients<kTail> tail;
        start_values<kTail>(k, block, column, extremes, tail);
        finish_values<kGroup, kTail>(k, block, column, extremes, tail, scratch);
    }
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
