// SPDX-License-Identifier: Apache-2.0

// The vector kernels' silu, seen from outside, for each of the 65,536 gates: codes have four significant
// bits, but next to a second value that fixes the scale the thresholds between them move with that value, so
// that over all of its mantissas every two neighbouring results of silu are told apart.
#include <gtest/gtest.h>

#include <cmath>

#include "masked_tensor.h"
#include "quantize_tables.h"
#include "silu_fit.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using test::HostTensors;

constexpr std::int64_t kGates = 65536;
constexpr std::int64_t kGroups = 4;  // of one row: the same gate, four scales
const Shape kShape{.experts = 1, .max_tokens = kGates, .hidden = 32 * kGroups, .group_size = 32};

/// Power of two that brings silu(gate) near 1, as far as bf16 goes up to `limit`.
float up_for(std::uint16_t gate, int limit) {
    const float value = reference::silu_fp32(gate);
    if (!std::isfinite(value) || value == 0.0F) return 1.0F;
    int exponent = 0;
    std::frexp(value, &exponent);
    return static_cast<float>(std::ldexp(1.0, std::min(limit, 1 - exponent)));
}

/// One row for each gate; `first_mantissa` of the value next to it (of 128), which is in [2, 4).
void fill(HostTensors& problem, int first_mantissa, int limit) {
    for (std::int64_t gate = 0; gate < kGates; ++gate) {
        std::uint16_t* row = problem.input.data() + gate * 2 * kShape.hidden;
        const float up = up_for(static_cast<std::uint16_t>(gate), limit);
        for (std::int64_t group = 0; group < kGroups; ++group) {
            const std::int64_t column = group * 32;
            row[column] = static_cast<std::uint16_t>(gate);
            row[kShape.hidden + column] = numerics::float_to_bf16(up);
            // silu(64) is 64: this is the largest value of the group, and exact.
            const float value = 2.0F + static_cast<float>(first_mantissa + group) / 64.0F;
            row[column + 1] = numerics::float_to_bf16(64.0F);
            row[kShape.hidden + column + 1] = numerics::float_to_bf16(value / 64.0F);
        }
    }
}

class CpuSilu : public testing::TestWithParam<CpuIsa> {
  protected:
    void SetUp() override {
        if (!cpu_supports(GetParam())) GTEST_SKIP() << "this processor has no " << to_string(GetParam());
    }
};

TEST_P(CpuSilu, EqualsTheReferenceForEveryGate) {
    ThreadPool pool(2);
    HostTensors problem(kShape, {static_cast<std::int32_t>(kGates)});
    for (int mantissa = 0; mantissa < 128; mantissa += 3 * static_cast<int>(kGroups)) {
        problem.poison();
        fill(problem, mantissa, 70);
        run_cpu_quantize(pool, GetParam(), problem.view());
        ASSERT_EQ(test::first_difference(problem, test::expected(problem)), "") << "mantissa " << mantissa;
    }
}

TEST_P(CpuSilu, EqualsTheReferenceForSubnormalResults) {
    // Ups up to 2^127 make even those visible.
    ThreadPool pool(2);
    HostTensors problem(kShape, {static_cast<std::int32_t>(kGates)});
    fill(problem, 5, 127);
    run_cpu_quantize(pool, GetParam(), problem.view());
    ASSERT_EQ(test::first_difference(problem, test::expected(problem)), "");
}

/// What avx512_silu.h computes, one gate at a time.
float fitted_silu(float x) {
    const float shifted = std::fmin(x, cpu::silu_fit::kLastSegment) + cpu::silu_fit::kToSegment;
    const std::uint32_t segment = numerics::float_bits(shifted) % 32;
    float p = cpu::silu_fit::kCoefficients[3][segment];
    for (int power = 2; power >= 0; --power) p = std::fma(p, x, cpu::silu_fit::kCoefficients[power][segment]);
    return x * p;
}

TEST(CpuSiluFit, RoundsRightForEveryGate) {
    // Half up, as the kernel does. Smaller gates than 2^-100 have subnormal silu or one so small that no code
    // shows it; the tests above cover them as they come out of the kernel.
    int checked = 0;
    for (std::int64_t bits = 0; bits < kGates; ++bits) {
        const auto gate = static_cast<std::uint16_t>(bits);
        const float x = numerics::bf16_to_float(gate);
        if (!std::isfinite(x) || x < cpu::silu_fit::kLowest || std::fabs(x) < 0x1p-100F) continue;
        const std::uint32_t half_up = (numerics::float_bits(fitted_silu(x)) + 0x8000U) & 0xFFFF0000U;
        ASSERT_EQ(numerics::bits_float(half_up), reference::silu_bf16(gate)) << x;
        ++checked;
    }
    EXPECT_GT(checked, 40000);
}

TEST(CpuTables, HoldTheReference) {
    const cpu::SiluTable& silu = cpu::silu_table();
    for (std::int64_t gate = 0; gate < kGates; ++gate) {
        const std::uint32_t expected =
            numerics::float_bits(reference::silu_bf16(static_cast<std::uint16_t>(gate)));
        ASSERT_EQ(silu.words[gate], expected) << "gate " << gate;
    }
    // Every exponent at which the code is normal and not beyond 448.
    const cpu::CodeSteps& table = cpu::code_steps();
    for (int inverse = 0; inverse < 128; ++inverse)
        for (int value = 0; value < 128; ++value)
            for (int exponent = -6; exponent <= 6; ++exponent) {
                const float v = std::ldexp(1.0F + static_cast<float>(value) / 128.0F, exponent);
                const float factor = 1.0F + static_cast<float>(inverse) / 128.0F;
                const int code = numerics::e4m3_encode(numerics::round_bf16(v * factor));
                const int sum = table.steps[inverse][value] + (value >> 4) + 8 * (exponent + 7);
                ASSERT_EQ(sum, code) << inverse << ' ' << value << ' ' << exponent;
            }
}

INSTANTIATE_TEST_SUITE_P(Isa, CpuSilu, testing::ValuesIn(test::kAllIsas),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace moescope
