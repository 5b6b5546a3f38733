// SPDX-License-Identifier: Apache-2.0

// silu of bf16 values from a table of polynomials. Part of the AVX-512 kernel (block_avx512_impl.h, which is
// the only file to include this one).

namespace moescope::cpu {
namespace {

struct SiluConstants {
    const __m512 to_segment = every_float(silu_fit::kToSegment);
    const __m512 last_segment = every_float(silu_fit::kLastSegment);
    __m512 low[4];   // coefficients of segments 0 to 15: gates from -0.25 on, and the lowest
    __m512 high[4];  // of segments 16 to 31
    SiluConstants() {
        MOESCOPE_UNROLL for (int i = 0; i < 4; ++i) {
            low[i] = _mm512_load_ps(silu_fit::kCoefficients[i]);
            high[i] = _mm512_load_ps(silu_fit::kCoefficients[i] + 16);
        }
    }
};

/// silu(x) for x >= silu_fit::kLowest: x times a cubic approximation of the logistic function, whose
/// coefficients one instruction each fetches from 32. There is no division and no exponential, and a product
/// keeps the sign of -0. The error is small enough, and the coefficients are chosen so, that the result
/// rounds to the right bf16 value for every gate (the tests check each). Several registers step by step: one
/// chain alone is too long for the processor to find enough to do beside it.
template <int kCount>
class Logistic {
  public:
    MOESCOPE_INLINE Logistic(const SiluConstants& s, const __m512* x) {
        MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) m_segment[i] =
            as_bits(_mm512_add_ps(_mm512_min_ps(x[i], s.last_segment), s.to_segment));
        MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) m_p[i] =
            _mm512_permutex2var_ps(s.low[3], m_segment[i], s.high[3]);
    }
    template <int kPower>
    MOESCOPE_INLINE void step(const SiluConstants& s, const __m512* x) {
        MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) m_p[i] = _mm512_fmadd_ps(
            m_p[i], x[i], _mm512_permutex2var_ps(s.low[kPower], m_segment[i], s.high[kPower]));
    }
    MOESCOPE_INLINE void times(__m512* x) const {
        MOESCOPE_UNROLL for (int i = 0; i < kCount; ++i) x[i] = _mm512_mul_ps(x[i], m_p[i]);
    }

  private:
    __m512i m_segment[kCount];
    __m512 m_p[kCount];
};

}  // namespace
}  // namespace moescope::cpu
