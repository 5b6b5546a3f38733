// SPDX-License-Identifier: Apache-2.0
#include "masked_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "masked_tensor.h"
#include "moescope/kernels/reference.h"
#include "thread_pool.h"

namespace moescope {
namespace {

/// A correct result, to be corrupted one byte at a time.
class MaskedCheck : public ::testing::Test {
  protected:
    void SetUp() override {
        m_tensors.fill_normal(1);
        reference::quantize_masked(m_shape, Numerics::bf16, m_tensors.counts, m_tensors.input.data(),
                                   m_tensors.codes.data(), m_tensors.scales.data());
    }
    Verification check(Numerics numerics = Numerics::bf16) {
        return judge(numerics, compare_outputs(m_pool, m_tensors.view(), numerics));
    }

    Shape m_shape{3, 8, 256, 64, ScaleFormat::fp32};
    test::HostTensors m_tensors{m_shape, {5, 0, 8}};
    ThreadPool m_pool{2};
};

TEST_F(MaskedCheck, ACorrectResultPasses) {
    const Verification v = check();
    EXPECT_TRUE(v.done);
    EXPECT_TRUE(v.passed) << v.note;
    EXPECT_EQ(v.values, 13 * 256);
    EXPECT_EQ(v.reference, "bf16");
    EXPECT_TRUE(v.note.empty());
}

TEST_F(MaskedCheck, OneWrongCodeIsFoundAndNamed) {
    m_tensors.codes[(2 * 8 + 7) * 256 + 255] ^= 1;
    const Verification v = check();
    EXPECT_FALSE(v.passed);
    EXPECT_EQ(v.mismatched_codes, 1);
    EXPECT_THAT(v.note, ::testing::AllOf(::testing::HasSubstr("expert 2"), ::testing::HasSubstr("token 7"),
                                         ::testing::HasSubstr("255")));
}

TEST_F(MaskedCheck, OneWrongScaleBitIsFound) {
    m_tensors.scales[2 * 8 * 4 + 3 * 8 + 1] ^= 1;  // expert 2, group 3, token 1
    const Verification v = check();
    EXPECT_FALSE(v.passed);
    EXPECT_EQ(v.mismatched_scales, 1);
    EXPECT_THAT(v.note, ::testing::HasSubstr("expert 2"));
}

TEST_F(MaskedCheck, AnUnwrittenCodeIsFound) {
    m_tensors.codes[3] = kPoisonByte;
    EXPECT_FALSE(check().passed);
}

TEST_F(MaskedCheck, EveryBytePastCountsIsWatched) {
    for (const std::size_t place : {std::size_t{5 * 256}, std::size_t{8 * 256}, std::size_t{16 * 256 - 1},
                                    m_tensors.codes.size() - 1}) {
        m_tensors.codes[place] = 0;
        const Verification v = check();
        EXPECT_FALSE(v.passed) << place;
        EXPECT_EQ(v.touched_past_counts, 1) << place;
        m_tensors.codes[place] = kPoisonByte;
    }
    for (const std::size_t word : {std::size_t{5}, std::size_t{8 * 4 + 7}, m_tensors.scales.size() - 1}) {
        const std::uint32_t kept = m_tensors.scales[word];
        m_tensors.scales[word] = 0;
        EXPECT_FALSE(check().passed) << word;
        m_tensors.scales[word] = kept;
    }
    EXPECT_TRUE(check().passed);
}

TEST_F(MaskedCheck, AnotherConventionsResultFailsBf16) {
    reference::quantize_masked(m_shape, Numerics::fp32, m_tensors.counts, m_tensors.input.data(),
                               m_tensors.codes.data(), m_tensors.scales.data());
    EXPECT_FALSE(check(Numerics::bf16).passed);
    EXPECT_TRUE(check(Numerics::fp32).passed);
}

}  // namespace
}  // namespace moescope
