// SPDX-License-Identifier: Apache-2.0

// Third pass: values to e4m3 codes, and their way to memory. Part of the AVX-512 kernel (block_avx512_impl.h,
// which is the only file to include this one).

// NOLINTBEGIN(bugprone-implicit-widening-of-multiplication-result): columns of a block, a few thousand at
// most

namespace moescope::cpu {
namespace {

#if defined(__AVX512BF16__) && defined(__AVX512VBMI__)

struct EncodeConstants {
    const __m512i low_byte = every_word(0x00FF);
    const __m512i sign = every_word(0x8080);
};

/// The row of CodeSteps for the inverse scale of one group, exponents included: added to bits 4 to 11 of a
/// bf16 value, modulo 128, it gives the code.
struct GroupCodes {
    __m512i low;
    __m512i high;

    MOESCOPE_INLINE GroupCodes(const QuantizeBlock& block, const Scratch& scratch, int group) {
        const std::uint32_t inverse_bits = scratch.inverse_bits(group);
        const std::uint8_t* row = block.steps->steps[inverse_bits >> 16 & 0x7F];
        // Biases: 127 of each of the two exponents, 7 of the code's, modulo 16 all.
        const std::uint32_t exponent = (inverse_bits >> 23) + 7 - 127 - 127;
        const __m512i eights = _mm512_set1_epi8(static_cast<char>(exponent << 3));
        low = _mm512_add_epi8(_mm512_load_si512(row), eights);
        high = _mm512_add_epi8(_mm512_load_si512(row + 64), eights);
    }
};

/// Codes of 64 values, none of them subnormal; where kTwo, the last 32 are of another group. Even columns go
/// to the low bytes of words, odd ones to the high bytes.
template <bool kTwo>
MOESCOPE_INLINE __m512i codes_of(const Constants&, const EncodeConstants& e, const GroupCodes& group,
                                 const GroupCodes& other, const std::uint16_t* values) {
    constexpr int kSelect = 0xD8;  // third ? second : first
    const __m512i even = _mm512_load_si512(values);
    const __m512i odd = _mm512_load_si512(values + kLanes);
    const __m512i mantissas = _mm512_ternarylogic_epi32(_mm512_slli_epi16(odd, 8), even, e.low_byte, kSelect);
    const __m512i bits =
        _mm512_ternarylogic_epi32(_mm512_slli_epi16(odd, 4), _mm512_srli_epi16(even, 4), e.low_byte, kSelect);
    __m512i steps = _mm512_permutex2var_epi8(group.low, mantissas, group.high);
    if constexpr (kTwo)
        steps =
            _mm512_mask_blend_epi64(0xF0, steps, _mm512_permutex2var_epi8(other.low, mantissas, other.high));
    const __m512i codes = _mm512_add_epi8(bits, steps);
    const __m512i signs = _mm512_ternarylogic_epi32(odd, _mm512_srli_epi16(even, 8), e.low_byte, kSelect);
    return _mm512_ternarylogic_epi32(codes, signs, e.sign, kSelect);
}

#else

struct EncodeConstants {
    const __m512i last_bit = every_dword(1 << 20);
    const __m512i even_bias = every_dword(0x04000000 + 0x77FFF);
    const __m512i odd_bias = every_dword(0x04000000 + 0x88000);
    const __m512i sign = every_word(0x80);
};

/// The inverse of one group's scale.
struct GroupCodes {
    __m512 inverse;

    MOESCOPE_INLINE GroupCodes(const QuantizeBlock&, const Scratch& scratch, int group)
        : inverse(_mm512_set1_ps(scratch.inverse[group])) {}
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

/// Codes of 32 values, none of them subnormal.
MOESCOPE_INLINE __m256i codes_of_half(const Constants& k, const EncodeConstants& e, const GroupCodes& of,
                                      const std::uint16_t* values) {
    // The inverse leaves the magnitude below 452, so that what the convention clamps to 448 rounds to 448
    // anyway.
    const __m512i pairs = _mm512_load_si512(values);
    const __m512i even = round_to_e4m3(e, _mm512_mul_ps(even_columns(pairs), of.inverse));
    const __m512i odd = round_to_e4m3(e, _mm512_mul_ps(odd_columns(k, pairs), of.inverse));
    const __m512i words = merge_high_halves(k, even, odd);
    // The sign bit of words, the rest of the code.
    return _mm512_cvtepi16_epi8(
        _mm512_ternarylogic_epi32(_mm512_srli_epi16(words, 4), _mm512_srli_epi16(words, 8), e.sign, 0xD8));
}

/// Codes of 64 values; where kTwo, the last 32 are of another group.
template <bool kTwo>
MOESCOPE_INLINE __m512i codes_of(const Constants& k, const EncodeConstants& e, const GroupCodes& group,
                                 const GroupCodes& other, const std::uint16_t* values) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(codes_of_half(k, e, group, values)),
                              codes_of_half(k, e, kTwo ? other : group, values + kLanes), 1);
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

/// Third pass of 128 columns, in parts for the caller to mix with other work.
template <int kGroup>
class Encoder {
  public:
    MOESCOPE_INLINE Encoder(const QuantizeBlock& block, const Scratch& scratch, int column)
        : m_block(block),
          m_scratch(scratch),
          m_column(column),
          m_misaligned(reinterpret_cast<std::uintptr_t>(block.codes) % 64),
          m_group(block, scratch, column / kGroup) {}

    /// 64 of the columns, or the first 32 of those.
    template <int kColumns = 64>
    MOESCOPE_INLINE void encode(const Constants& k, const EncodeConstants& e, int offset) {
        const int column = m_column + offset;
        if (kGroup < kStep && offset != 0) m_group = {m_block, m_scratch, column / kGroup};
        constexpr bool kTwo = kGroup < kColumns;
        const GroupCodes other = kTwo ? GroupCodes(m_block, m_scratch, column / kGroup + 1) : m_group;
        store<kColumns>(m_block.codes + column, m_misaligned,
                        codes_of<kTwo>(k, e, m_group, other, m_scratch.values + column));
    }

  private:
    const QuantizeBlock& m_block;
    const Scratch& m_scratch;
    const int m_column;
    const std::uintptr_t m_misaligned;
    GroupCodes m_group;
};

}  // namespace
}  // namespace moescope::cpu

// NOLINTEND(bugprone-implicit-widening-of-multiplication-result)
