// SPDX-License-Identifier: Apache-2.0
#pragma once

// The arithmetic that every kernel shares, usable on host and device: conversions and scale rules of the two
// rounding conventions (SPEC section 1). Integer bit operations and single IEEE operations only, so that host
// and device agree bit for bit. Device code that has hardware conversions uses those instead where they are
// proven equal (tests/kernels).

#include <cstdint>

#if defined(__CUDACC__)
#define MOESCOPE_HD __host__ __device__ __forceinline__
#else
#define MOESCOPE_HD inline
#include <cstring>
#endif

namespace moescope::numerics {

inline constexpr float kE4m3Max = 448.0F;
inline constexpr float kAmaxFloor = 1e-10F;
/// bf16(1e-10) and bf16(1/448) as floats: bits 0x2EDC and 0x3B12.
inline constexpr float kAmaxFloorBf16 = 0x1.b8p-34F;
inline constexpr float kInverse448Bf16 = 0x1.24p-9F;

MOESCOPE_HD std::uint32_t float_bits(float value) {
#if defined(__CUDA_ARCH__)
    return __float_as_uint(value);
#else
    std::uint32_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
#endif
}

MOESCOPE_HD float bits_float(std::uint32_t bits) {
#if defined(__CUDA_ARCH__)
    return __uint_as_float(bits);
#else
    float value = 0.0F;
    memcpy(&value, &bits, sizeof value);
    return value;
#endif
}

MOESCOPE_HD float bf16_to_float(std::uint16_t bits) {
    return bits_float(static_cast<std::uint32_t>(bits) << 16);
}

/// Round to nearest even; NaN becomes the quiet NaN 0x7FFF, as the hardware conversion gives.
MOESCOPE_HD std::uint16_t float_to_bf16(float value) {
    const std::uint32_t bits = float_bits(value);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return 0x7FFF;
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

/// The float nearest to `value` that bf16 can hold.
MOESCOPE_HD float round_bf16(float value) {
    return bf16_to_float(float_to_bf16(value));
}

/// Exact; NaN becomes a quiet one, as the hardware conversion gives.
MOESCOPE_HD float fp16_to_float(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
    const std::uint32_t magnitude = bits & 0x7FFFU;
    if (magnitude >= 0x7C00U) {
        const std::uint32_t quiet = magnitude > 0x7C00U ? 0x00400000U : 0U;
        return bits_float(sign | 0x7F800000U | quiet | (magnitude & 0x3FFU) << 13);
    }
    // The exponent bias goes from 15 to 127; denormals become normal by it.
    return bits_float(sign | float_bits(bits_float(magnitude << 13) * 0x1p112F));
}

/// Round to nearest even; what is 65,520 or more becomes infinite, NaN the quiet NaN 0x7FFF.
MOESCOPE_HD std::uint16_t float_to_fp16(float value) {
    const std::uint32_t bits = float_bits(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U) return 0x7FFF;
    if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);
    if (magnitude < 0x38800000U) {
        // Below 2^-14 values are multiples of 2^-24, which is the last mantissa bit of 1/2.
        const std::uint32_t shifted = float_bits(bits_float(magnitude) + 0.5F);
        return static_cast<std::uint16_t>(sign | (shifted - 0x3F000000U));
    }
    const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
    return static_cast<std::uint16_t>(sign | ((rounded >> 13) - ((127U - 15U) << 10)));
}

/// e4m3fn code of `value`, round to nearest even, saturating at 448; NaN gives 0x7F.
MOESCOPE_HD std::uint8_t e4m3_encode(float value) {
    const std::uint32_t bits = float_bits(value);
    const std::uint32_t sign = (bits >> 24) & 0x80U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    if (magnitude > 0x7F800000U) return 0x7F;
    if (magnitude >= 0x43E80000U) return static_cast<std::uint8_t>(sign | 0x7EU);  // >= 464: beyond the tie
    if (magnitude < 0x3C800000U) {
        // Below 2^-6 codes are multiples of 2^-9. Adding 1.5 * 2^14 leaves that multiple, rounded to nearest
        // even, in the low mantissa bits.
        const float shifted = bits_float(magnitude) + 24576.0F;
        return static_cast<std::uint8_t>(sign | (float_bits(shifted) & 0xFFU));
    }
    const std::uint32_t rounded = magnitude + 0x7FFFFU + ((magnitude >> 20) & 1U);
    const std::uint32_t code = (rounded >> 20) - ((127U - 7U) << 3);
    return static_cast<std::uint8_t>(sign | (code > 0x7EU ? 0x7EU : code));
}

MOESCOPE_HD float e4m3_decode(std::uint8_t code) {
    const std::uint32_t magnitude = code & 0x7FU;
    const std::uint32_t sign = static_cast<std::uint32_t>(code & 0x80U) << 24;
    if (magnitude == 0x7FU) return bits_float(sign | 0x7FC00000U);
    if (magnitude < 8U) {
        const float value = static_cast<float>(magnitude) * 0x1p-9F;
        return bits_float(float_bits(value) | sign);
    }
    return bits_float(sign | ((magnitude + ((127U - 7U) << 3)) << 20));
}

/// Smallest power of two that is not below `scale` (positive, normal): 2^ceil(log2(scale)), exactly.
MOESCOPE_HD float ue8m0_round_up(float scale) {
    const std::uint32_t bits = float_bits(scale);
    return bits_float((bits + 0x007FFFFFU) & 0x7F800000U);
}

/// The biased exponent byte of a power of two.
MOESCOPE_HD std::uint32_t ue8m0_byte(float power_of_two) {
    return float_bits(power_of_two) >> 23;
}

/// Scale of a group in the fp32 convention, before any UE8M0 rounding. Division is IEEE (round to nearest).
MOESCOPE_HD float scale_fp32(float amax) {
    const float floored = amax > kAmaxFloor ? amax : kAmaxFloor;
#if defined(__CUDA_ARCH__)
    return __fdiv_rn(floored, kE4m3Max);
#else
    return floored / kE4m3Max;
#endif
}

/// Scale of a group in the bf16 convention, before any UE8M0 rounding; amax is a bf16 value.
MOESCOPE_HD float scale_bf16(float amax) {
    const float floored = amax > kAmaxFloorBf16 ? amax : kAmaxFloorBf16;
    return round_bf16(floored * kInverse448Bf16);
}

/// bf16(1/s), what the bf16 convention multiplies by.
MOESCOPE_HD float inverse_bf16(float scale) {
#if defined(__CUDA_ARCH__)
    return round_bf16(__frcp_rn(scale));
#else
    return round_bf16(1.0F / scale);
#endif
}

MOESCOPE_HD float clamp_e4m3(float value) {
    return value > kE4m3Max ? kE4m3Max : (value < -kE4m3Max ? -kE4m3Max : value);
}

}  // namespace moescope::numerics
