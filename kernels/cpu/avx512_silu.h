// SPDX-License-Identifier: Apache-2.0

// silu of bf16 values without a division. Part of the AVX-512 kernel (block_avx512_impl.h, which is the only
// file to include this one).

namespace moescope::cpu {
namespace {

/// silu, x / (1 + exp(-x)), for x >= -87 (below, exp(-x) leaves the range of floats). exp(-x) is 2^t, t = -x
/// * log2(e): the fraction of t goes through a polynomial of degree four, its floor is added to the exponent,
/// where the instruction takes care of what leaves the range (large x), so that nothing is clamped. x is
/// multiplied by the approximate reciprocal, good to 2^-14, after one step of Newton's method: a product
/// keeps the sign of -0, where a step on the quotient itself would lose it. The coefficients are a fit on [0,
/// 1) nudged at the few inputs whose silu lies next to the middle of two bf16 values: rounded half up, the
/// result is right for every gate, whatever the instruction's error within its 2^-14. The tests check gate by
/// gate. Several registers step by step: one chain alone is too long for the processor to find enough to do
/// beside it.
template <int kCount>
MOESCOPE_INLINE void silu(const Constants& k, __m512* x) {
    constexpr int kToFloor = 1;  // what VREDUCEPS subtracts: the value rounded down to an integer
    __m512 t[kCount];
    __m512 f[kCount];
    __m512 p[kCount];
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) t[i] = _mm512_mul_ps(x[i], k.minus_log2e);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) f[i] = _mm512_reduce_ps(t[i], kToFloor);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(k.p4, f[i], k.p3);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], f[i], k.p2);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], f[i], k.p1);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], f[i], k.p0);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] =
        _mm512_add_ps(_mm512_scalef_ps(p[i], t[i]), k.one);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) f[i] = _mm512_rcp14_ps(p[i]);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fnmadd_ps(p[i], f[i], k.one);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) p[i] = _mm512_fmadd_ps(p[i], f[i], f[i]);
    MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) x[i] = _mm512_mul_ps(x[i], p[i]);
}

}  // namespace
}  // namespace moescope::cpu
