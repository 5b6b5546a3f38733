// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inputs made to break kernels, the same bits on host and device: integer operations alone decide a value,
// from its place. docs/numerics.md says what every kernel makes of each pattern.
//
// Valid tokens are numbered through, and so are their groups: group g of token n of a tensor with `groups`
// groups a row has number n * groups + g. Its pattern is number % kPatterns, its variation number /
// kPatterns. A pattern runs through its variations, so larger cases show more of them; kPowerVariations is
// the longest run.

#include "moescope/kernels/adversarial_fp16.h"
#include "moescope/kernels/adversarial_pattern.h"
#include "moescope/workload/shape.h"

namespace moescope::adversarial {

/// Variations of `powers_of_two`: 248 exponents, from the smallest normal ups to the largest finite product,
/// with five significands around 1.75 each. (448 is 1.75 x 2^8.)
inline constexpr int kPowerExponents = 248;
inline constexpr int kPowerVariations = 5 * kPowerExponents;

inline constexpr std::uint16_t kSixtyFour = 0x4280;  ///< its silu is 64 exactly, in both conventions
inline constexpr std::uint16_t kTieGate = 0xBB80;    ///< -2^-8
inline constexpr std::uint16_t kInfinity = 0x7F80;
inline constexpr std::uint16_t kLargest = 0x7F7F;

MOESCOPE_HD std::uint16_t bf16_bits(std::uint32_t negative, std::uint32_t exponent, std::uint32_t mantissa) {
    return static_cast<std::uint16_t>((negative & 1U) << 15 | exponent << 7 | (mantissa & 0x7FU));
}

/// Of either sign, exponent between two biased ones; 24 bits of `random` are used.
MOESCOPE_HD std::uint16_t between(std::uint32_t random, std::uint32_t lowest, std::uint32_t highest) {
    return bf16_bits(random, lowest + (random >> 8 & 0xFFFFU) % (highest - lowest + 1), random >> 1);
}
/// 1/16 to 4.
MOESCOPE_HD std::uint16_t ordinary_bits(std::uint32_t random) {
    return between(random, 123, 128);
}
MOESCOPE_HD std::uint16_t denormal_bits(std::uint32_t random) {
    return bf16_bits(random, 0, 1 + (random >> 1) % 127);
}
MOESCOPE_HD std::uint16_t nan_bits(std::uint32_t random) {
    return bf16_bits(random, 255, 1 + (random >> 1) % 127);
}
/// Below -80: -80.5 to the largest.
MOESCOPE_HD std::uint16_t very_negative_bits(std::uint32_t random) {
    return (random & 1U) != 0 ? bf16_bits(1, 133, 0x21 + (random >> 1) % 0x5F)
                              : bf16_bits(1, 134 + (random >> 8 & 0xFFFFU) % 121, random >> 1);
}
/// `bits` so many powers of two smaller, at least by one; zero where there is none.
MOESCOPE_HD std::uint16_t smaller(std::uint16_t bits, std::uint32_t random) {
    const std::uint32_t down = 1 + random % 8;
    const std::uint32_t exponent = bits >> 7 & 0xFFU;
    return exponent <= down ? bf16_bits(random >> 3, 0, 0)
                            : bf16_bits(random >> 3, exponent - down, random >> 4);
}

/// The up that puts the scale of a group with gates of 64 on a power of two, or next to it.
MOESCOPE_HD std::uint16_t power_of_two_up(std::uint32_t variation) {
    const std::uint32_t exponent =
        1 + variation / 5 * 101 % kPowerExponents;  // all of them, neighbours far apart
    return bf16_bits(0, exponent, 0x60 + variation % 5 - 2);
}

/// What is in column `index` of a group of bf16 input.
MOESCOPE_HD Column bf16_column_of(std::int64_t group_number, std::int64_t index, std::int64_t group_size) {
    const auto pattern = static_cast<Pattern>(group_number % kPatterns);
    const auto variation = static_cast<std::uint32_t>(group_number / kPatterns);
    const auto place = static_cast<std::uint64_t>(group_number * 256 + index);
    const std::uint32_t a = scramble(2 * place + 1);
    const std::uint32_t b = scramble(2 * place + 2);
    const bool chosen = index == static_cast<std::int64_t>(variation) * 37 % group_size;
    const bool special = chosen || variation % 4 == 3;
    Column c{ordinary_bits(a), ordinary_bits(b)};
    switch (pattern) {
        case Pattern::zeros:
            if (variation % 3 != 1) c.gate = bf16_bits(a, 0, 0);
            if (variation % 3 != 0) c.up = bf16_bits(b, 0, 0);
            break;
        case Pattern::denormals:
            if (variation % 4 != 1) c.gate = denormal_bits(a);
            if (variation % 4 != 0) c.up = variation % 4 == 3 ? between(b, 240, 254) : denormal_bits(b);
            break;
        case Pattern::infinite_gate:
            if (special) c.gate = bf16_bits(variation % 2 == 0 ? 0 : a, 255, 0);
            break;
        case Pattern::infinite_up:
            if (special) c.up = bf16_bits(b, 255, 0);
            break;
        case Pattern::nan_gate:
            if (special) c.gate = nan_bits(a);
            break;
        case Pattern::nan_up:
            if (special) c.up = nan_bits(b);
            break;
        case Pattern::powers_of_two: {
            const std::uint16_t largest = power_of_two_up(variation % kPowerVariations);
            c.gate = kSixtyFour;
            c.up = chosen ? static_cast<std::uint16_t>(largest | (b & 1U) << 15) : smaller(largest, b);
            break;
        }
        case Pattern::one_huge_value:
            if (chosen) c = {bf16_bits(0, 127 + a % 2, a >> 1), bf16_bits(b, 190 + variation % 65, b >> 1)};
            break;
        case Pattern::tie_gates:
            if ((a & 0x30000000U) != 0) c.gate = kTieGate;
            if (variation % 2 == 1) c.up = between(b, 1, 254);
            break;
        case Pattern::very_negative_gates:
            if (special || a % 4 != 0) c.gate = very_negative_bits(a >> 2);
            break;
        case Pattern::negative_times_huge:
            c = {very_negative_bits(a), between(b, 188, 254)};
            break;
        case Pattern::huge_ups: {
            constexpr std::uint16_t kGates[8] = {kTieGate, 0xC292 /* -73 */, 0xC29E /* -79 */, 0x0001,
                                                 0x8080,   0x3B80,           0x1000,           0x9000};
            c = {a % 9 == 8 ? between(a, 1, 120) : kGates[a % 8], between(b, 187, 254)};
            break;
        }
        case Pattern::largest_finite:
            if (variation % 2 == 0) c.gate = bf16_bits(chosen ? variation >> 1 : a, 254, 0x7F);
            if (variation % 2 == 1) c.up = bf16_bits(b, 254, 0x7F);
            if (variation / 2 % 3 == 1) (variation % 2 == 0 ? c.up : c.gate) = between(a ^ b, 1, 20);
            if (variation / 2 % 3 == 2) c = {kLargest, static_cast<std::uint16_t>(kLargest | (b & 1U) << 15)};
            break;
        case Pattern::scale_floor: {
            // bf16(1e-10) / 64, four steps up and down.
            const auto largest = static_cast<std::uint16_t>(0x2BDC + variation % 10 - 4);
            c.gate = kSixtyFour;
            c.up = chosen && variation % 10 != 9 ? largest : smaller(largest, b);
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

/// What is in column `index` of a group.
MOESCOPE_HD Column column_of(std::int64_t group_number, std::int64_t index, std::int64_t group_size,
                             InputType type = InputType::bf16) {
    return type == InputType::fp16 ? fp16_column_of(group_number, index, group_size)
                                   : bf16_column_of(group_number, index, group_size);
}

/// The value at `column` (0 to 2H - 1) in the row of valid token number `token`.
MOESCOPE_HD std::uint16_t input_bits(std::int64_t token, std::int64_t column, std::int64_t hidden,
                                     std::int64_t group_size, InputType type = InputType::bf16) {
    const bool is_up = column >= hidden;
    const std::int64_t at = is_up ? column - hidden : column;
    const Column c =
        column_of(token * (hidden / group_size) + at / group_size, at % group_size, group_size, type);
    return is_up ? c.up : c.gate;
}

}  // namespace moescope::adversarial
