// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/reference.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "masked_tensor.h"

namespace moescope {
namespace {

using test::HostTensors;

TEST(Reference, SiluTablesHoldTheFunction) {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const auto gate = static_cast<std::uint16_t>(bits);
        const float exact = reference::silu(numerics::bf16_to_float(gate));
        if (std::isnan(exact)) {
            ASSERT_TRUE(std::isnan(reference::silu_fp32(gate)));
            continue;
        }
        ASSERT_EQ(reference::silu_fp32(gate), exact);
        ASSERT_EQ(reference::silu_bf16(gate), numerics::round_bf16(exact));
    }
}

TEST(Reference, SiluIsRightInLongDouble) {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const float x = numerics::bf16_to_float(static_cast<std::uint16_t>(bits));
        if (!std::isfinite(x)) continue;
        const long double exact =
            static_cast<long double>(x) / (1.0L + std::exp(-static_cast<long double>(x)));
        const auto rounded = static_cast<float>(exact);
        // Two roundings, to double and to fp32, may miss the nearest float where the exact value is next to a
        // tie; the bf16 value is right all the same.
        ASSERT_LE(std::fabs(reference::silu(x) - rounded), std::fabs(rounded) * 0x1p-23F)
            << std::hexfloat << x;
        ASSERT_EQ(reference::silu_bf16(static_cast<std::uint16_t>(bits)), numerics::round_bf16(rounded))
            << std::hexfloat << x;
    }
}

TEST(Reference, SiluAtTheEnds) {
    const float infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(reference::silu(infinity), infinity);
    EXPECT_TRUE(std::isnan(reference::silu(-infinity)));
    EXPECT_TRUE(std::isnan(reference::silu(std::numeric_limits<float>::quiet_NaN())));
    EXPECT_EQ(reference::silu(0.0F), 0.0F);
    EXPECT_EQ(reference::silu(-1000.0F), 0.0F);
    EXPECT_TRUE(std::signbit(reference::silu(-1000.0F)));
}

/// 32 columns with gate 64, whose silu is 64 exactly, and the ups given, the rest zero.
struct Group {
    std::vector<std::uint16_t> gate = std::vector<std::uint16_t>(32, numerics::float_to_bf16(64.0F));
    std::vector<std::uint16_t> up = std::vector<std::uint16_t>(32, 0);
    std::vector<std::uint8_t> codes = std::vector<std::uint8_t>(32, 0xFF);

    explicit Group(std::initializer_list<float> values) {
        std::size_t i = 0;
        for (const float v : values) up[i++] = numerics::float_to_bf16(v / 64.0F);
    }
    float quantize(Numerics numerics, bool ue8m0) {
        return reference::quantize_group(numerics, ue8m0, gate.data(), up.data(), 32, codes.data());
    }
};

TEST(Reference, GroupByHandFp32) {
    Group group{448.0F, -224.0F, 1.0F, 0.0F, 17.0F};
    EXPECT_EQ(group.quantize(Numerics::fp32, false), 1.0F);
    EXPECT_EQ(group.codes[0], 0x7E);
    EXPECT_EQ(group.codes[1], 0xF6);  // -1.75 * 2^7
    EXPECT_EQ(group.codes[2], 0x38);
    EXPECT_EQ(group.codes[3], 0x00);
    EXPECT_EQ(group.codes[4], 0x58);  // a tie between 16 and 18
}

TEST(Reference, GroupByHandBf16) {
    // s = bf16(448 * 0.00222778) = 0.99609375 + ... is 1 - 2^-8 -> bf16; its inverse is 1.
    Group group{448.0F, 1.0F};
    const float scale = group.quantize(Numerics::bf16, false);
    EXPECT_EQ(scale, numerics::round_bf16(448.0F * 0x1.24p-9F));
    const float inverse = numerics::round_bf16(1.0F / scale);
    EXPECT_EQ(group.codes[0], numerics::e4m3_encode(numerics::round_bf16(448.0F * inverse)));
    EXPECT_EQ(group.codes[1], numerics::e4m3_encode(numerics::round_bf16(inverse)));
}

TEST(Reference, Ue8m0ScaleIsRoundedUpForCodesOnly) {
    Group group{896.0F, 100.0F};
    EXPECT_EQ(group.quantize(Numerics::fp32, true), 2.0F);
    Group odd{900.0F};
    EXPECT_EQ(odd.quantize(Numerics::fp32, true), 900.0F / 448.0F);  // returned before rounding up
    EXPECT_EQ(odd.codes[0], numerics::e4m3_encode(900.0F / 4.0F));   // encoded with 4
}

TEST(Reference, AllZeroGroupUsesTheFloor) {
    Group group{};
    EXPECT_EQ(group.quantize(Numerics::fp32, false), 1e-10F / 448.0F);
    EXPECT_EQ(group.codes[0], 0x00);
    EXPECT_EQ(group.quantize(Numerics::bf16, false), numerics::scale_bf16(0.0F));
}

TEST(Reference, InfinityAndNan) {
    Group group{std::numeric_limits<float>::infinity(), 1.0F, -1.0F};
    for (const Numerics numerics : {Numerics::fp32, Numerics::bf16}) {
        EXPECT_TRUE(std::isinf(group.quantize(numerics, false)));
        EXPECT_EQ(group.codes[0], 0x7F);
        EXPECT_EQ(group.codes[1], 0x00);
        EXPECT_EQ(group.codes[2], 0x80);
    }
    Group nan{std::numeric_limits<float>::quiet_NaN(), 448.0F};
    EXPECT_EQ(nan.quantize(Numerics::fp32, false), 1.0F);
    EXPECT_EQ(nan.codes[0], 0x7F);
    EXPECT_EQ(nan.codes[1], 0x7E);
}

TEST(Reference, EncodeGroupWithItsOwnScaleGivesTheSameCodes) {
    HostTensors problem({.experts = 1, .max_tokens = 1, .hidden = 256, .group_size = 256}, {1});
    problem.fill_normal(4);
    for (const Numerics numerics : {Numerics::fp32, Numerics::bf16}) {
        std::vector<std::uint8_t> codes(256);
        std::vector<std::uint8_t> again(256);
        const auto* gate = problem.input.data();
        const float scale = reference::quantize_group(numerics, false, gate, gate + 256, 256, codes.data());
        reference::encode_group(numerics, scale, gate, gate + 256, 256, again.data());
        EXPECT_EQ(codes, again);
    }
}

TEST(Reference, PackedWordsHoldTheExponentsOfTheOtherFormat) {
    // Seven groups: the last word has one unused byte.
    HostTensors plain({.experts = 2,
                       .max_tokens = 3,
                       .hidden = 224,
                       .group_size = 32,
                       .scale_format = ScaleFormat::fp32_ue8m0},
                      {3, 1});
    plain.fill_normal(5);
    Shape packed_shape = plain.shape;
    packed_shape.scale_format = ScaleFormat::ue8m0_packed;
    HostTensors packed(packed_shape, plain.counts);
    packed.input = plain.input;
    const HostTensors a = test::expected(plain);
    const HostTensors b = test::expected(packed);
    EXPECT_EQ(std::memcmp(a.codes.data() + a.code_offset, b.codes.data() + b.code_offset,
                          static_cast<std::size_t>(plain.shape.code_bytes())),
              0);
    for (std::int64_t e = 0; e < 2; ++e)
        for (std::int64_t t = 0; t < plain.counts[static_cast<std::size_t>(e)]; ++t)
            for (std::int64_t g = 0; g < 8; ++g) {
                const std::uint32_t word = b.scales[static_cast<std::size_t>((e * 2 + g / 4) * 3 + t)];
                const std::uint32_t byte = word >> (8 * (g % 4)) & 0xFF;
                const std::uint32_t want =
                    g == 7 ? 0 : a.scales[static_cast<std::size_t>((e * 7 + g) * 3 + t)] >> 23;
                EXPECT_EQ(byte, want) << e << ' ' << t << ' ' << g;
            }
}

TEST(Reference, DecodedValuesAreNearTheExactOnes) {
    // Independent of any convention: decode what was encoded and compare with double arithmetic.
    HostTensors problem({.experts = 1, .max_tokens = 16, .hidden = 512, .group_size = 128}, {16});
    problem.fill_normal(6);
    for (const Numerics numerics : {Numerics::fp32, Numerics::bf16}) {
        const HostTensors result = test::expected(problem, numerics);
        for (std::int64_t t = 0; t < 16; ++t)
            for (std::int64_t c = 0; c < 512; ++c) {
                const std::uint16_t* row = problem.input.data() + t * 1024;
                const double x = numerics::bf16_to_float(row[c]);
                const double exact =
                    x / (1.0 + std::exp(-x)) * static_cast<double>(numerics::bf16_to_float(row[512 + c]));
                const double scale =
                    numerics::bits_float(result.scales[static_cast<std::size_t>(c / 128 * 16 + t)]);
                const double got =
                    scale * numerics::e4m3_decode(
                                result.codes[result.code_offset + static_cast<std::size_t>(t * 512 + c)]);
                // Half a step of e4m3 (2^-4 relative, 2^-10 of the scale for subnormals), and the rounding of
                // bf16.
                ASSERT_NEAR(got, exact, std::fabs(exact) * 0.075 + scale * 0x1p-9);
            }
    }
}

TEST(Reference, MaskedLayoutPutsRowsAndScalesInPlace) {
    const Shape shape{2, 3, 64, 32, ScaleFormat::fp32};
    HostTensors t(shape, {1, 2});
    t.fill_normal(1);
    reference::quantize_masked(shape, Numerics::fp32, t.counts, t.input.data(), t.codes.data(),
                               t.scales.data());
    std::array<std::uint8_t, 32> codes{};
    const std::uint16_t* row = t.input.data() + (1 * 3 + 1) * 128;  // expert 1, token 1
    const float scale =
        reference::quantize_group(Numerics::fp32, false, row + 32, row + 64 + 32, 32, codes.data());
    EXPECT_EQ(t.scales[1 * 6 + 1 * 3 + 1], numerics::float_bits(scale));  // strides (T*W, 1, T)
    EXPECT_TRUE(std::equal(codes.begin(), codes.end(), t.codes.begin() + (1 * 3 + 1) * 64 + 32));
    EXPECT_EQ(t.codes[64], kPoisonByte);  // expert 0 has one token
}

}  // namespace
}  // namespace moescope
