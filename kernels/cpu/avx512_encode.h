// SPDX-License-Identifier: Apache-2.0

// Third pass: values to e4m3 codes, and their way to memory. Part of the AVX-512 kernel (block_avx512_impl.h,
// which is the only file to include this one).

namespace moescope::cpu {
namespace {

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

}  // namespace
}  // namespace moescope::cpu
