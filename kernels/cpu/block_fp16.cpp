// SPDX-License-Identifier: Apache-2.0

// fp16 input on the processor, in one pass before the kernels of bf16 input. It computes v = bf16(bf16(silu(
// gate)) * up) and hands v / 64 to them as an up whose gate is 64: silu(64) is 64 exactly in both types, and
// so the product that they quantize is v again. (Where v / 64 is below the smallest normal float, v is far
// below the floor of the scales: its code is a zero of its sign either way.) Costs a silu that is thrown
// away, and shares everything else. Compiled with its own flags (AVX2, FMA, F16C): intrinsics and the seam
// only.
//
// silu is approximated within a few fp32 steps. Only next to the middle of two bf16 values is that not
// enough; such lanes, one in 2,048, and gates below -32 take the reference's table.

#include <immintrin.h>

#include "block_kernels.h"

namespace moescope::cpu {
namespace {

constexpr int kBatch = 8;  // blocks converted before they are quantized: 32 KiB
constexpr int kLanes = 8;
constexpr std::uint16_t kSixtyFour = 0x4280;  // bf16

struct Scratch {
    alignas(64) std::uint16_t gates[kBlockColumns];  // 64, all of them
    alignas(64) std::uint16_t ups[kBatch][kBlockColumns];

    Scratch() {
        for (std::uint16_t& gate : gates) gate = kSixtyFour;
    }
};

inline __m256 load(const std::uint16_t* values) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values)));
}

/// exp(-x) for x >= -32: 2^n times the Taylor polynomial of 2^r, r within half, 1.2e-7 at its ends.
inline __m256 exp_of_minus(__m256 x) {
    const __m256 minus_log2e = _mm256_set1_ps(-1.44269502F);
    // Below 2^-126 it does not count beside one.
    const __m256 t = _mm256_max_ps(_mm256_mul_ps(x, minus_log2e), _mm256_set1_ps(-126.0F));
    const __m256 n = _mm256_round_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m256 clamped = _mm256_min_ps(x, _mm256_set1_ps(87.0F));
    const __m256 r = _mm256_fmsub_ps(clamped, minus_log2e, n);
    __m256 p = _mm256_set1_ps(1.54035304e-4F);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.33335581e-3F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(9.61812911e-3F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.55041087e-2F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(2.40226507e-1F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(6.93147181e-1F));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0F));
    const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), exponent));
}

/// bf16(v / 64) of eight columns in the low halves of the lanes, and in `rare` the lanes that are not so.
inline __m256i products(const std::uint16_t* gates, const std::uint16_t* ups, int& rare) {
    constexpr int kMargin = 16;  // fp32 steps
    const __m256 x = load(gates);
    const __m256i silu =
        _mm256_castps_si256(_mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1.0F), exp_of_minus(x))));
    const __m256i distance = _mm256_and_si256(_mm256_add_epi32(silu, _mm256_set1_epi32(kMargin - 0x8000)),
                                              _mm256_set1_epi32(0xFFFF));
    const __m256 is_close = _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(2 * kMargin), distance));
    const __m256 is_low = _mm256_cmp_ps(x, _mm256_set1_ps(-32.0F), _CMP_NGE_UQ);  // or no number
    // Not in the middle: half up is as good as half to even.
    const __m256 rounded = _mm256_castsi256_ps(_mm256_and_si256(
        _mm256_add_epi32(silu, _mm256_set1_epi32(0x8000)), _mm256_set1_epi32(static_cast<int>(0xFFFF0000U))));
    const __m256 v = _mm256_mul_ps(rounded, _mm256_mul_ps(load(ups), _mm256_set1_ps(0x1p-6F)));
    const __m256 is_nan = _mm256_cmp_ps(v, v, _CMP_UNORD_Q);
    rare = _mm256_movemask_ps(_mm256_or_ps(_mm256_or_ps(is_close, is_low), is_nan));
    const __m256i bits = _mm256_castps_si256(v);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    return _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7FFF)), odd), 16);
}

void convert(const QuantizeBlock& block, std::uint16_t* ups) {
    for (int column = 0; column < block.columns; column += 2 * kLanes) {
        _mm_prefetch(reinterpret_cast<const char*>(block.next_gate + column), _MM_HINT_T0);
        _mm_prefetch(reinterpret_cast<const char*>(block.next_up + column), _MM_HINT_T0);
        int rare[2];
        const __m256i low = products(block.gate + column, block.up + column, rare[0]);
        const __m256i high = products(block.gate + column + kLanes, block.up + column + kLanes, rare[1]);
        // packus works within 128-bit halves; the permutation puts the four quarters in order.
        const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(low, high), 0xD8);
        _mm256_store_si256(reinterpret_cast<__m256i*>(ups + column), packed);
        for (int lanes = rare[0] | rare[1] << kLanes; lanes != 0; lanes &= lanes - 1) {
            const int at = column + __builtin_ctz(static_cast<unsigned>(lanes));
            ups[at] = fp16_product_over_64(block.gate[at], block.up[at]);
        }
    }
}

using Quantize = void (*)(const QuantizeBlock*, int);

void convert_and_quantize(const QuantizeBlock* blocks, int count, Quantize quantize) {
    Scratch scratch;
    QuantizeBlock converted[kBatch];
    for (int first = 0; first < count; first += kBatch) {
        const int batch = count - first < kBatch ? count - first : kBatch;
        for (int i = 0; i < batch; ++i) {
            convert(blocks[first + i], scratch.ups[i]);
            converted[i] = blocks[first + i];
            converted[i].gate = scratch.gates;
            converted[i].up = scratch.ups[i];
            converted[i].next_gate = scratch.gates;
            converted[i].next_up = scratch.ups[i];
        }
        quantize(converted, batch);
    }
}

}  // namespace

void quantize_fp16_blocks_avx2(const QuantizeBlock* blocks, int count) {
    convert_and_quantize(blocks, count, quantize_blocks_avx2);
}
void quantize_fp16_blocks_avx512(const QuantizeBlock* blocks, int count) {
    convert_and_quantize(blocks, count, quantize_blocks_avx512);
}
void quantize_fp16_blocks_avx512bf16(const QuantizeBlock* blocks, int count) {
    convert_and_quantize(blocks, count, quantize_blocks_avx512bf16);
}

}  // namespace moescope::cpu
