// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cpu_kernel.h"

#include <gtest/gtest.h>

#include <cmath>

#include "masked_tensor.h"
#include "moescope/kernels/reference.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using test::HostTensors;

/// Every instruction set of this build; those that this processor lacks are skipped, visibly.
class CpuKernel : public ::testing::TestWithParam<CpuIsa> {
  protected:
    void SetUp() override {
        if (!cpu_supports(GetParam())) GTEST_SKIP() << "this processor has no " << to_string(GetParam());
    }
    /// Runs the kernel on poisoned outputs and expects every byte to be what the reference leaves.
    void expect_equal(HostTensors& tensors) {
        HostTensors expected = tensors;
        reference::quantize_masked(tensors.shape, Numerics::bf16, tensors.counts, tensors.input.data(),
                                   expected.codes.data(), expected.scales.data());
        run_cpu_quantize(m_pool, GetParam(), tensors.view());
        ASSERT_EQ(tensors.codes, expected.codes);
        ASSERT_EQ(tensors.scales, expected.scales);
    }

    ThreadPool m_pool{2};
};

std::string isa_name(const ::testing::TestParamInfo<CpuIsa>& info) {
    return std::string(to_string(info.param));
}

INSTANTIATE_TEST_SUITE_P(Isa, CpuKernel,
                         ::testing::Values(CpuIsa::scalar, CpuIsa::avx2, CpuIsa::avx512, CpuIsa::avx512bf16),
                         isa_name);

TEST_P(CpuKernel, EqualsTheReferenceOnRandomShapes) {
    std::mt19937_64 random(5);
    for (int i = 0; i < 250; ++i) {
        const Shape shape = test::random_shape(random);
        HostTensors tensors(shape, test::random_counts(random, shape));
        tensors.fill_normal(random(), i % 2 == 0 ? 1.0F : 8.0F);
        SCOPED_TRACE(::testing::Message()
                     << "E=" << shape.experts << " T=" << shape.max_tokens << " H=" << shape.hidden
                     << " G=" << shape.group_size << " " << to_string(shape.scale_format));
        ASSERT_NO_FATAL_FAILURE(expect_equal(tensors));
    }
}

TEST_P(CpuKernel, EqualsTheReferenceOnHardInputs) {
    std::mt19937_64 random(6);
    for (int i = 0; i < 250; ++i) {
        const Shape shape = test::random_shape(random);
        HostTensors tensors(shape, test::random_counts(random, shape));
        tensors.fill_adversarial(random());
        ASSERT_NO_FATAL_FAILURE(expect_equal(tensors));
    }
}

/// Each finite gate alone in a group: the group's scale then shows silu(gate) * up to about the last bit of
/// its bf16 rounding, which codes alone would hide.
TEST_P(CpuKernel, SiluIsExactForEveryGate) {
    const Shape shape{1, 64, 32 * 1024, 32, ScaleFormat::fp32};
    HostTensors tensors(shape, {64});
    for (const float up : {1.0F, 1.1484375F, 1.3203125F, 1.515625F, 1.7421875F, 65536.0F}) {
        for (std::size_t row = 0; row < 64; ++row) {
            for (std::size_t column = 0; column < 32 * 1024; ++column) {
                const auto gate = static_cast<std::uint16_t>(row * 1024 + column / 32);
                const bool finite = (gate & 0x7F80U) != 0x7F80U;
                tensors.input[row * 65536 + column] = finite ? gate : std::uint16_t{0};
                tensors.input[row * 65536 + 32768 + column] = numerics::float_to_bf16(up);
            }
        }
        ASSERT_NO_FATAL_FAILURE(expect_equal(tensors)) << up;
    }
}

TEST_P(CpuKernel, BalancesExtremeLoads) {
    for (const std::vector<std::int32_t>& counts :
         {std::vector<std::int32_t>{0, 0, 0}, {7, 0, 0}, {0, 0, 7}, {1, 1, 1}}) {
        HostTensors tensors(Shape{3, 7, 384, 128, ScaleFormat::ue8m0_packed}, counts);
        tensors.fill_normal(9);
        ASSERT_NO_FATAL_FAILURE(expect_equal(tensors));
    }
    HostTensors many(Shape{700, 2, 64, 64, ScaleFormat::fp32}, std::vector<std::int32_t>(700, 1));
    many.fill_normal(10);
    ASSERT_NO_FATAL_FAILURE(expect_equal(many));
}

TEST_P(CpuKernel, StreamWritesEveryValidByteAndNoOther) {
    HostTensors tensors(Shape{3, 9, 224, 32, ScaleFormat::fp32}, {4, 0, 9});
    for (std::uint16_t& x : tensors.input) x = 0x0101;
    run_cpu_stream(m_pool, GetParam(), tensors.view());
    for (std::size_t i = 0; i < tensors.codes.size(); ++i) {
        const std::size_t row = i / 224;
        const bool valid = row < 27 && static_cast<std::int32_t>(row % 9) < tensors.counts[row / 9];
        ASSERT_EQ(tensors.codes[i] != kPoisonByte, valid) << "byte " << i;
    }
}

TEST(CpuReferenceKernel, MatchesBothConventions) {
    ThreadPool pool(2);
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        HostTensors tensors(Shape{3, 5, 320, 64, ScaleFormat::fp32_ue8m0}, {5, 2, 0});
        tensors.fill_normal(2);
        HostTensors expected = tensors;
        reference::quantize_masked(tensors.shape, numerics, tensors.counts, tensors.input.data(),
                                   expected.codes.data(), expected.scales.data());
        run_cpu_reference(pool, numerics, tensors.view());
        EXPECT_EQ(tensors.codes, expected.codes);
        EXPECT_EQ(tensors.scales, expected.scales);
    }
}

}  // namespace
}  // namespace moescope
