// SPDX-License-Identifier: Apache-2.0
// The accuracy numbers on inputs whose errors can be told by hand, and which groups are judged at all.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "masked_tensor.h"
#include "moescope/kernels/tolerance.h"

namespace moescope {
namespace {

using test::HostTensors;

/// One token of one group of 32 columns. Gates are 64, whose silu is 64 exactly; a column's value is 64 x up.
struct OneGroup {
    HostTensors tensors{{.experts = 1, .max_tokens = 1, .hidden = 32, .group_size = 32}, {1}};

    OneGroup() {
        for (std::size_t i = 0; i < 32; ++i) tensors.input[i] = numerics::float_to_bf16(64.0F);
    }
    void set_value(std::size_t column, float value) {
        tensors.input[32 + column] = numerics::float_to_bf16(value / 64.0F);
    }
    void set_code(std::size_t column, std::uint8_t code) { tensors.codes[column] = code; }
    void set_scale(float scale) { tensors.scales[0] = numerics::float_bits(scale); }
    Verification verdict(Numerics numerics) const {
        TokenComparison comparison(tensors.shape, numerics);
        comparison.compare(0, 0, tensors.input.data(), tensors.codes.data(), tensors.scales.data(), 1);
        return judge(numerics, comparison.differences());
    }
    /// What a kernel that does everything right leaves.
    void solve(Numerics numerics) { tensors = test::expected(tensors, numerics); }
};

TEST(Accuracy, RelativeErrorAndSqnrByHand) {
    // 448 makes the fp32 scale 1, so codes are the values themselves: 448 and 32 exactly, 17 (between 16 and
    // 18) as 16. The error is 1 of sqrt(448^2 + 32^2 + 17^2 + 29 x 0).
    OneGroup group;
    group.set_value(0, 448.0F);
    group.set_value(1, 32.0F);
    group.set_value(2, 17.0F);
    group.solve(Numerics::fp32);
    const Verification v = group.verdict(Numerics::fp32);
    EXPECT_TRUE(v.passed) << v.note;
    const double relative = 1.0 / std::sqrt(448.0 * 448.0 + 32.0 * 32.0 + 17.0 * 17.0);
    EXPECT_NEAR(v.relative_error.value_or(0.0), relative, 5e-6 * relative);  // six digits
    EXPECT_NEAR(v.sqnr_db.value_or(0.0), -20.0 * std::log10(relative), 1e-4);
    EXPECT_NEAR(*v.sqnr_db, 53.0539, 0.0001);  // the same once more, from a pocket calculator
    EXPECT_EQ(v.clipped_values, 0);
    EXPECT_EQ(v.nonfinite_values, 0);
    EXPECT_EQ(v.unjudged_codes, 0);
    EXPECT_EQ(v.max_scale_error, 0.0);
}

TEST(Accuracy, OfWhatAKernelWroteNotOfTheReference) {
    OneGroup group;
    group.set_value(0, 448.0F);
    group.solve(Numerics::fp32);
    EXPECT_EQ(group.verdict(Numerics::fp32).relative_error, 0.0);
    EXPECT_FALSE(group.verdict(Numerics::fp32).sqnr_db.has_value());  // no noise at all

    group.set_code(0, 0x76);  // 224: half of the value is missing
    Verification v = group.verdict(Numerics::fp32);
    EXPECT_FALSE(v.passed);
    EXPECT_EQ(v.relative_error, 0.5);
    EXPECT_NEAR(v.sqnr_db.value_or(0.0), 6.0206, 1e-4);
    EXPECT_EQ(v.mismatched_codes_fp32, 1);

    group.solve(Numerics::fp32);
    group.set_scale(1.5F);
    v = group.verdict(Numerics::fp32);
    EXPECT_EQ(v.relative_error, 0.5);
    EXPECT_EQ(v.max_scale_error, 0.5);
    EXPECT_EQ(v.mismatched_scales, 1);
    group.set_scale(0.5F);
    EXPECT_EQ(group.verdict(Numerics::fp32).clipped_values, 1);  // 448 / 0.5 is beyond 464
    group.set_scale(std::numeric_limits<float>::quiet_NaN());
    v = group.verdict(Numerics::fp32);
    EXPECT_EQ(v.nonfinite_values, 32);
    EXPECT_FALSE(v.relative_error.has_value());
    EXPECT_TRUE(std::isinf(v.max_scale_error));
}

TEST(Accuracy, CountsCodesThatTheOtherConventionWouldNotHave) {
    // 17 over a scale of 1 is a tie, coded as 16 by fp32. The scale of bf16 is 1 too (1.75 x 1.140625 rounds
    // to 2), so both agree; with 449 as the largest, bf16 rounds what fp32 does not.
    HostTensors tensors({.experts = 1, .max_tokens = 64, .hidden = 256, .group_size = 128}, {64});
    tensors.fill_normal(3);
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        const HostTensors solved = test::expected(tensors, numerics);
        const HostTensors other =
            test::expected(tensors, numerics == Numerics::bf16 ? Numerics::fp32 : Numerics::bf16);
        std::int64_t differing = 0;
        for (std::size_t i = 0; i < 64 * 256; ++i) differing += solved.codes[i] != other.codes[i] ? 1 : 0;
        ASSERT_GT(differing, 0);
        TokenComparison comparison(tensors.shape, numerics);
        for (std::int64_t t = 0; t < 64; ++t)
            comparison.compare(0, t, solved.input.data() + t * 512, solved.codes.data() + t * 256,
                               solved.scales.data() + t, 64);
        const Verification v = judge(numerics, comparison.differences());
        EXPECT_EQ(numerics == Numerics::bf16 ? v.mismatched_codes_fp32 : v.mismatched_codes_bf16, differing);
        EXPECT_EQ(numerics == Numerics::bf16 ? v.mismatched_codes_bf16 : v.mismatched_codes_fp32, 0);
    }
}

TEST(Accuracy, RelativeErrorStaysWithTheFormatsOwn) {
    // e4m3 has 3 bits: the relative error of one value is at most 1/16 and, spread evenly over a binade,
    // 0.0236 in the root of the mean of squares. Normal values come out there in both conventions.
    HostTensors tensors({.experts = 1, .max_tokens = 64, .hidden = 1024, .group_size = 128}, {64});
    tensors.fill_normal(9);
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        const HostTensors solved = test::expected(tensors, numerics);
        TokenComparison comparison(tensors.shape, numerics);
        for (std::int64_t t = 0; t < 64; ++t)
            comparison.compare(0, t, solved.input.data() + t * 2048, solved.codes.data() + t * 1024,
                               solved.scales.data() + t, 64);
        const Verification v = judge(numerics, comparison.differences());
        EXPECT_TRUE(v.passed) << v.note;
        EXPECT_NEAR(v.relative_error.value_or(0.0), 0.024, 0.003);
        EXPECT_NEAR(v.sqnr_db.value_or(0.0), -20.0 * std::log10(*v.relative_error), 1e-3);
    }
}

TEST(JudgedForFp32, AllThatIsFiniteAndCounts) {
    using numerics::is_judged_for_fp32;
    const float infinity = std::numeric_limits<float>::infinity();
    EXPECT_TRUE(is_judged_for_fp32(1.0F, 3e38F));
    EXPECT_TRUE(is_judged_for_fp32(-80.0F, -1.0F));
    EXPECT_TRUE(is_judged_for_fp32(-90.0F, 9e-18F));
    EXPECT_TRUE(is_judged_for_fp32(-3e38F, -0.0F));
    EXPECT_FALSE(is_judged_for_fp32(-80.5F, -1e-16F));
    EXPECT_FALSE(is_judged_for_fp32(1.0F, infinity));
    EXPECT_FALSE(is_judged_for_fp32(1.0F, -infinity));
    EXPECT_FALSE(is_judged_for_fp32(1.0F, std::numeric_limits<float>::quiet_NaN()));
}

TEST(JudgedForFp32, UnjudgedGroupsAreCountedAndLeftOut) {
    OneGroup group;
    group.set_value(0, 448.0F);
    group.tensors.input[5] = numerics::float_to_bf16(-90.0F);
    group.tensors.input[32 + 5] = numerics::float_to_bf16(1e30F);
    group.solve(Numerics::bf16);
    group.set_code(0, 0x10);
    const Verification fp32 = group.verdict(Numerics::fp32);
    EXPECT_EQ(fp32.unjudged_codes, 32);
    EXPECT_TRUE(fp32.passed);
    EXPECT_EQ(fp32.mismatched_codes, 0);
    const Verification bf16 = group.verdict(Numerics::bf16);
    EXPECT_EQ(bf16.unjudged_codes, 0);
    EXPECT_FALSE(bf16.passed);
    EXPECT_EQ(bf16.mismatched_codes, 1);
}

}  // namespace
}  // namespace moescope
