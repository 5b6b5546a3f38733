// SPDX-License-Identifier: Apache-2.0

// AVX2 and FMA. The same three passes as in block_avx512_impl.h, where they are explained, also mixed; here
// without mask registers. Compiled with its own flags: intrinsics and the seam only.

#include <immintrin.h>

#include "block_kernels.h"

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): columns of a block, a few thousand at
// most

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

    /// The first magnitude whose code is normal.
    MOESCOPE_INLINE int first_normal(int group) const {
        return static_cast<int>(scale_bits[group] >> 16) - kNormalBelowScale;
    }
};

}  // namespace
}  // namespace moescope::cpu

#include "block_sequence.h"

namespace moescope::cpu {
namespace {

/// Of the next block, what lies where 32 columns are worked on, into the second cache.
MOESCOPE_INLINE void prefetch_next_block(const QuantizeBlock& block, int column) {
    if (!block.prefetch_next_block) return;
    _mm_prefetch(reinterpret_cast<const char*>(block.next_gate + column), _MM_HINT_T1);
    _mm_prefetch(reinterpret_cast<const char*>(block.next_up + column), _MM_HINT_T1);
}

/// bf16(silu) of 16 gates from the reference's table, even and odd ones.
MOESCOPE_INLINE void look_up(const SiluTable& table, __m256i gates, __m256* silu) {
    const auto* const words = reinterpret_cast<const int*>(table.words);
    const __m256i even = _mm256_and_si256(gates, _mm256_set1_epi32(0xFFFF));
    silu[0] = as_float(_mm256_i32gather_epi32(words, even, 4));
    silu[1] = as_float(_mm256_i32gather_epi32(words, _mm256_srli_epi32(gates, 16), 4));
}

/// Extremes over what has been seen, as unsigned words.
struct Extremes {
    __m256i largest = _mm256_setzero_si256();  ///< magnitude of a group's values
    __m256i smallest = _mm256_set1_epi16(0x7FFF);
};
struct Range {
    __m256i gates = _mm256_setzero_si256();  ///< negative ones are the largest
    __m256i ups = _mm256_setzero_si256();    ///< twice, which drops the sign
};

/// Ups as floats: fp16 ones times 2^-112 (even_ups in avx512_values.h).
template <Silu kSilu>
MOESCOPE_INLINE __m256 even_ups(__m256i up) {
    if constexpr (kSilu != Silu::from_fp16_table) return even_columns(up);
    const __m256i bits = _mm256_srai_epi32(_mm256_slli_epi32(up, 16), 3);
    return as_float(_mm256_and_si256(bits, _mm256_set1_epi32(static_cast<int>(0x8FFFE000U))));
}
template <Silu kSilu>
MOESCOPE_INLINE __m256 odd_ups(__m256i up) {
    if constexpr (kSilu != Silu::from_fp16_table) return odd_columns(up);
    return as_float(
        _mm256_and_si256(_mm256_srai_epi32(up, 3), _mm256_set1_epi32(static_cast<int>(0x8FFFE000U))));
}

/// First pass of 32 columns.
template <Silu kSilu>
MOESCOPE_INLINE void compute_values(const QuantizeBlock& block, int column, Scratch& scratch,
                                    Extremes& extremes, Range& range) {
    prefetch_next_block(block, column);
    const __m256i gate[2] = {load(block.gate + column), load(block.gate + column + kLanes)};
    _mm_prefetch(reinterpret_cast<const char*>(columns_ahead_of(block, column).gate), _MM_HINT_T0);
    __m256 x[4];
    if constexpr (kSilu == Silu::computed) {
        MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
            x[2 * j] = even_columns(gate[j]);
            x[2 * j + 1] = odd_columns(gate[j]);
            range.gates = _mm256_max_epu16(range.gates, gate[j]);
        }
        silu(x);
        MOESCOPE_UNROLL for (__m256& value : x) value = round_half_up(value);
    }
    MOESCOPE_UNROLL for (int j = 0; j < 2; ++j) {
        if constexpr (kSilu != Silu::computed) look_up(*block.silu, gate[j], x + 2 * j);
        const __m256i up = load(block.up + column + j * kLanes);
        if constexpr (kSilu != Silu::from_table)
            range.ups = _mm256_max_epu16(range.ups, _mm256_add_epi16(up, up));
        const __m256i v = pack_bf16(_mm256_mul_ps(x[2 * j], even_ups<kSilu>(up)),
                                    _mm256_mul_ps(x[2 * j + 1], odd_ups<kSilu>(up)));
        const __m256i magnitude = _mm256_and_si256(v, _mm256_set1_epi16(0x7FFF));
        extremes.largest = _mm256_max_epu16(extremes.largest, magnitude);
        extremes.smallest = _mm256_min_epu16(extremes.smallest, magnitude);
        _mm256_store_si256(reinterpret_cast<__m256i*>(scratch.values + column + j * kLanes), v);
    }
}

/// Eight values with subnormal codes as others that are encoded like normal ones (lifted in avx512_lift.h).
MOESCOPE_INLINE __m256i lifted(__m256 magnitudes, __m256 inverse, __m256 scale) {
    const __m256 magic = _mm256_set1_ps(24576.0F);
    const __m256 scaled = round_bf16(_mm256_mul_ps(magnitudes, inverse));
    const __m256 multiple = _mm256_sub_ps(_mm256_add_ps(scaled, magic), magic);
    const __m256 normal = _mm256_fmadd_ps(multiple, _mm256_set1_ps(0.5F), _mm256_set1_ps(0x1p-7F));
    return as_bits(_mm256_mul_ps(_mm256_max_ps(multiple, normal), scale));
}

/// Lifts the values of a group that are below 2^-6 of the scale: there must be one.
template <int kGroup>
__attribute__((noinline)) void lift_subnormals(Scratch& scratch, int group) {
    const __m256i first_normal = _mm256_set1_epi16(static_cast<short>(scratch.first_normal(group)));
    const __m256i magnitude = _mm256_set1_epi16(0x7FFF);
    const __m256 inverse = _mm256_set1_ps(scratch.inverse[group]);
    const __m256 scale = as_float(_mm256_set1_epi32(static_cast<int>(scratch.scale_bits[group])));
    std::uint16_t* const all = scratch.values + group * kGroup;
    unsigned registers = 0;
    for (int i = 0; i < kGroup / kLanes; ++i) {
        const __m256i low =
            _mm256_cmpgt_epi16(first_normal, _mm256_and_si256(load(all + i * kLanes), magnitude));
        registers |= static_cast<unsigned>(_mm256_testz_si256(low, low) == 0) << i;
    }
    // Hardly ever more than one.
    do {
        std::uint16_t* const values = all + __builtin_ctz(registers) * kLanes;
        const __m256i pairs = load(values);
        const __m256i magnitudes = _mm256_and_si256(pairs, magnitude);
        const __m256i low = _mm256_cmpgt_epi16(first_normal, magnitudes);
        const __m256i even = lifted(even_columns(magnitudes), inverse, scale);
        const __m256i odd = lifted(odd_columns(magnitudes), inverse, scale);
        const __m256i both = _mm256_blend_epi16(_mm256_srli_epi32(even, 16), odd, 0xAA);
        const __m256i with_sign = _mm256_or_si256(both, _mm256_andnot_si256(magnitude, pairs));
        _mm256_store_si256(reinterpret_cast<__m256i*>(values), _mm256_blendv_epi8(pairs, with_sign, low));
        registers &= registers - 1;
    } while (registers != 0);
}

/// Returns whether no group holds an infinity or a NaN.
template <int kGroup>
bool compute_scales(const QuantizeBlock& block, Scratch& scratch) {
    const int groups = block.columns / kGroup;
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
    int low_groups[kMaxBlockGroups] = {};
    int low = 0;
    for (int g = 0; g < groups; ++g) {  // without a branch on what is random
        low_groups[low] = g;
        low += static_cast<int>(scratch.amin[g] < scratch.first_normal(g));
    }
    for (int i = 0; i < low; ++i) lift_subnormals<kGroup>(scratch, low_groups[i]);
    return !special;
}

/// Codes, in words, of 16 values.
MOESCOPE_INLINE __m256i encode_columns(const std::uint16_t* values, __m256 inverse) {
    const __m256i pairs = load(values);
    return encode_normal(_mm256_mul_ps(even_columns(pairs), inverse),
                         _mm256_mul_ps(odd_columns(pairs), inverse));
}

/// A block in its third pass.
struct Encoded {
    const QuantizeBlock& block;
    const Scratch& scratch;
    bool aligned = reinterpret_cast<std::uintptr_t>(block.codes) % 32 == 0;
};

/// Third pass of 32 columns.
MOESCOPE_INLINE void encode(const Encoded& of, int column, __m256 inverse) {
    const __m256i low = encode_columns(of.scratch.values + column, inverse);
    const __m256i high = encode_columns(of.scratch.values + column + kLanes, inverse);
    // packus works within 128-bit halves; the permutation puts the four quarters in order.
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xD8);
    auto* target = reinterpret_cast<__m256i*>(of.block.codes + column);
    if (of.aligned)
        _mm256_stream_si256(target, bytes);
    else
        _mm256_storeu_si256(target, bytes);
}

/// First pass of a group of `block` mixed with the third of the same one of `previous`, where kEncode.
template <int kGroup, Silu kSilu, bool kEncode>
MOESCOPE_INLINE void group_step(const QuantizeBlock& block, Scratch& scratch, int group, Range& range,
                                const Encoded& previous) {
    Extremes extremes;
    const __m256 inverse = kEncode ? _mm256_set1_ps(previous.scratch.inverse[group]) : _mm256_setzero_ps();
    for (int column = group * kGroup; column < (group + 1) * kGroup; column += 2 * kLanes) {
        compute_values<kSilu>(block, column, scratch, extremes, range);
        if constexpr (kEncode) encode(previous, column, inverse);
        _mm_prefetch(reinterpret_cast<const char*>(columns_ahead_of(block, column).up), _MM_HINT_T0);
    }
    scratch.amax[group] = largest(extremes.largest);
    scratch.amin[group] = smallest(extremes.smallest);
}

/// Goes on with the third pass of `block` from a column on.
template <int kGroup>
void encode_rest(const QuantizeBlock& block, const Scratch& scratch, int column) {
    const Encoded encoded{block, scratch};
    for (; column < block.columns; column += 2 * kLanes)
        encode(encoded, column, _mm256_set1_ps(scratch.inverse[column / kGroup]));
}

/// First pass of `block`, third of `previous` (if any). Returns whether all gates and ups were in range: no
/// gate below -87, where exp(-x) leaves the range of floats, no up of 2^74 and more, which could make the
/// rounding of a subnormal silu visible. The table serves all.
template <int kGroup, Silu kSilu>
__attribute__((noinline)) bool values_and_codes(const QuantizeBlock& block, Scratch& scratch,
                                                const QuantizeBlock* previous,
                                                const Scratch& previous_scratch) {
    Range range;
    const Encoded encoded{previous == nullptr ? block : *previous, previous_scratch};
    const int groups = block.columns / kGroup;
    const int previous_groups = previous == nullptr ? 0 : previous->columns / kGroup;
    int group = 0;
    prefetch_pages(block);
    for (; group < groups && group < previous_groups; ++group)
        group_step<kGroup, kSilu, true>(block, scratch, group, range, encoded);
    if (previous != nullptr) encode_rest<kGroup>(*previous, previous_scratch, group * kGroup);
    for (; group < groups; ++group) group_step<kGroup, kSilu, false>(block, scratch, group, range, encoded);
    constexpr int kFirstUpOutOfRange = kSilu == Silu::from_fp16_table ? 2 * 0x7C00 : 2 * 0x6480;
    return largest(range.gates) <= 0xC2AE && largest(range.ups) < kFirstUpOutOfRange;
}

#undef MOESCOPE_INLINE
#undef MOESCOPE_UNROLL

}  // namespace

void quantize_blocks_avx2(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::computed>(blocks, count);
}

void quantize_blocks_avx2gather(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::from_table>(blocks, count);
}

void quantize_fp16_blocks_avx2(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::from_fp16_table>(blocks, count);
}

void stream_block_avx2(const StreamBlock& block) {
    constexpr int kBytesAhead = 2048;
    const bool aligned = reinterpret_cast<std::uintptr_t>(block.target) % 32 == 0;
    for (std::int64_t i = 0; i < block.bytes; i += 32) {
        const std::uint8_t* const from = block.source + 4 * i;
        const auto* source = reinterpret_cast<const __m256i*>(from);
        _mm_prefetch(reinterpret_cast<const char*>(from) + kBytesAhead, _MM_HINT_T0);
        _mm_prefetch(reinterpret_cast<const char*>(from) + kBytesAhead + 64, _MM_HINT_T0);
        __m256i folded = _mm256_loadu_si256(source);
        for (int part = 1; part < 4; ++part) {
            // In this order, which the compiler would change.
            __m256i next = _mm256_loadu_si256(source + part);
            __asm__("" : "+x"(next), "+x"(folded));
            folded = _mm256_xor_si256(folded, next);
        }
        auto* target = reinterpret_cast<__m256i*>(block.target + i);
        if (aligned)
            _mm256_stream_si256(target, folded);
        else
            _mm256_storeu_si256(target, folded);
    }
}

}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)
