// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/numerics.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace moescope::numerics {
namespace {

/// 32 random bits at a time.
class RandomBits {
  public:
    explicit RandomBits(unsigned seed) : m_generator(seed) {}
    std::uint32_t operator()() { return static_cast<std::uint32_t>(m_generator()); }

  private:
    std::mt19937 m_generator;
};

/// Values of the codes 0 to 0x7E, from the definition of the format: four exponent bits with bias 7, three
/// mantissa bits, no infinity.
double e4m3_value(int code) {
    const int exponent = code >> 3;
    const int mantissa = code & 7;
    return exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, exponent - 10);
}

/// Nearest code by search, ties to the even one, saturating.
int nearest_e4m3(double magnitude) {
    int low = 0;
    int high = 0x7E;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        (e4m3_value(middle) <= magnitude ? low : high) = middle;
    }
    const double below = magnitude - e4m3_value(low);
    const double above = e4m3_value(high) - magnitude;
    if (below == above) return low % 2 == 0 ? low : high;
    return below < above ? low : high;
}

int expected_code(float value) {
    return (std::signbit(value) ? 0x80 : 0) | nearest_e4m3(std::fabs(static_cast<double>(value)));
}

/// Nearest bf16 by search among the two neighbours, in double.
std::uint16_t nearest_bf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto below = static_cast<std::uint16_t>(bits >> 16);  // towards zero
    const auto above = static_cast<std::uint16_t>(below + 1);
    const auto magnitude = [](std::uint16_t b) {
        // An infinity is where the next value would be.
        if ((b & 0x7FFF) == 0x7F80) return std::ldexp(1.0, 128);
        return std::fabs(static_cast<double>(bf16_to_float(b)));
    };
    const double exact = std::fabs(static_cast<double>(value));
    const double down = exact - magnitude(below);
    const double up = magnitude(above) - exact;
    if (down == up) return below % 2 == 0 ? below : above;
    return down < up ? below : above;
}

TEST(Numerics, Bf16SurvivesTheRoundTrip) {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const auto b = static_cast<std::uint16_t>(bits);
        const float value = bf16_to_float(b);
        ASSERT_EQ(float_to_bf16(value), std::isnan(value) ? 0x7FFF : b);
    }
}

TEST(Numerics, Bf16RoundsToNearestEven) {
    // Every bf16 value with low halves around the tie, and random ones.
    RandomBits random(1);
    for (std::uint32_t high = 0; high < 65536; ++high) {
        for (const std::uint32_t low : {1U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU, random() & 0xFFFFU}) {
            const auto value = std::bit_cast<float>(high << 16 | low);
            if (std::isnan(value)) {
                ASSERT_EQ(float_to_bf16(value), 0x7FFF);
            } else if (!std::isinf(value)) {
                ASSERT_EQ(float_to_bf16(value), nearest_bf16(value)) << std::hexfloat << value;
            }
        }
    }
}

TEST(Numerics, E4m3DecodesEveryCode) {
    for (int code = 0; code < 256; ++code) {
        const float value = e4m3_decode(static_cast<std::uint8_t>(code));
        if ((code & 0x7F) == 0x7F) {
            ASSERT_TRUE(std::isnan(value));
            continue;
        }
        ASSERT_EQ(static_cast<double>(value),
                  (code & 0x80) != 0 ? -e4m3_value(code & 0x7F) : e4m3_value(code));
        ASSERT_EQ(std::signbit(value), (code & 0x80) != 0);
        ASSERT_EQ(e4m3_encode(value), code);
    }
}

TEST(Numerics, E4m3EncodesEveryBf16) {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const float value = bf16_to_float(static_cast<std::uint16_t>(bits));
        ASSERT_EQ(e4m3_encode(value), std::isnan(value) ? 0x7F : expected_code(value))
            << std::hexfloat << value;
    }
}

TEST(Numerics, E4m3EncodesFloatsNextToEveryTie) {
    for (int code = 0; code < 0x7E; ++code) {
        const auto tie = static_cast<float>(0.5 * (e4m3_value(code) + e4m3_value(code + 1)));
        for (const float value : {tie, std::nextafterf(tie, 0.0F), std::nextafterf(tie, 1000.0F)}) {
            ASSERT_EQ(e4m3_encode(value), expected_code(value)) << std::hexfloat << value;
            ASSERT_EQ(e4m3_encode(-value), expected_code(-value)) << std::hexfloat << -value;
        }
    }
}

TEST(Numerics, E4m3EncodesRandomFloats) {
    RandomBits random(2);
    for (int i = 0; i < 1'000'000; ++i) {
        // Exponents from far below the smallest code to far above the largest.
        const std::uint32_t exponent = 100 + random() % 40;
        const auto value = std::bit_cast<float>((random() & 0x807FFFFFU) | exponent << 23);
        ASSERT_EQ(e4m3_encode(value), expected_code(value)) << std::hexfloat << value;
    }
}

TEST(Numerics, E4m3Saturates) {
    EXPECT_EQ(e4m3_encode(448.0F), 0x7E);
    EXPECT_EQ(e4m3_encode(464.0F), 0x7E);
    EXPECT_EQ(e4m3_encode(std::numeric_limits<float>::infinity()), 0x7E);
    EXPECT_EQ(e4m3_encode(-std::numeric_limits<float>::max()), 0xFE);
    EXPECT_EQ(e4m3_encode(std::numeric_limits<float>::denorm_min()), 0x00);
    EXPECT_EQ(e4m3_encode(-0.0F), 0x80);
}

TEST(Numerics, Ue8m0IsTheNextPowerOfTwo) {
    for (int exponent = -126; exponent <= 127; ++exponent) {
        const auto power = static_cast<float>(std::ldexp(1.0, exponent));
        EXPECT_EQ(ue8m0_round_up(power), power);
        EXPECT_EQ(ue8m0_byte(power), static_cast<std::uint32_t>(exponent + 127));
        if (exponent < 127) {
            EXPECT_EQ(ue8m0_round_up(std::nextafterf(power, 2.0F * power)), 2.0F * power);
        }
        if (exponent > -126) {
            EXPECT_EQ(ue8m0_round_up(std::nextafterf(power, 0.0F)), power);
        }
    }
}

TEST(Numerics, Ue8m0MatchesTheLogarithm) {
    RandomBits random(3);
    for (int i = 0; i < 100'000; ++i) {
        const auto scale = std::bit_cast<float>((random() & 0x7FFFFFU) | (1 + random() % 250) << 23);
        int exponent = 0;
        const double fraction = std::frexp(static_cast<double>(scale), &exponent);  // in [0.5, 1)
        const double power = std::ldexp(1.0, fraction == 0.5 ? exponent - 1 : exponent);
        ASSERT_EQ(static_cast<double>(ue8m0_round_up(scale)), power) << std::hexfloat << scale;
    }
}

TEST(Numerics, ConstantsAreTheRoundedOnes) {
    EXPECT_EQ(round_bf16(kAmaxFloor), kAmaxFloorBf16);
    EXPECT_EQ(round_bf16(1.0F / 448.0F), kInverse448Bf16);
    EXPECT_EQ(float_to_bf16(kAmaxFloorBf16), 0x2EDC);
    EXPECT_EQ(float_to_bf16(kInverse448Bf16), 0x3B12);
}

TEST(Numerics, ScalesAreFloored) {
    EXPECT_EQ(scale_fp32(0.0F), kAmaxFloor / 448.0F);
    EXPECT_EQ(scale_bf16(0.0F), round_bf16(kAmaxFloorBf16 * kInverse448Bf16));
    EXPECT_EQ(scale_fp32(448.0F), 1.0F);
    EXPECT_EQ(scale_fp32(std::numeric_limits<float>::quiet_NaN()), kAmaxFloor / 448.0F);
}

TEST(Numerics, InverseOfEveryScaleIsTheNearestBf16) {
    for (std::uint32_t bits = 0x1000; bits < 0x7F00; ++bits) {  // far beyond what scales reach on both sides
        const float scale = bf16_to_float(static_cast<std::uint16_t>(bits));
        ASSERT_EQ(float_to_bf16(inverse_bf16(scale)), nearest_bf16(1.0F / scale));
    }
}

TEST(Numerics, NothingIsBeyondTheLastCodeInTheBf16Convention) {
    // What lets a kernel leave out the clamp: |v| <= amax times the inverse of the scale stays below 464,
    // from where 448 is no longer the nearest.
    for (std::uint32_t bits = 0x0001; bits < 0x7F80; ++bits) {
        const float amax = bf16_to_float(static_cast<std::uint16_t>(bits));
        const float scaled = round_bf16(amax * inverse_bf16(scale_bf16(amax)));
        ASSERT_LT(scaled, 464.0F) << std::hexfloat << amax;
        ASSERT_EQ(e4m3_encode(scaled), e4m3_encode(clamp_e4m3(scaled)));
    }
}

TEST(Numerics, ClampKeepsNan) {
    EXPECT_EQ(clamp_e4m3(1e9F), 448.0F);
    EXPECT_EQ(clamp_e4m3(-1e9F), -448.0F);
    EXPECT_EQ(clamp_e4m3(-3.5F), -3.5F);
    EXPECT_TRUE(std::isnan(clamp_e4m3(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace moescope::numerics
