// SPDX-License-Identifier: Apache-2.0

// Third pass: values to e4m3 codes, and their way to memory. Part of the AVX-512 kernel (block_avx512_impl.h,
// which is the only file to include this one).

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): columns of a block, a few thousand at
// most

namespace moescope::cpu {
namespace {

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

/// Which of 32 values may be below 2^-6 once they are scaled: all that are, and hardly any other.
template <int kGroup>
MOESCOPE_INLINE __mmask32 maybe_subnormal(const Constants& k, const Scratch& scratch, int column) {
    const __m512i magnitudes = _mm512_and_si512(_mm512_load_si512(scratch.values + column), k.magnitude);
    return _mm512_cmplt_epu16_mask(magnitudes, scratch.first_normal(column / kGroup));
}

/// Whether there is such a value in kVectors * 32 columns.
template <int kGroup, int kVectors>
MOESCOPE_INLINE bool any_subnormal(const Scratch& scratch, int column) {
    constexpr int kUnit = kGroup < kStep ? kGroup : kStep;
    __mmask32 any = 0;
    MOESCOPE_UNROLL for (int at = column; at < column + kVectors * kLanes; at += kUnit) any |=
        _mm512_cmplt_epu16_mask(scratch.smallest[at / kUnit], scratch.first_normal(at / kGroup));
    return any != 0;
}

/// Codes, without sign, of 32 values below 2^-5 once they are scaled: multiples of 2^-9. Adding 1.5 * 2^14
/// leaves the multiple, rounded to nearest even, in the low bits (numerics.h).
template <int kGroup>
MOESCOPE_INLINE __m512i subnormal_codes(const Constants& k, const Scratch& scratch, int column) {
    const __m512 magic = as_float(rare_dword(0x46C00000U));  // 24576
    __m512 even;
    __m512 odd;
    scaled_values<kGroup>(k, scratch, column, even, odd);
    const __m512i one = rare_dword(1);
    const __m512i below_half = rare_dword(0x7FFF);
    const __m512i scaled =
        merge_high_halves(k, rounded_up(even, one, below_half), rounded_up(odd, one, below_half));
    const __m512i magnitudes = _mm512_and_si512(scaled, k.magnitude);
    const __m512i low = as_bits(_mm512_add_ps(even_columns(magnitudes), magic));
    const __m512i high = as_bits(_mm512_add_ps(odd_columns(k, magnitudes), magic));
    return _mm512_mask_blend_epi16(0xAAAAAAAAU, low, _mm512_slli_epi32(high, 16));
}

#if defined(__AVX512BF16__) && defined(__AVX512VBMI__)

/// Where the low bytes of the words that belong to 64 columns are, in two registers of pack_values.
struct ColumnOrder {
    alignas(64) std::uint8_t low[64] = {};
    constexpr ColumnOrder() {
        for (int c = 0; c < 64; ++c)
            low[c] = static_cast<std::uint8_t>(c / 32 * 64 + 2 * (16 * (c % 2) + c % 32 / 2));
    }
};
inline constexpr ColumnOrder kColumnOrder;

struct EncodeConstants {
    const __m512i sign = keep(_mm512_set1_epi8(static_cast<char>(0x80)));
    const __m512i low_bytes = keep(_mm512_load_si512(kColumnOrder.low));
    const __m512i high_bytes = keep(_mm512_add_epi8(low_bytes, _mm512_set1_epi8(1)));
};

/// The row of CodeSteps for the inverse scale of one group, exponents included: added to bits 4 to 11 of a
/// bf16 value, modulo 128, it gives the code.
struct GroupSteps {
    __m512i low;
    __m512i high;
};

MOESCOPE_INLINE GroupSteps steps_of(const CodeSteps& table, std::uint32_t inverse_bits) {
    const std::uint8_t* row = table.steps[inverse_bits >> 16 & 0x7F];
    // Biases: 127 of each of the two exponents, 7 of the code's, modulo 16 all.
    const std::uint32_t exponent = (inverse_bits >> 23) + 7 - 127 - 127;
    const __m512i eights = _mm512_set1_epi8(static_cast<char>(exponent << 3));
    return {_mm512_add_epi8(_mm512_load_si512(row), eights),
            _mm512_add_epi8(_mm512_load_si512(row + 64), eights)};
}

/// Third pass, kPairs * 64 columns, in parts for the caller to mix with other work.
template <int kGroup, int kPairs>
class Encoder {
  public:
    MOESCOPE_INLINE Encoder(const QuantizeBlock& block, const Scratch& scratch, int column)
        : m_scratch(scratch), m_column(column) {
        MOESCOPE_UNROLL for (int unit = 0; unit < kVectors / kUnit; ++unit) m_steps[unit] =
            steps_of(*block.steps, scratch.inverse_bits((column + unit * kUnit * kLanes) / kGroup));
    }
    /// Two registers of 32 columns each.
    MOESCOPE_INLINE void part(const Constants&, const EncodeConstants&, int first) {
        MOESCOPE_UNROLL for (int i = first; i < first + 2; ++i) {
            const GroupSteps& steps = m_steps[i / kUnit];
            m_values[i] = _mm512_load_si512(m_scratch.values + m_column + i * kLanes);
            // Only low bytes matter from here on.
            m_words[i] = _mm512_add_epi8(_mm512_srli_epi16(m_values[i], 4),
                                         _mm512_permutex2var_epi8(steps.low, m_values[i], steps.high));
        }
    }
    MOESCOPE_INLINE void finish(const Constants& k, const EncodeConstants& e, __m512i (&codes)[kPairs]) {
        if (any_subnormal<kGroup, kVectors>(m_scratch, m_column)) {
            MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
                const int from = m_column + i * kLanes;
                const __mmask32 lanes = maybe_subnormal<kGroup>(k, m_scratch, from);
                if (lanes != 0)
                    m_words[i] =
                        _mm512_mask_mov_epi16(m_words[i], lanes, subnormal_codes<kGroup>(k, m_scratch, from));
            }
        }
        MOESCOPE_UNROLL for (int i = 0; i < kPairs; ++i) {
            const __m512i code = _mm512_permutex2var_epi8(m_words[2 * i], e.low_bytes, m_words[2 * i + 1]);
            const __m512i high = _mm512_permutex2var_epi8(m_values[2 * i], e.high_bytes, m_values[2 * i + 1]);
            codes[i] = _mm512_ternarylogic_epi32(code, high, e.sign, 0xD8);  // sign ? high : code
        }
    }

  private:
    static constexpr int kVectors = 2 * kPairs;
    static constexpr int kUnit = kGroup / kLanes < kVectors ? kGroup / kLanes : kVectors;  // of one group
    const Scratch& m_scratch;
    const int m_column;
    GroupSteps m_steps[kVectors / kUnit];
    __m512i m_values[kVectors];
    __m512i m_words[kVectors];
};

#else

struct EncodeConstants {
    const __m512i last_bit = every_dword(1 << 20);
    const __m512i even_bias = every_dword(0x04000000 + 0x77FFF);
    const __m512i odd_bias = every_dword(0x04000000 + 0x88000);
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

/// Third pass, kPairs * 64 columns, in parts for the caller to mix with other work.
template <int kGroup, int kPairs>
class Encoder {
  public:
    MOESCOPE_INLINE Encoder(const QuantizeBlock&, const Scratch& scratch, int column)
        : m_scratch(scratch), m_column(column) {}
    /// Two registers of 32 columns each.
    MOESCOPE_INLINE void part(const Constants& k, const EncodeConstants& e, int first) {
        MOESCOPE_UNROLL for (int i = first; i < first + 2; ++i) {
            __m512 even;
            __m512 odd;
            scaled_values<kGroup>(k, m_scratch, m_column + i * kLanes, even, odd);
            m_words[i] = merge_high_halves(k, round_to_e4m3(e, even), round_to_e4m3(e, odd));
        }
    }
    MOESCOPE_INLINE void finish(const Constants& k, const EncodeConstants& e, __m512i (&codes)[kPairs]) {
        const bool any = any_subnormal<kGroup, kVectors>(m_scratch, m_column);
        __m256i halves[kVectors];
        MOESCOPE_UNROLL for (int i = 0; i < kVectors; ++i) {
            __m512i code = _mm512_srli_epi16(m_words[i], 4);
            if (any) {
                const int from = m_column + i * kLanes;
                code = _mm512_mask_mov_epi16(code, maybe_subnormal<kGroup>(k, m_scratch, from),
                                             subnormal_codes<kGroup>(k, m_scratch, from));
            }
            // The sign bit of words, the rest of code.
            code = _mm512_ternarylogic_epi32(code, _mm512_srli_epi16(m_words[i], 8), e.sign, 0xD8);
            halves[i] = _mm512_cvtepi16_epi8(code);
        }
        MOESCOPE_UNROLL for (int i = 0; i < kPairs; ++i) codes[i] =
            _mm512_inserti64x4(_mm512_castsi256_si512(halves[2 * i]), halves[2 * i + 1], 1);
    }

  private:
    static constexpr int kVectors = 2 * kPairs;
    const Scratch& m_scratch;
    const int m_column;
    __m512i m_words[kVectors];
};

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

/// Writes what an Encoder has: 128 columns, 64, or the first 32 of them.
template <int kColumns, int kPairs>
MOESCOPE_INLINE void store_codes(const QuantizeBlock& block, int column, const __m512i (&codes)[kPairs]) {
    const auto misaligned = reinterpret_cast<std::uintptr_t>(block.codes) % 64;
    MOESCOPE_UNROLL for (int i = 0; i < kPairs; ++i)
            store < kColumns<64 ? kColumns : 64>(block.codes + column + i * 64, misaligned, codes[i]);
}

/// Third pass of kColumns columns.
template <int kGroup, int kColumns>
MOESCOPE_INLINE void encode_step(const Constants& k, const EncodeConstants& e, const QuantizeBlock& block,
                                 const Scratch& scratch, int column) {
    constexpr int kPairs = kColumns > 64 ? kColumns / 64 : 1;
    __m512i codes[kPairs];
    Encoder<kGroup, kPairs> encoder(block, scratch, column);
    MOESCOPE_UNROLL for (int i = 0; i < 2 * kPairs; i += 2) encoder.part(k, e, i);
    encoder.finish(k, e, codes);
    store_codes<kColumns>(block, column, codes);
}

}  // namespace
}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)
