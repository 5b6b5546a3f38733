// SPDX-License-Identifier: Apache-2.0
// The device's arithmetic, exhaustively. ex2 and rcp are only known to within an error; the results must not
// depend on it. PTX promises 2 ulp for ex2.approx and 1 for rcp.approx; both are tried with one more.

#include "bf16_quantize.cuh"
#include "silu_v3_values.cuh"

#include <gtest/gtest.h>

#include <cmath>

#include "moescope/kernels/reference.h"

namespace moescope {
namespace {

using namespace device;

constexpr int kExp2Error = 3;
constexpr int kReciprocalError = 2;

template <class Check>
void for_all_errors(Check&& check) {
    for (int e = -kExp2Error; e <= kExp2Error; ++e)
        for (int r = -kReciprocalError; r <= kReciprocalError; ++r) {
            emulator::set_approximation_errors(e, r);
            check(e, r);
        }
    emulator::set_approximation_errors(0, 0);
}

bool is_nan(std::uint32_t bf16) {
    return (bf16 & 0x7FFFU) > 0x7F80U;
}

TEST(DeviceSilu, AllGatesWhateverTheErrorOfTheHardware) {
    for_all_errors([](int e, int r) {
        for (std::uint32_t gate = 0; gate < 65536; ++gate) {
            const auto bits = static_cast<std::uint16_t>(gate);
            const std::uint32_t want = numerics::float_to_bf16(reference::silu_bf16(bits));
            const std::uint32_t got = pack_bf16x2(silu_for_bf16(numerics::bf16_to_float(bits)), 0.0F);
            if (is_nan(want) && is_nan(got)) continue;
            ASSERT_EQ(got, want) << "gate " << gate << ", ex2 off by " << e << ", rcp by " << r;
        }
    });
}

TEST(DeviceSilu, SmallGatesAreInReach) {
    // The polynomial is used up to 2^-7 and must not be needed beyond.
    EXPECT_EQ(silu_for_bf16(-0x1p-8F), -0x1p-9F + 0x1p-18F);
    EXPECT_EQ(silu_for_bf16(0.0F), 0.0F);
    EXPECT_EQ(numerics::float_bits(silu_for_bf16(-0.0F)), 0x80000000U);
}

/// The short form that silu_v3 uses: exact but where silu is next to nothing, as it says.
TEST(DeviceSilu, ShortFormIsExactWhereItSaysSo) {
    // What PTX promises; one more would be too much for it, which the tests on the device watch over.
    for (int e = -2; e <= 2; ++e) {
        for (int r = -1; r <= 1; ++r) {
            emulator::set_approximation_errors(e, r);
            for (std::uint32_t gate = 0; gate < 65536; ++gate) {
                const auto bits = static_cast<std::uint16_t>(gate);
                const std::uint32_t want = numerics::float_to_bf16(reference::silu_bf16(bits));
                const std::uint32_t got = cuda::silu_v3::silus_mostly_exact(gate) & 0xFFFFU;
                ASSERT_EQ(cuda::silu_v3::silus_mostly_exact(gate << 16) >> 16, got) << "gate " << gate;
                if (got == want || (is_nan(want) && is_nan(got))) continue;
                ASSERT_LT(std::fabs(low_bf16(want)), 0x1p-110F)
                    << "gate " << gate << ", ex2 off by " << e << ", rcp by " << r;
                ASSERT_LT(std::fabs(low_bf16(want) - low_bf16(got)), 0x1p-115F) << "gate " << gate;
                ASSERT_EQ(got >> 15, want >> 15) << "gate " << gate;
            }
        }
    }
    emulator::set_approximation_errors(0, 0);
}

TEST(DeviceScale, AllLargestMagnitudes) {
    for_all_errors([](int, int r) {
        for (std::uint32_t bits = 0; bits <= 0x7F80; ++bits) {
            const float amax = numerics::bf16_to_float(static_cast<std::uint16_t>(bits));
            const float scale = numerics::scale_bf16(amax);
            ASSERT_EQ(group_scale<false>(amax), scale) << bits;
            ASSERT_EQ(group_scale<true>(amax), numerics::ue8m0_round_up(scale)) << bits;
            for (const float s : {scale, numerics::ue8m0_round_up(scale)}) {
                const std::uint32_t inverse = numerics::float_to_bf16(numerics::inverse_bf16(s));
                ASSERT_EQ(inverse_scale_pair(s), inverse << 16 | inverse) << bits << ", rcp off by " << r;
            }
        }
    });
}

TEST(DeviceScale, LargerHalf) {
    for (const std::uint32_t a : {0x0000U, 0x0001U, 0x3F80U, 0x7F80U})
        for (const std::uint32_t b : {0x0000U, 0x0002U, 0x4000U, 0x7F00U}) {
            const float want = std::fmax(low_bf16(a), low_bf16(b));
            EXPECT_EQ(larger_half(a << 16 | b), want);
        }
}

TEST(DeviceCodes, SaturationIsTheClamp) {
    const std::uint32_t one = 0x3F803F80U;
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const float value = numerics::bf16_to_float(static_cast<std::uint16_t>(bits));
        const std::uint32_t want = numerics::e4m3_encode(numerics::clamp_e4m3(value));
        ASSERT_EQ(quantize_pair(bits | bits << 16, one), want | want << 8) << bits;
    }
}

}  // namespace
}  // namespace moescope
