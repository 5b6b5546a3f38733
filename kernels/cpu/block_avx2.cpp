// SPDX-License-Identifier: Apache-2.0

// AVX2 and FMA. The same three passes as in block_avx512_impl.h, where they are explained; here one after the
// other and without mask registers. Compiled with its own flags: intrinsics and the seam only.

#include <immintrin.h>

#include "block_kernels.h"

namespace moescope::cpu {
namespace {

#define MOESCOPE_INLINE inline __attribute__((always_inline))
#define MOESCOPE_UNROLL _Pragma("GCC unroll 16")

constexpr int kLanes = 16;  // bf16 values in one register

MOESCOPE_INLINE __m256 as_float(__m256i bits) {
    return _mm256_castsi256_ps(bits);
}
MOESCOPE_INLINE __m256i as_bits(__m256 value) {
    return _mm256_castps_si256(value);
}
MOESCOPE_INLINE __m256i high_halves(__m256i pairs) {
    return _mm256_and_si256(pairs, _mm256_set1_epi32(static_cast<int>(0xFFFF0000U)));
}
MOESCOPE_INLINE __m256 even_columns(__m256i pairs) {
    return as_float(_mm256_slli_epi32(pairs, 16));
}
MOESCOPE_INLINE __m256 odd_columns(__m256i pairs) {
    return as_float(high_halves(pairs));
}
MOESCOPE_INLINE __m256i load(const std::uint16_t* words) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(words));
}

MOESCOPE_INLINE __m256 round_bf16(__m256 value) {
    const __m256i bits = as_bits(value);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    return as_float(high_halves(_mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7FFF)), odd)));
}

MOESCOPE_INLINE __m256 round_half_up(__m256 value) {
    return as_float(high_halves(_mm256_add_epi32(as_bits(value), _mm256_set1_epi32(0x8000))));
}

MOESCOPE_INLINE __m256i pack_bf16(__m256 even, __m256 odd) {
    const __m256i a = as_bits(even);
    const __m256i b = as_bits(odd);
    const __m256i high = _mm256_blend_epi16(_mm256_srli_epi32(a, 16), b, 0xAA);
    const __m256i low = _mm256_blend_epi16(a, _mm256_slli_epi32(b, 16), 0xAA);
    const __m256i bias =
        _mm256_or_si256(_mm256_and_si256(high, _mm256_set1_epi16(1)), _mm256_set1_epi16(0x7FFE));
    return _mm256_add_epi16(high, _mm256_srli_epi16(_mm256_avg_epu16(low, bias), 15));
}

/// silu, x / (1 + exp(-x)), of four registers, step by step. exp(-x) is 2^n times a polynomial of degree five
/// of what is left, n the nearest integer to -x log2(e), which the addition of a large number leaves in the
/// low bits. The coefficients are nudged so that all gates from -87 on round right, half up.
MOESCOPE_INLINE void silu(__m256 (&x)[4]) {
    const __m256 one = _mm256_set1_ps(1.0F);
    const __m256 magic = _mm256_set1_ps(12583039.0F);
    __m256 n[4];
    __m256 s[4];
    __m256 p[4];
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) {
        s[i] = as_float(_mm256_min_epi32(as_bits(x[i]), _mm256_set1_epi32(0x42AE0000)));
        n[i] = _mm256_fnmadd_ps(s[i], _mm256_set1_ps(1.442695041F), magic);
    }
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) s[i] =
        _mm256_fmadd_ps(_mm256_sub_ps(n[i], magic), _mm256_set1_ps(0.6931471806F), s[i]);
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) p[i] =
        _mm256_fmadd_ps(s[i], _mm256_set1_ps(0x1.521ed2p-5F), _mm256_set1_ps(-0x1.572186p-3F));
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) p[i] =
        _mm256_fmadd_ps(p[i], s[i], _mm256_set1_ps(0x1.00040ep-1F));
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) p[i] =
        _mm256_fmadd_ps(p[i], s[i], _mm256_set1_ps(-0x1.fffd88p-1F));
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) p[i] = _mm256_fmadd_ps(p[i], s[i], one);
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) p[i] =
        _mm256_fmadd_ps(p[i], as_float(_mm256_slli_epi32(as_bits(n[i]), 23)), one);
    MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) x[i] = _mm256_div_ps(x[i], p[i]);
}

MOESCOPE_INLINE std::uint16_t smallest(__m256i words) {
    const __m128i v = _mm_min_epu16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return static_cast<std::uint16_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(v)));
}

MOESCOPE_INLINE std::uint16_t largest(__m256i words) {
    const __m128i v = _mm_max_epu16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    const __m128i inverted = _mm_minpos_epu16(_mm_xor_si128(v, _mm_set1_epi16(-1)));
    return static_cast<std::uint16_t>(~_mm_cvtsi128_si32(inverted));
}

/// Codes of bf16 values, any of which may be below the smallest normal code.
MOESCOPE_INLINE __m256i encode_e4m3(__m256i values) {
    const __m256i magnitude = _mm256_and_si256(values, _mm256_set1_epi16(0x7FFF));
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi16(values, 4), _mm256_set1_epi16(1));
    const __m256i biased = _mm256_add_epi16(magnitude, _mm256_set1_epi16(7 - ((127 - 7) << 7)));
    const __m256i code = _mm256_srli_epi16(_mm256_add_epi16(biased, odd), 4);
    const __m256i subnormal = _mm256_cmpgt_epi16(_mm256_set1_epi16(0x3C80), magnitude);
    const __m256 magic = _mm256_set1_ps(24576.0F);
    const __m256i even = as_bits(_mm256_add_ps(even_columns(magnitude), magic));
    const __m256i other = as_bits(_mm256_add_ps(odd_columns(magnitude), magic));
    const __m256i small = _mm256_blend_epi16(even, _mm256_slli_epi32(other, 16), 0xAA);
    const __m256i sign = _mm256_and_si256(_mm256_srli_epi16(values, 8), _mm256_set1_epi16(0x80));
    return _mm256_or_si256(_mm256_blendv_epi8(code, small, subnormal), sign);
}

/// e4m3(bf16(scaled)), both roundings in one step (round_to_e4m3 in avx512_encode.h): the code in the bits
/// from 20 on, zeros above it, the sign in the top one. Not for subnormal codes.
MOESCOPE_INLINE __m256i round_to_e4m3(__m256 scaled) {
    constexpr int kBias = (7 - 127) * (1 << 23);
    const __m256 even = as_float(_mm256_set1_epi32(kBias + 0x77FFF));
    const __m256 odd = as_float(_mm256_set1_epi32(kBias + 0x88000));
    const __m256 last_bit = as_float(_mm256_slli_epi32(as_bits(scaled), 11));  // of the code, as the sign
    return _mm256_add_epi32(as_bits(scaled), as_bits(_mm256_blendv_ps(even, odd, last_bit)));
}

/// Codes, in words, of both, none of them subnormal.
MOESCOPE_INLINE __m256i encode_normal(__m256 even, __m256 odd) {
    const __m256i words =
        _mm256_blend_epi16(_mm256_srli_epi32(round_to_e4m3(even), 16), round_to_e4m3(odd), 0xAA);
    // In each word now code and eight times the sign, a byte each: the code with its sign is low + 16 * high.
    return _mm256_maddubs_epi16(_mm256_srli_epi16(words, 4), _mm256_set1_epi16(16 * 256 + 1));
}

struct Scratch {
    alignas(64) std::uint16_t values[kBlockColumns];
    alignas(64) std::uint16_t amax[kMaxBlockGroups] = {};
    std::uint16_t amin[kMaxBlockGroups];
    alignas(64) std::uint32_t scale_bits[kMaxBlockGroups];
    alignas(64) float inverse[kMaxBlockGroups];
};

/// As in block_avx512_impl.h, one line of each.
MOESCOPE_INLINE void prefetch(const QuantizeBlock& block, int column) {
    _mm_prefetch(reinterpret_cast<const char*>(block.next_gate + column), _MM_HINT_T1);
    _mm_prefetch(reinterpret_cast<const char*>(block.next_up + column), _MM_HINT_T1);
    _mm_prefetch(reinterpret_cast<const char*>(block.gate + column + 512), _MM_HINT_T0);
    _mm_prefetch(reinterpret_cast<const char*>(block.up + column + 512), _MM_HINT_T0);
}

/// Returns whether all gates and ups are in range: no gate below -87, where exp(-x) leaves the range of
/// floats, no magnitude of 2^74 and more, which could make the rounding of a subnormal silu visible.
template <int kGroup>
bool compute_values(const QuantizeBlock& block, Scratch& scratch) {
    const __m256i magnitude = _mm256_set1_epi16(0x7FFF);
    __m256i gates = _mm256_setzero_si256();
    __m256i ups = _mm256_setzero_si256();
    for (int column = 0, group = 0; column < block.columns; column += kGroup, ++group) {
        __m256i amax = _mm256_setzero_si256();
        __m256i amin = magnitude;
        for (int i = column; i < column + kGroup; i += 2 * kLanes) {
            prefetch(block, i);
            const __m256i gate[2] = {load(block.gate + i), load(block.gate + i + kLanes)};
            __m256 x[4] = {even_columns(gate[0]), odd_columns(gate[0]), even_columns(gate[1]),
                           odd_columns(gate[1])};
            silu(x);
            MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
                const __m256i up = load(block.up + i + j * kLanes);
                const __m256i v = pack_bf16(_mm256_mul_ps(round_half_up(x[2 * j]), even_columns(up)),
                                            _mm256_mul_ps(round_half_up(x[2 * j + 1]), odd_columns(up)));
                gates = _mm256_max_epu16(gates, gate[j]);
                ups = _mm256_max_epu16(ups, _mm256_add_epi16(up, up));
                const __m256i m = _mm256_and_si256(v, magnitude);
                amax = _mm256_max_epu16(amax, m);
                amin = _mm256_min_epu16(amin, m);
                _mm256_store_si256(reinterpret_cast<__m256i*>(scratch.values + i + j * kLanes), v);
            }
        }
        scratch.amax[group] = largest(amax);
        scratch.amin[group] = smallest(amin);
    }
    return largest(gates) <= 0xC2AE && largest(ups) < 2 * 0x6480;
}

/// Returns whether no group holds an infinity or a NaN.
bool compute_scales(const QuantizeBlock& block, Scratch& scratch, int groups) {
    bool special = false;
    for (int g = 0; g < groups; ++g) special = special || scratch.amax[g] >= 0x7F80;
    for (int g = 0; g < groups; g += 8) {
        const __m128i words = _mm_load_si128(reinterpret_cast<const __m128i*>(scratch.amax + g));
        const __m256 amax = as_float(_mm256_slli_epi32(_mm256_cvtepu16_epi32(words), 16));
        const __m256 floored = _mm256_max_ps(amax, _mm256_set1_ps(0x1.b8p-34F));
        __m256 scale = round_bf16(_mm256_mul_ps(floored, _mm256_set1_ps(0x1.24p-9F)));
        if (block.ue8m0)
            scale = as_float(_mm256_and_si256(_mm256_add_epi32(as_bits(scale), _mm256_set1_epi32(0x007FFFFF)),
                                              _mm256_set1_epi32(0x7F800000)));
        _mm256_store_si256(reinterpret_cast<__m256i*>(scratch.scale_bits + g), as_bits(scale));
        _mm256_store_ps(scratch.inverse + g, round_bf16(_mm256_div_ps(_mm256_set1_ps(1.0F), scale)));
    }
    return !special;
}

template <bool kAnySubnormal>
MOESCOPE_INLINE __m256i encode_columns(const std::uint16_t* values, __m256 inverse) {
    const __m256i pairs = load(values);
    const __m256 even = _mm256_mul_ps(even_columns(pairs), inverse);
    const __m256 odd = _mm256_mul_ps(odd_columns(pairs), inverse);
    return kAnySubnormal ? encode_e4m3(pack_bf16(even, odd)) : encode_normal(even, odd);
}

template <int kGroup, bool kAnySubnormal>
MOESCOPE_INLINE void encode_group(const std::uint16_t* values, float inverse, std::uint8_t* codes,
                                  bool aligned) {
    const __m256 factor = _mm256_set1_ps(inverse);
    for (int i = 0; i < kGroup; i += 2 * kLanes) {
        const __m256i low = encode_columns<kAnySubnormal>(values + i, factor);
        const __m256i high = encode_columns<kAnySubnormal>(values + i + kLanes, factor);
        // packus works within 128-bit halves; the permutation puts the four quarters in order.
        const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xD8);
        auto* target = reinterpret_cast<__m256i*>(codes + i);
        if (aligned)
            _mm256_stream_si256(target, bytes);
        else
            _mm256_storeu_si256(target, bytes);
    }
}

template <int kGroup>
void encode_block(const QuantizeBlock& block, const Scratch& scratch, int groups) {
    const bool aligned = reinterpret_cast<std::uintptr_t>(block.codes) % 32 == 0;
    for (int g = 0; g < groups; ++g) {
        const std::uint16_t* values = scratch.values + g * kGroup;
        std::uint8_t* codes = block.codes + g * kGroup;
        // The first bf16 value from 2^-6 of the scale on, and two more as the inverse is rounded.
        const auto normal = static_cast<int>(scratch.scale_bits[g] >> 16) + 3 - (6 << 7);
        if (scratch.amin[g] < normal)
            encode_group<kGroup, true>(values, scratch.inverse[g], codes, aligned);
        else
            encode_group<kGroup, false>(values, scratch.inverse[g], codes, aligned);
    }
}

template <int kGroup>
void quantize(const QuantizeBlock& block) {
    Scratch scratch;
    const int groups = block.columns / kGroup;
    if (!compute_values<kGroup>(block, scratch) || !compute_scales(block, scratch, groups))
        return quantize_blocks_scalar(&block, 1);
    store_scales(block, scratch.scale_bits, groups);
    encode_block<kGroup>(block, scratch, groups);
}

#undef MOESCOPE_INLINE
#undef MOESCOPE_UNROLL

}  // namespace

void quantize_blocks_avx2(const QuantizeBlock* blocks, int count) {
    for (int i = 0; i < count; ++i) switch (blocks[i].group_size) {
            case 32:
                quantize<32>(blocks[i]);
                break;
            case 64:
                quantize<64>(blocks[i]);
                break;
            case 128:
                quantize<128>(blocks[i]);
                break;
            default:
                quantize<256>(blocks[i]);
        }
}

void stream_block_avx2(const StreamBlock& block) {
    const bool aligned = reinterpret_cast<std::uintptr_t>(block.target) % 32 == 0;
    for (std::int64_t i = 0; i < block.bytes; i += 32) {
        const auto* source = reinterpret_cast<const __m256i*>(block.source + 4 * i);
        const __m256i ab = _mm256_xor_si256(_mm256_loadu_si256(source), _mm256_loadu_si256(source + 1));
        const __m256i cd = _mm256_xor_si256(_mm256_loadu_si256(source + 2), _mm256_loadu_si256(source + 3));
        auto* target = reinterpret_cast<__m256i*>(block.target + i);
        if (aligned)
            _mm256_stream_si256(target, _mm256_xor_si256(ab, cd));
        else
            _mm256_storeu_si256(target, _mm256_xor_si256(ab, cd));
    }
}

}  // namespace moescope::cpu
