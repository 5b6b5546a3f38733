// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/verification.h"

#include <gtest/gtest.h>

#include "moescope/kernels/tolerance.h"

namespace moescope {
namespace {

Differences some(std::int64_t mismatched, std::int64_t distant = 0) {
    Differences d;
    d.codes = 100'000;
    d.scales = 1000;
    d.mismatched_codes = mismatched;
    d.distant_codes = distant;
    if (mismatched > 0) d.first = "somewhere";
    return d;
}

TEST(Verdict, Bf16MeansBitForBit) {
    EXPECT_TRUE(judge(Numerics::bf16, some(0)).passed);
    EXPECT_FALSE(judge(Numerics::bf16, some(1)).passed);
}

TEST(Verdict, Fp32MayRoundWhatLiesNextToTheMiddle) {
    EXPECT_TRUE(judge(Numerics::fp32, some(100)).passed);
    EXPECT_FALSE(judge(Numerics::fp32, some(1, 1)).passed);
    Differences d = some(0);
    d.mismatched_scales = 1;
    d.max_scale_error = 6e-6;
    EXPECT_FALSE(judge(Numerics::fp32, d).passed);
    d.max_scale_error = 4e-6;
    EXPECT_TRUE(judge(Numerics::fp32, d).passed);
}

TEST(CodeTolerance, EitherSideOfTheMiddleAndNothingElse) {
    using numerics::is_code_within_tolerance;
    // 17 lies between 16 (0x58) and 18 (0x59).
    for (const float scale : {1.0F, 0.3F, 0x1p100F}) {
        EXPECT_TRUE(is_code_within_tolerance(0x58, 17.0F * scale, scale));
        EXPECT_TRUE(is_code_within_tolerance(0x59, 17.0F * scale, scale));
        EXPECT_TRUE(is_code_within_tolerance(0xD9, -17.0F * scale, scale));
        EXPECT_FALSE(is_code_within_tolerance(0x5A, 17.0F * scale, scale));
        EXPECT_FALSE(is_code_within_tolerance(0x59, -17.0F * scale, scale));
        EXPECT_FALSE(is_code_within_tolerance(0x59, 16.999F * scale, scale));
        EXPECT_FALSE(is_code_within_tolerance(0x58, 17.001F * scale, scale));
        EXPECT_TRUE(is_code_within_tolerance(0x59, 16.99999F * scale, scale));
    }
    EXPECT_TRUE(is_code_within_tolerance(0x80, 0.0F, 1.0F));  // both zeros are one code
    EXPECT_TRUE(is_code_within_tolerance(0x00, -1e-30F, 1.0F));
    EXPECT_FALSE(is_code_within_tolerance(0x01, 0.0F, 1.0F));
    EXPECT_TRUE(is_code_within_tolerance(0x7E, 1e30F, 1.0F));  // saturated
    EXPECT_FALSE(is_code_within_tolerance(0x7F, 448.0F, 1.0F));
}

TEST(Verdict, NothingPastCountsMayBeTouched) {
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        Differences d = some(0);
        d.touched_past_counts = 1;
        d.first = "past";
        const Verification v = judge(numerics, d);
        EXPECT_FALSE(v.passed);
        EXPECT_EQ(v.note.find("past") != std::string::npos, true);
    }
}

TEST(Verdict, PartsAddUp) {
    Differences all = some(2);
    Differences later = some(3, 1);
    later.first = "later";
    later.max_scale_error = 0.5;
    all.merge(later);
    EXPECT_EQ(all.codes, 200'000);
    EXPECT_EQ(all.mismatched_codes, 5);
    EXPECT_EQ(all.distant_codes, 1);
    EXPECT_EQ(all.first, "somewhere");
    EXPECT_EQ(all.max_scale_error, 0.5);
}

TEST(CodeDistance, CountsStepsAcrossZero) {
    EXPECT_EQ(e4m3_distance(0x00, 0x80), 0);
    EXPECT_EQ(e4m3_distance(0x01, 0x81), 2);
    EXPECT_EQ(e4m3_distance(0x38, 0x39), 1);
    EXPECT_EQ(e4m3_distance(0x7F, 0xFF), 0);
    EXPECT_GT(e4m3_distance(0x7F, 0x7E), 1);
}

}  // namespace
}  // namespace moescope
