// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/numerics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace moescope::numerics {
namespace {

/// e4m3fn by its definition: sign, four exponent bits of bias 7, three mantissa bits, no infinity.
double e4m3_value(int code) {
    const int exponent = code >> 3 & 15;
    const int mantissa = code & 7;
    const double magnitude =
        exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, exponent - 10);
    return (code & 0x80) != 0 ? -magnitude : magnitude;
}

/// The nearest code of the same sign, ties to the even one, by searching all of them.
int nearest_code(float value) {
    const int sign = std::signbit(value) ? 0x80 : 0;
    const double magnitude = std::fabs(static_cast<double>(value));
    int best = 0;
    for (int code = 1; code <= 0x7E; ++code) {
        const double distance = std::fabs(e4m3_value(code) - magnitude);
        const double best_distance = std::fabs(e4m3_value(best) - magnitude);
        if (distance < best_distance || (distance == best_distance && code % 2 == 0)) best = code;
    }
    return sign | best;
}

TEST(E4m3, DecodesByDefinition) {
    for (int code = 0; code < 256; ++code) {
        const float got = e4m3_decode(static_cast<std::uint8_t>(code));
        if ((code & 0x7F) == 0x7F) {
            EXPECT_TRUE(std::isnan(got));
        } else {
            EXPECT_EQ(static_cast<double>(got), e4m3_value(code));
            EXPECT_EQ(std::signbit(got), code >= 0x80);
            EXPECT_EQ(e4m3_encode(got), code);
        }
    }
}

TEST(E4m3, EncodesEveryBf16ToTheNearest) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const float value = bf16_to_float(static_cast<std::uint16_t>(bits));
        if (std::isnan(value)) {
            EXPECT_EQ(e4m3_encode(value), 0x7F);
        } else {
            EXPECT_EQ(e4m3_encode(value), nearest_code(value)) << value;
        }
    }
}

TEST(E4m3, EncodesFloatsAroundEveryTie) {
    for (int code = 0; code < 0x7E; ++code) {
        const auto tie = static_cast<float>(0.5 * (e4m3_value(code) + e4m3_value(code + 1)));
        for (const float value : {tie, std::nextafter(tie, 0.0F), std::nextafter(tie, 1e9F)}) {
            EXPECT_EQ(e4m3_encode(value), nearest_code(value)) << value;
            EXPECT_EQ(e4m3_encode(-value), nearest_code(-value)) << -value;
        }
    }
    std::mt19937 random(1);
    for (int i = 0; i < 200'000; ++i) {
        const float value = bits_float(static_cast<std::uint32_t>(random()));
        if (!std::isnan(value)) {
            EXPECT_EQ(e4m3_encode(value), nearest_code(value)) << value;
        }
    }
}

TEST(Bf16, RoundsToNearestEven) {
    for (std::uint32_t bits = 0; bits < 0x7F80; ++bits) {
        const auto low = static_cast<std::uint16_t>(bits);
        const float here = bf16_to_float(low);
        EXPECT_EQ(float_to_bf16(here), low);
        const float tie = bits_float(bits << 16 | 0x8000U);
        EXPECT_EQ(float_to_bf16(tie), bits + (bits & 1U));
        EXPECT_EQ(float_to_bf16(std::nextafter(tie, 0.0F)), bits);
        EXPECT_EQ(float_to_bf16(bits_float(float_bits(tie) + 1)), bits + 1);
        EXPECT_EQ(float_to_bf16(-here), low | 0x8000U);
    }
    EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::quiet_NaN()), 0x7FFF);
    EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::infinity()), 0x7F80);
}

TEST(Ue8m0, RoundsUpToAPowerOfTwoExactly) {
    for (int exponent = -120; exponent <= 120; ++exponent) {
        const float power = std::ldexp(1.0F, exponent);
        EXPECT_EQ(ue8m0_round_up(power), power);
        EXPECT_EQ(ue8m0_round_up(std::nextafter(power, 1e38F)), 2 * power);
        EXPECT_EQ(ue8m0_round_up(std::nextafter(power, 0.0F)), power);
        EXPECT_EQ(ue8m0_byte(power), static_cast<std::uint32_t>(exponent + 127));
    }
}

TEST(Scales, FloorAndRounding) {
    EXPECT_EQ(scale_fp32(0.0F), 1e-10F / 448.0F);
    EXPECT_EQ(scale_fp32(896.0F), 2.0F);
    EXPECT_EQ(kAmaxFloorBf16, round_bf16(1e-10F));
    EXPECT_EQ(kInverse448Bf16, round_bf16(1.0F / 448.0F));
    EXPECT_EQ(scale_bf16(0.0F), round_bf16(kAmaxFloorBf16 * kInverse448Bf16));
    for (std::uint32_t bits = 0x2F00; bits < 0x7F00; bits += 3) {
        const float amax = bf16_to_float(static_cast<std::uint16_t>(bits));
        const double product = static_cast<double>(amax) * static_cast<double>(kInverse448Bf16);
        EXPECT_EQ(scale_bf16(amax), round_bf16(static_cast<float>(product)));
    }
}

}  // namespace
}  // namespace moescope::numerics
