// SPDX-License-Identifier: Apache-2.0
#pragma once

// The patterns of adversarial.h in fp16: the same ideas within 2^-24 to 65,504.

#include "moescope/kernels/adversarial_pattern.h"

namespace moescope::adversarial {

/// Variations of `powers_of_two`: every exponent of a normal up, with thirteen significands around 1.75 each,
/// up to two bf16 steps (sixteen of fp16) beside it.
inline constexpr int kFp16PowerExponents = 30;
inline constexpr int kFp16PowerOffsets = 13;
inline constexpr int kFp16PowerVariations = kFp16PowerOffsets * kFp16PowerExponents;

inline constexpr std::uint16_t kFp16SixtyFour = 0x5400;  ///< its silu is 64 exactly, in both conventions
inline constexpr std::uint16_t kFp16Largest = 0x7BFF;    ///< 65,504

MOESCOPE_HD std::uint16_t fp16_bits(std::uint32_t negative, std::uint32_t exponent, std::uint32_t mantissa) {
    return static_cast<std::uint16_t>((negative & 1U) << 15 | exponent << 10 | (mantissa & 0x3FFU));
}
/// Of either sign, exponent between two biased ones.
MOESCOPE_HD std::uint16_t fp16_between(std::uint32_t random, std::uint32_t lowest, std::uint32_t highest) {
    return fp16_bits(random, lowest + (random >> 1 & 0xFFFFU) % (highest - lowest + 1), random >> 22);
}
/// 1/16 to 4.
MOESCOPE_HD std::uint16_t fp16_ordinary(std::uint32_t random) {
    return fp16_between(random, 11, 16);
}
MOESCOPE_HD std::uint16_t fp16_denormal(std::uint32_t random) {
    return fp16_bits(random, 0, 1 + (random >> 1) % 1023);
}
MOESCOPE_HD std::uint16_t fp16_nan(std::uint32_t random) {
    return fp16_bits(random, 31, 1 + (random >> 1) % 1023);
}
/// Below -32, every second one above -64.
MOESCOPE_HD std::uint16_t fp16_very_negative(std::uint32_t random) {
    return (random & 1U) != 0 ? fp16_bits(1, 20, 1 + (random >> 1) % 1023)
                              : static_cast<std::uint16_t>(fp16_between(random, 21, 30) | 0x8000U);
}
/// `bits` so many powers of two smaller, at least by one; zero where there is none.
MOESCOPE_HD std::uint16_t fp16_smaller(std::uint16_t bits, std::uint32_t random) {
    const std::uint32_t down = 1 + random % 8;
    const std::uint32_t exponent = bits >> 10 & 0x1FU;
    return exponent <= down ? fp16_bits(random >> 3, 0, 0)
                            : fp16_bits(random >> 3, exponent - down, random >> 4);
}

/// The up that puts the scale of a group with gates of 64 on a power of two, or next to it.
MOESCOPE_HD std::uint16_t fp16_power_of_two_up(std::uint32_t variation) {
    // Beside a bf16 step are its halves, where the product is a tie, and what is next to them.
    constexpr int kOffsets[kFp16PowerOffsets] = {0, 1, -1, 3, -3, 4, -4, 5, -5, 8, -8, 16, -16};
    const std::uint32_t exponent =
        1 + variation / kFp16PowerOffsets * 7 % kFp16PowerExponents;  // all of them, neighbours far apart
    return fp16_bits(0, exponent,
                     static_cast<std::uint32_t>(0x300 + kOffsets[variation % kFp16PowerOffsets]));
}

/// What is in column `index` of a group of fp16 input.
MOESCOPE_HD Column fp16_column_of(std::int64_t group_number, std::int64_t index, std::int64_t group_size) {
    const auto pattern = static_cast<Pattern>(group_number % kPatterns);
    const auto variation = static_cast<std::uint32_t>(group_number / kPatterns);
    const auto place = static_cast<std::uint64_t>(group_number * 256 + index);
    const std::uint32_t a = scramble(2 * place + 1);
    const std::uint32_t b = scramble(2 * place + 2);
    const bool chosen = index == static_cast<std::int64_t>(variation) * 37 % group_size;
    const bool special = chosen || variation % 4 == 3;
    Column c{fp16_ordinary(a), fp16_ordinary(b)};
    switch (pattern) {
        case Pattern::zeros:
            if (variation % 3 != 1) c.gate = fp16_bits(a, 0, 0);
            if (variation % 3 != 0) c.up = fp16_bits(b, 0, 0);
            break;
        case Pattern::denormals:
            if (variation % 4 != 1) c.gate = fp16_denormal(a);
            if (variation % 4 != 0) c.up = variation % 4 == 3 ? fp16_between(b, 26, 30) : fp16_denormal(b);
            break;
        case Pattern::infinite_gate:
            if (special) c.gate = fp16_bits(variation % 2 == 0 ? 0 : a, 31, 0);
            break;
        case Pattern::infinite_up:
            if (special) c.up = fp16_bits(b, 31, 0);
            break;
        case Pattern::nan_gate:
            if (special) c.gate = fp16_nan(a);
            break;
        case Pattern::nan_up:
            if (special) c.up = fp16_nan(b);
            break;
        case Pattern::powers_of_two: {
            const std::uint16_t largest = fp16_power_of_two_up(variation % kFp16PowerVariations);
            c.gate = kFp16SixtyFour;
            c.up = chosen ? static_cast<std::uint16_t>(largest | (b & 1U) << 15) : fp16_smaller(largest, b);
            break;
        }
        case Pattern::one_huge_value:  // 2^20 to 2^32
            if (chosen)
                c = {fp16_bits(0, 25 + variation % 6, a >> 1), fp16_bits(b, 25 + variation / 6 % 6, b >> 1)};
            break;
        case Pattern::tie_gates: {
            // 2^-7, -2^-8 and +-0.0584717 next to a tie, 5.9375 too; above 16 a gate is its own silu.
            constexpr std::uint16_t kGates[8] = {0x2000, 0x9C00, 0x2B7C, 0xAB7C,
                                                 0x45F0, 0x4C2C, 0x5404, 0x7BFC};
            if ((a & 0x30000000U) != 0) c.gate = kGates[a % 8];
            if (variation % 2 == 1) c.up = fp16_between(b, 1, 30);
            break;
        }
        case Pattern::very_negative_gates:
            if (special || a % 4 != 0) c.gate = fp16_very_negative(a >> 2);
            break;
        case Pattern::negative_times_huge:
            c = {fp16_very_negative(a), fp16_between(b, 26, 30)};
            break;
        case Pattern::huge_ups: {
            constexpr std::uint16_t kGates[8] = {0x9C00, 0xCC80 /* -18 */, 0xD000 /* -32 */, 0x0001,
                                                 0x8001, 0x2000,           0x0400,           0x8400};
            c = {a % 9 == 8 ? fp16_between(a, 1, 10) : kGates[a % 8], fp16_between(b, 28, 30)};
            break;
        }
        case Pattern::largest_finite:
            if (variation % 2 == 0) c.gate = fp16_bits(chosen ? variation >> 1 : a, 30, 0x3FF);
            if (variation % 2 == 1) c.up = fp16_bits(b, 30, 0x3FF);
            if (variation / 2 % 3 == 1) (variation % 2 == 0 ? c.up : c.gate) = fp16_between(a ^ b, 1, 10);
            if (variation / 2 % 3 == 2)
                c = {kFp16Largest, static_cast<std::uint16_t>(kFp16Largest | (b & 1U) << 15)};
            break;
        case Pattern::scale_floor: {
            // silu(2^-18) is 2^-19 in bf16, and bf16(1e-10) over that is 880 x 2^-24: a bf16 step up and two
            // down.
            const std::uint32_t largest = 0x370 + variation % 14 - 8;
            c.gate = 0x0040;
            c.up = fp16_bits(b, 0, chosen && variation % 14 != 13 ? largest : (b >> 1) % 0x200);
            break;
        }
        case Pattern::any_bits:
            c = {static_cast<std::uint16_t>(a), static_cast<std::uint16_t>(b)};
            break;
        case Pattern::ordinary:
            break;
    }
    return c;
}

}  // namespace moescope::adversarial
