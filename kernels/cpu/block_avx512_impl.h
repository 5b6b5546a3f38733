// SPDX-License-Identifier: Apache-2.0

// The AVX-512 kernel, included by one file for each set of instructions it is compiled for. Must not
// instantiate anything that other files share: intrinsics and the seam only (block_kernels.h).
//
// A block goes through three passes. The first computes v = bf16(bf16(silu(gate)) * up) and keeps it, packed,
// in the first cache, with the largest magnitude of each group; the second turns those into scales, sixteen
// groups at once; the third encodes. The third pass of a block runs between the halves of the first of the
// next one: it fills the time that divisions take, and keeps memory and arithmetic both busy all along. bf16
// pairs are split into the even and the odd columns (a shift and a mask), which one shift and one merge put
// back in order.

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
MOESCOPE_INLINE __m512 even_columns(__m512i pairs) {
    return as_float(_mm512_slli_epi32(pairs, 16));
}
MOESCOPE_INLINE __m512 odd_columns(__m512i pairs) {
    return as_float(_mm512_and_si512(pairs, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))));
}

/// Adds what carries into the high half when the low half rounds up: to nearest, ties to even.
MOESCOPE_INLINE __m512i round_up_low_half(__m512 value) {
    const __mmask16 odd = _mm512_test_epi32_mask(as_bits(value), _mm512_set1_epi32(0x10000));
    const __m512i bias = _mm512_mask_blend_epi32(odd, _mm512_set1_epi32(0x7FFF), _mm512_set1_epi32(0x8000));
    return _mm512_add_epi32(as_bits(value), bias);
}

/// Rounds to bf16; infinities and NaN stay what they are.
MOESCOPE_INLINE __m512 round_bf16(__m512 value) {
    return odd_columns(round_up_low_half(value));
}

/// Rounds to bf16, ties away from zero. Of silu of a bf16 value only subnormal ones are ties.
MOESCOPE_INLINE __m512 round_half_up(__m512 value) {
    return odd_columns(_mm512_add_epi32(as_bits(value), _mm512_set1_epi32(0x8000)));
}

/// The high halves of `even` and `odd`, interleaved into pairs.
MOESCOPE_INLINE __m512i merge_high_halves(__m512i even, __m512i odd) {
    return _mm512_ternarylogic_epi32(_mm512_srli_epi32(even, 16), odd, _mm512_set1_epi32(0xFFFF), 0xE4);
}

/// bf16 of both, interleaved into pairs.
MOESCOPE_INLINE __m512i pack_bf16(__m512 even, __m512 odd) {
    return merge_high_halves(round_up_low_half(even), round_up_low_half(odd));
}

#ifdef __AVX512BF16__

/// bf16 of both, the even columns in the lower half. Subnormal numbers become zero, which changes no code: a
/// scale is 2^-43 at least.
MOESCOPE_INLINE __m512i pack_values(__m512 even, __m512 odd) {
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even));
}
MOESCOPE_INLINE void unpack_values(const std::uint16_t* packed, __m512& even, __m512& odd) {
    const auto* halves = reinterpret_cast<const __m256i*>(packed);
    even = as_float(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_load_si256(halves)), 16));
    odd = as_float(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_load_si256(halves + 1)), 16));
}

#else

MOESCOPE_INLINE __m512i pack_values(__m512 even, __m512 odd) {
    return pack_bf16(even, odd);
}
MOESCOPE_INLINE void unpack_values(const std::uint16_t* packed, __m512& even, __m512& odd) {
    const __m512i pairs = _mm512_load_si512(packed);
    even = even_columns(pairs);
    odd = odd_columns(pairs);
}

#endif

/// silu, x / (1 + exp(-x)), for x >= -87 (below, exp(-x) leaves the range of floats). With
/// -x = n * log(2) - s, exp(-x) is 2^n times a polynomial of degree four in s. Its coefficients are a minimax
/// fit nudged at the few inputs whose silu lies next to the middle of two bf16 values: the result, rounded to
/// bf16, is right for every bf16 value, as the tests check one by one. Several registers step by step: one
/// chain alone is too long for the processor to find enough to do beside it.
template <int kCount>
MOESCOPE_INLINE void silu(__m512 (&x)[kCount]) {
    const __m512 one = _mm512_set1_ps(1.0F);
    // 1.5 * 2^23 + 127: a sum with it has n + 127 in the low bits, the exponent field of 2^n.
    const __m512 magic = _mm512_set1_ps(12583039.0F);
    __m512 n[kCount];
    __m512 s[kCount];
    __m512 p[kCount];
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) {
        s[i] = _mm512_min_ps(x[i], _mm512_set1_ps(87.0F));
        n[i] = _mm512_fnmadd_ps(s[i], _mm512_set1_ps(1.442695041F), magic);
    }
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) s[i] =
        _mm512_fmadd_ps(_mm512_sub_ps(n[i], magic), _mm512_set1_ps(0.6931471806F), s[i]);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] =
        _mm512_fmadd_ps(_mm512_set1_ps(0x1.521ed2p-5F), s[i], _mm512_set1_ps(-0x1.572186p-3F));
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] =
        _mm512_fmadd_ps(p[i], s[i], _mm512_set1_ps(0x1.00040ep-1F));
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] =
        _mm512_fmadd_ps(p[i], s[i], _mm512_set1_ps(-0x1.fffd88p-1F));
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], s[i], one);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] =
        _mm512_fmadd_ps(p[i], as_float(_mm512_slli_epi32(as_bits(n[i]), 23)), one);
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

/// e4m3(bf16(scaled)), both roundings in one step; the code ends up in the bits from 20 on, the sign stays in
/// the top one. `scaled` is a product of two bf16 values, so its 16 significant bits leave the low eight of
/// 24 zero. What the first rounding carries onto a tie of the second lies within 0x8000 of it: if the code is
/// odd, a fraction from 0x78000 on is rounded up, if it is even, one above 0x88000. The rest of the addend
/// moves the exponent bias from 127 to 7 modulo 16. Not for subnormal codes (|scaled| < 2^-6).
MOESCOPE_INLINE __m512i round_to_e4m3(__m512 scaled) {
    const __m512i bits = as_bits(scaled);
    const __mmask16 odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(1 << 20));
    const __m512i addend = _mm512_mask_blend_epi32(odd, _mm512_set1_epi32(0x04000000 + 0x77FFF),
                                                   _mm512_set1_epi32(0x04000000 + 0x88000));
    return _mm512_add_epi32(bits, addend);
}

/// Subnormal codes, in words: multiples of 2^-9. Adding 1.5 * 2^14 leaves the multiple, rounded to nearest
/// even, in the low bits (numerics.h).
MOESCOPE_INLINE __m512i subnormal_codes(__m512 even, __m512 odd) {
    const __m512 magic = _mm512_set1_ps(24576.0F);
    const __m512i magnitude = _mm512_and_si512(pack_bf16(even, odd), _mm512_set1_epi16(0x7FFF));
    const __m512i a = as_bits(_mm512_add_ps(even_columns(magnitude), magic));
    const __m512i b = as_bits(_mm512_add_ps(odd_columns(magnitude), magic));
    return _mm512_mask_blend_epi16(0xAAAAAAAAU, a, _mm512_slli_epi32(b, 16));
}

struct Scratch {
    alignas(64) std::uint16_t values[kBlockColumns];
    alignas(64) std::uint16_t amax[kMaxBlockGroups];  ///< of each group, or of each half of one of 256
    alignas(64) std::uint32_t scale_bits[kMaxBlockGroups];
    alignas(64) float inverse[kMaxBlockGroups];
};

/// What decides whether a block is left to the scalar code: unsigned maxima of gates (negative ones are the
/// largest) and of twice the ups (which drops the sign).
struct Extremes {
    __m512i gates;
    __m512i ups;

    bool out_of_range() const {
        // A gate below -87. Or a magnitude of 2^74 and more: it could make the rounding of a subnormal silu
        // visible, where ties are not rounded to even here.
        return largest(gates) > 0xC2AE || largest(ups) >= 2 * 0x6480;
    }
};

/// Third pass, kVectors * 32 columns: words with a code in the low byte each. The inverse of the scale leaves
/// |v * inverse| below 452, so that what the convention clamps to 448 rounds to 448 anyway.
template <int kGroup, int kVectors>
MOESCOPE_INLINE void encode(const Scratch& scratch, int column, __m256i (&codes)[kVectors]) {
    __m512 even[kVectors];
    __m512 odd[kVectors];
    __m512i words[kVectors];
    __m512i smallest = _mm512_set1_epi16(0x7FFF);
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        const int first = column + i * kLanes;
        const __m512 inverse = _mm512_set1_ps(scratch.inverse[first / kGroup]);
        unpack_values(scratch.values + first, even[i], odd[i]);
        even[i] = _mm512_mul_ps(even[i], inverse);
        odd[i] = _mm512_mul_ps(odd[i], inverse);
    }
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) words[i] =
        merge_high_halves(round_to_e4m3(even[i]), round_to_e4m3(odd[i]));
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) smallest =
        _mm512_min_epu16(smallest, _mm512_and_si512(words[i], _mm512_set1_epi16(0x7FFF)));
    const __m512i normal = _mm512_set1_epi16(0x4080);  // bf16(2^-6) with the moved bias
    const bool any_subnormal = _mm512_cmplt_epu16_mask(smallest, normal) != 0;
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        __m512i code = _mm512_srli_epi16(words[i], 4);
        if (any_subnormal) {
            const __m512i magnitude = _mm512_and_si512(words[i], _mm512_set1_epi16(0x7FFF));
            code = _mm512_mask_mov_epi16(code, _mm512_cmplt_epu16_mask(magnitude, normal),
                                         subnormal_codes(even[i], odd[i]));
        }
        // The sign bit from words, the rest from code.
        code = _mm512_ternarylogic_epi32(code, _mm512_srli_epi16(words[i], 8), _mm512_set1_epi16(0x80), 0xD8);
        codes[i] = _mm512_cvtepi16_epi8(code);
    }
}

MOESCOPE_INLINE void store(std::uint8_t* target, std::uintptr_t misaligned, __m256i codes) {
    if (misaligned % 32 == 0)
        _mm256_stream_si256(reinterpret_cast<__m256i*>(target), codes);
    else
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(target), codes);
}

MOESCOPE_INLINE void store(std::uint8_t* target, std::uintptr_t misaligned, __m256i low, __m256i high) {
    if (misaligned == 0) {
        _mm512_stream_si512(reinterpret_cast<__m512i*>(target),
                            _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1));
    } else {
        store(target, misaligned, low);
        store(target + 32, misaligned, high);
    }
}

template <int kGroup, int kVectors>
MOESCOPE_INLINE void encode_step(const QuantizeBlock& block, const Scratch& scratch, int column) {
    const auto misaligned = reinterpret_cast<std::uintptr_t>(block.codes) % 64;
    __m256i codes[kVectors];
    encode<kGroup>(scratch, column, codes);
    if constexpr (kVectors == 1) {
        store(block.codes + column, misaligned, codes[0]);
    } else {
        MOESCOPE_UNROLL for (int i = 0; i < kVectors; i += 2)
            store(block.codes + column + i * kLanes, misaligned, codes[i], codes[i + 1]);
    }
}

/// First pass, kVectors * 32 columns, with kVectors * 32 columns of the third pass of `previous` in its
/// middle.
template <int kGroup, int kVectors, bool kEncode>
MOESCOPE_INLINE void values_step(const QuantizeBlock& block, Scratch& scratch, int column, Extremes& extremes,
                                 const QuantizeBlock* previous, const Scratch& previous_scratch) {
    __m512 x[2 * kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        const int first = column + i * kLanes;
        const __m512i gate = _mm512_loadu_si512(block.gate + first);
        _mm_prefetch(block.next_gate + first, _MM_HINT_T0);
        _mm_prefetch(block.next_up + first, _MM_HINT_T0);
        extremes.gates = _mm512_max_epu16(extremes.gates, gate);
        x[2 * i] = even_columns(gate);
        x[2 * i + 1] = odd_columns(gate);
    }
    silu(x);
    if constexpr (kEncode) encode_step<kGroup, kVectors>(*previous, previous_scratch, column);
    constexpr int kUnit = kGroup < 128 ? kGroup / kLanes : 4;  // registers with an amax of their own
    __m512i amax[kVectors];
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
        const int first = column + i * kLanes;
        const __m512i up = _mm512_loadu_si512(block.up + first);
        extremes.ups = _mm512_max_epu16(extremes.ups, _mm512_add_epi16(up, up));
        const __m512i v = pack_values(_mm512_mul_ps(round_half_up(x[2 * i]), even_columns(up)),
                                      _mm512_mul_ps(round_half_up(x[2 * i + 1]), odd_columns(up)));
        _mm512_store_si512(scratch.values + first, v);
        amax[i] = _mm512_and_si512(v, _mm512_set1_epi16(0x7FFF));
        if (i % kUnit != 0) amax[i / kUnit * kUnit] = _mm512_max_epu16(amax[i / kUnit * kUnit], amax[i]);
    }
    MOESCOPE_UNROLL for (int i = 0; i < kVectors; i += kUnit) scratch.amax[(column / kLanes + i) / kUnit] =
        largest(amax[i]);
}

/// Second pass. Returns whether all is well: no group holds an infinity or a NaN.
template <int kGroup>
bool compute_scales(const QuantizeBlock& block, Scratch& scratch) {
    const int groups = block.columns / kGroup;
    __mmask16 special = 0;
    if constexpr (kGroup > kStep)
        for (int g = 0; g < groups; ++g)
            scratch.amax[g] =
                scratch.amax[2 * g] > scratch.amax[2 * g + 1] ? scratch.amax[2 * g] : scratch.amax[2 * g + 1];
    for (int g = 0; g < groups; g += 16) {
        const __mmask16 lanes = groups - g >= 16 ? 0xFFFF : static_cast<__mmask16>((1U << (groups - g)) - 1U);
        const __m512i bits = _mm512_slli_epi32(
            _mm512_cvtepu16_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(scratch.amax + g))), 16);
        special |= _mm512_mask_cmpge_epu32_mask(lanes, bits, _mm512_set1_epi32(0x7F800000));
        const __m512 amax = _mm512_max_ps(as_float(bits), _mm512_set1_ps(0x1.b8p-34F));  // bf16(1e-10)
        __m512 scale = round_bf16(_mm512_mul_ps(amax, _mm512_set1_ps(0x1.24p-9F)));      // bf16(1/448)
        if (block.ue8m0)
            scale = as_float(_mm512_and_si512(_mm512_add_epi32(as_bits(scale), _mm512_set1_epi32(0x007FFFFF)),
                                              _mm512_set1_epi32(0x7F800000)));
        _mm512_store_si512(scratch.scale_bits + g, as_bits(scale));
        _mm512_store_ps(scratch.inverse + g, round_bf16(_mm512_div_ps(_mm512_set1_ps(1.0F), scale)));
    }
    return special == 0;
}

/// Goes on with the third pass of `block` from `column` to its end.
template <int kGroup>
void encode_rest(const QuantizeBlock& block, const Scratch& scratch, int column) {
    for (; column + kStep <= block.columns; column += kStep) encode_step<kGroup, 4>(block, scratch, column);
    for (; column < block.columns; column += kLanes) encode_step<kGroup, 1>(block, scratch, column);
}

/// First pass of `block`, third of `previous` (if any).
template <int kGroup>
bool values_and_codes(const QuantizeBlock& block, Scratch& scratch, const QuantizeBlock* previous,
                      const Scratch& previous_scratch) {
    constexpr int kTail = kGroup < kStep ? kGroup / kLanes : 4;
    Extremes extremes{_mm512_setzero_si512(), _mm512_setzero_si512()};
    int column = 0;
    if (previous != nullptr) {
        const int common = block.columns < previous->columns ? block.columns : previous->columns;
        for (; column + kStep <= common; column += kStep)
            values_step<kGroup, 4, true>(block, scratch, column, extremes, previous, previous_scratch);
        encode_rest<kGroup>(*previous, previous_scratch, column);
    }
    for (; column + kStep <= block.columns; column += kStep)
        values_step<kGroup, 4, false>(block, scratch, column, extremes, previous, previous_scratch);
    for (; column < block.columns; column += kTail * kLanes)
        values_step<kGroup, kTail, false>(block, scratch, column, extremes, previous, previous_scratch);
    return !extremes.out_of_range();
}

template <int kGroup>
void quantize(const QuantizeBlock* blocks, int count) {
    Scratch scratch[2];
    const QuantizeBlock* previous = nullptr;
    for (int i = 0; i < count; ++i) {
        Scratch& current = scratch[i % 2];
        const bool in_range = values_and_codes<kGroup>(blocks[i], current, previous, scratch[(i + 1) % 2]);
        previous = nullptr;
        if (in_range && compute_scales<kGroup>(blocks[i], current)) {
            store_scales(blocks[i], current.scale_bits, blocks[i].columns / kGroup);
            previous = &blocks[i];
        } else {
            quantize_blocks_scalar(&blocks[i], 1);
        }
    }
    if (previous != nullptr) encode_rest<kGroup>(*previous, scratch[(count + 1) % 2], 0);
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
