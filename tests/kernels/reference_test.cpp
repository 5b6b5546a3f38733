// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/reference.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "masked_tensor.h"

namespace moescope::reference {
namespace {

using numerics::bf16_to_float;
using numerics::float_to_bf16;

TEST(Reference, SiluIsTheRoundedExactValue) {
    EXPECT_EQ(silu(0.0F), 0.0F);
    EXPECT_EQ(silu(1.0F), static_cast<float>(1.0 / (1.0 + std::exp(-1.0))));
    EXPECT_EQ(silu(100.0F), 100.0F);
    // Tiny, not zero: exp(89) is past what fp32 holds, silu(-89) is not.
    EXPECT_NEAR(silu(-89.0F) / (-89.0 * std::exp(-89.0)), 1.0, 1e-6);
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto gate = static_cast<std::uint16_t>(bits);
        const float x = bf16_to_float(gate);
        if (!std::isfinite(x)) continue;
        // Half an ulp of the exact value, and what double rounding may add.
        const long double exact =
            static_cast<long double>(x) / (1.0L + std::exp(-static_cast<long double>(x)));
        const float got = silu_fp32(gate);
        const float next = std::nextafter(got, std::numeric_limits<float>::infinity());
        const auto half_ulp = 0.5L * (static_cast<long double>(next) - static_cast<long double>(got));
        EXPECT_LE(std::fabs(static_cast<long double>(got) - exact), half_ulp * 1.000001L) << x;
        EXPECT_EQ(got, silu(x));
        EXPECT_EQ(silu_bf16(gate), numerics::round_bf16(got)) << x;
    }
}

/// A group by hand: gate so large that silu(gate) = gate, so the products are plain.
TEST(Reference, GroupByHandInBothConventions) {
    constexpr int kGroup = 32;
    std::array<std::uint16_t, kGroup> gate{};
    std::array<std::uint16_t, kGroup> up{};
    gate.fill(float_to_bf16(64.0F));
    for (int i = 0; i < kGroup; ++i)
        up[static_cast<std::size_t>(i)] = float_to_bf16(0.25F * static_cast<float>(i - 4));
    std::array<std::uint8_t, kGroup> codes{};
    // amax = 64 * 6.75 = 432
    EXPECT_EQ(quantize_group(Numerics::fp32, false, gate.data(), up.data(), kGroup, codes.data()),
              432.0F / 448.0F);
    EXPECT_EQ(codes[31], 0x7E);  // the largest is 448
    EXPECT_EQ(codes[4], 0x00);
    EXPECT_EQ(codes[3], numerics::e4m3_encode(-16.0F / (432.0F / 448.0F)));
    const float scale = quantize_group(Numerics::bf16, false, gate.data(), up.data(), kGroup, codes.data());
    EXPECT_EQ(scale, numerics::round_bf16(432.0F * numerics::kInverse448Bf16));
    // A power of two: 432/448 goes up to 1, and codes are those of the plain values.
    quantize_group(Numerics::fp32, true, gate.data(), up.data(), kGroup, codes.data());
    EXPECT_EQ(codes[31], numerics::e4m3_encode(432.0F));
}

TEST(Reference, ZerosHaveTheFloorsScale) {
    std::array<std::uint16_t, 32> zeros{};
    std::array<std::uint8_t, 32> codes{};
    codes.fill(1);
    EXPECT_EQ(quantize_group(Numerics::fp32, false, zeros.data(), zeros.data(), 32, codes.data()),
              1e-10F / 448.0F);
    for (const std::uint8_t code : codes) EXPECT_EQ(code, 0);
}

TEST(Reference, PackedScalesAreFourExponentsAWord) {
    const Shape fp32{1, 1, 5 * 32, 32, ScaleFormat::fp32_ue8m0};
    Shape packed = fp32;
    packed.scale_format = ScaleFormat::ue8m0_packed;
    test::HostTensors plain(fp32, {1});
    plain.fill_normal(3, 4.0F);
    test::HostTensors dense(packed, {1});
    dense.input = plain.input;
    quantize_masked(fp32, Numerics::bf16, plain.counts, plain.input.data(), plain.codes.data(),
                    plain.scales.data());
    quantize_masked(packed, Numerics::bf16, dense.counts, dense.input.data(), dense.codes.data(),
                    dense.scales.data());
    EXPECT_EQ(plain.codes, dense.codes);
    for (std::size_t g = 0; g < 5; ++g)
        EXPECT_EQ(dense.scales[g / 4] >> (8 * (g % 4)) & 0xFFU, plain.scales[g] >> 23);
    EXPECT_EQ(dense.scales[1] >> 8, 0U);  // unused bytes
}

TEST(Reference, MaskedLayoutPutsRowsAndScalesInPlace) {
    const Shape shape{2, 3, 64, 32, ScaleFormat::fp32};
    test::HostTensors t(shape, {1, 2});
    t.fill_normal(1);
    quantize_masked(shape, Numerics::fp32, t.counts, t.input.data(), t.codes.data(), t.scales.data());
    std::array<std::uint8_t, 32> codes{};
    const std::uint16_t* row = t.input.data() + (1 * 3 + 1) * 128;  // expert 1, token 1
    const float scale = quantize_group(Numerics::fp32, false, row + 32, row + 64 + 32, 32, codes.data());
    EXPECT_EQ(t.scales[1 * 6 + 1 * 3 + 1], numerics::float_bits(scale));  // strides (T*W, 1, T)
    EXPECT_TRUE(std::equal(codes.begin(), codes.end(), t.codes.begin() + (1 * 3 + 1) * 64 + 32));
    EXPECT_EQ(t.codes[64], kPoisonByte);  // expert 0 has one token
}

}  // namespace
}  // namespace moescope::reference
