// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cpu_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "masked_tensor.h"
#include "moescope/error.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using test::HostTensors;

constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};

class CpuKernel : public testing::TestWithParam<CpuIsa> {
  protected:
    void SetUp() override {
        if (!cpu_supports(GetParam())) GTEST_SKIP() << "this processor has no " << to_string(GetParam());
    }
    /// Runs the kernel and expects every byte to be what the reference leaves.
    void expect_reference(HostTensors& problem) {
        run_cpu_quantize(m_pool, GetParam(), problem.view());
        ASSERT_EQ(test::first_difference(problem, test::expected(problem)), "")
            << "E=" << problem.shape.experts << " T=" << problem.shape.max_tokens
            << " H=" << problem.shape.hidden << " G=" << problem.shape.group_size << ' '
            << to_string(problem.shape.scale_format) << " offset " << problem.code_offset;
    }
    ThreadPool m_pool{3};
};

TEST_P(CpuKernel, RandomShapesCountsAndFormats) {
    std::mt19937_64 random(10);
    for (int round = 0; round < 150; ++round) {
        Shape shape;
        shape.experts = static_cast<std::int64_t>(1 + random() % 6);
        shape.max_tokens = static_cast<std::int64_t>(1 + random() % 20);
        shape.group_size = 32LL << (random() % 4);
        shape.hidden =
            shape.group_size * static_cast<std::int64_t>(1 + random() % (random() % 4 == 0 ? 40 : 9));
        shape.scale_format = kFormats[random() % 3];
        std::vector<std::int32_t> counts;
        for (std::int64_t e = 0; e < shape.experts; ++e)
            counts.push_back(
                random() % 4 == 0 ? 0 : static_cast<std::int32_t>(random() % (shape.max_tokens + 1)));
        constexpr std::size_t kOffsets[] = {0, 32, 16, 1};
        HostTensors problem(shape, counts);
        problem.align_codes(kOffsets[random() % 4]);
        problem.fill_normal(random(), round % 2 == 0 ? 1.0F : 20.0F);
        ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
    }
}

TEST_P(CpuKernel, EveryGroupSizeAndFormatWithFullBlocksAndTails) {
    for (const std::int64_t group : {32, 64, 128, 256})
        for (const std::int64_t hidden :
             {group, std::int64_t{2048}, std::int64_t{2048} + group, std::int64_t{7168}})
            for (const ScaleFormat format : kFormats) {
                HostTensors problem({2, 3, hidden, group, format}, {3, 2});
                problem.align_codes(0);
                problem.fill_normal(11);
                ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
            }
}

TEST_P(CpuKernel, CountsAtTheirEnds) {
    for (const std::vector<std::int32_t>& counts :
         {std::vector<std::int32_t>{0, 0, 0}, {5, 5, 5}, {0, 5, 0}, {0, 0, 1}, {1, 0, 0}}) {
        HostTensors problem({.experts = 3, .max_tokens = 5, .hidden = 256, .group_size = 64}, counts);
        problem.fill_normal(12);
        ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
    }
    HostTensors one({.experts = 1, .max_tokens = 1, .hidden = 32, .group_size = 32}, {1});
    one.fill_normal(13);
    ASSERT_NO_FATAL_FAILURE(expect_reference(one));
}

TEST_P(CpuKernel, ScalesOfWholeLinesAndParts) {
    // Capacities that keep the rows of all groups aligned alike, and one that does not; counts around lines
    // of sixteen; three threads, which share tokens.
    std::uint64_t seed = 20;
    for (const std::int64_t capacity : {64, 50})
        for (const std::int64_t hidden : {256, 4096})
            for (const ScaleFormat format : kFormats)
                for (const std::vector<std::int32_t>& counts :
                     {std::vector<std::int32_t>{50, 48, 16}, {0, 15, 17}, {1, 0, 33}, {31, 50, 2}}) {
                    HostTensors problem({3, capacity, hidden, 64, format}, counts);
                    problem.align_codes(0);
                    problem.fill_normal(++seed);
                    ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
                }
}

TEST_P(CpuKernel, AnyBits) {
    for (int seed = 0; seed < 40; ++seed) {
        HostTensors problem({.experts = 2,
                             .max_tokens = 4,
                             .hidden = 512,
                             .group_size = 32LL << (seed % 4),
                             .scale_format = kFormats[seed % 3]},
                            {4, 3});
        problem.fill_bits(static_cast<std::uint64_t>(seed));
        ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
    }
}

TEST_P(CpuKernel, AnyFiniteBits) {
    // As before, but without what makes whole groups infinite.
    for (int seed = 0; seed < 40; ++seed) {
        HostTensors problem({.experts = 1, .max_tokens = 4, .hidden = 2048, .group_size = 128}, {4});
        problem.fill_bits(static_cast<std::uint64_t>(seed));
        const auto limit = static_cast<std::uint16_t>(seed % 2 == 0 ? 0xBFFF : 0xDFFF);
        for (std::uint16_t& value : problem.input) value &= limit;
        ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
    }
}

TEST_P(CpuKernel, AdversarialValues) {
    const float infinity = std::numeric_limits<float>::infinity();
    const float values[] = {0.0F,  -0.0F,  1e-40F,   -1e-40F,   1e-30F,       3e38F,   -3e38F,
                            88.0F, -88.0F, -87.0F,   -86.5F,    87.0F,        -104.0F, 1e-10F,
                            1e4F,  -1e4F,  infinity, -infinity, std::nanf("")};
    for (const float gate : values)
        for (const float up : values) {
            // One such value in a group of ordinary ones, and a group of nothing else.
            HostTensors problem({.experts = 1, .max_tokens = 2, .hidden = 256, .group_size = 128}, {2});
            problem.fill_normal(14);
            problem.input[70] = numerics::float_to_bf16(gate);
            problem.input[256 + 70] = numerics::float_to_bf16(up);
            for (std::size_t i = 128; i < 256; ++i) {
                problem.input[i] = numerics::float_to_bf16(gate);
                problem.input[256 + i] = numerics::float_to_bf16(up);
            }
            ASSERT_NO_FATAL_FAILURE(expect_reference(problem)) << gate << " * " << up;
        }
}

TEST_P(CpuKernel, EveryMantissaTimesEveryInverse) {
    // All products that the encoding can meet: 128 mantissas of the scale, all mantissas and signs of the
    // value, exponents from the scale's own to far below the smallest code. silu(64) is 64 exactly.
    constexpr int kExponents = 22;
    HostTensors problem({.experts = 1, .max_tokens = 128, .hidden = 256 * kExponents, .group_size = 256},
                        {128});
    const std::uint16_t gate = numerics::float_to_bf16(64.0F);
    for (int scale_mantissa = 0; scale_mantissa < 128; ++scale_mantissa) {
        std::uint16_t* row = problem.input.data() + scale_mantissa * 2 * problem.shape.hidden;
        for (int exponent = 0; exponent < kExponents; ++exponent)
            for (int i = 0; i < 256; ++i) {
                const std::int64_t column = exponent * 256 + i;
                row[column] = gate;
                const int largest = (120 << 7) | scale_mantissa;
                const int value = ((120 - 1 - exponent) << 7) | (i & 127) | (i >= 128 ? 0x8000 : 0);
                row[problem.shape.hidden + column] = static_cast<std::uint16_t>(i == 0 ? largest : value);
            }
    }
    expect_reference(problem);
}

TEST_P(CpuKernel, EqualsTheReferenceOnHardInputs) {
    std::mt19937_64 random(6);
    for (int i = 0; i < 250; ++i) {
        const Shape shape = test::random_shape(random);
        HostTensors tensors(shape, test::random_counts(random, shape));
        tensors.align_codes(i % 2 * 32);
        tensors.fill_adversarial(random());
        ASSERT_NO_FATAL_FAILURE(expect_reference(tensors));
    }
}

TEST_P(CpuKernel, BalancesExtremeLoads) {
    for (const std::vector<std::int32_t>& counts :
         {std::vector<std::int32_t>{0, 0, 0}, {7, 0, 0}, {0, 0, 7}, {1, 1, 1}}) {
        HostTensors tensors(Shape{3, 7, 384, 128, ScaleFormat::ue8m0_packed}, counts);
        tensors.fill_normal(9);
        ASSERT_NO_FATAL_FAILURE(expect_reference(tensors));
    }
    HostTensors many(Shape{700, 2, 64, 64, ScaleFormat::fp32}, std::vector<std::int32_t>(700, 1));
    many.fill_normal(10);
    ASSERT_NO_FATAL_FAILURE(expect_reference(many));
}

TEST_P(CpuKernel, StreamWritesEveryValidByteAndNoOther) {
    HostTensors tensors(Shape{3, 9, 224, 32, ScaleFormat::fp32}, {4, 0, 9});
    tensors.align_codes(0);
    for (std::uint16_t& x : tensors.input) x = 0x0101;
    const auto* codes = tensors.codes.data() + tensors.code_offset;
    run_cpu_stream(m_pool, GetParam(), tensors.view());
    for (std::size_t i = 0; i < 27 * 224 + 64; ++i) {
        const std::size_t row = i / 224;
        const bool valid = row < 27 && static_cast<std::int32_t>(row % 9) < tensors.counts[row / 9];
        ASSERT_EQ(codes[i] != kPoisonByte, valid) << "byte " << i;
    }
    for (const std::uint32_t word : tensors.scales) ASSERT_EQ(word, 0xFFFFFFFFU);
}

INSTANTIATE_TEST_SUITE_P(Isa, CpuKernel, testing::ValuesIn(test::kAllIsas),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST(CpuReferenceKernel, EqualsTheReferenceWithAnyNumberOfThreads) {
    for (const int threads : {1, 2, 5})
        for (const Numerics numerics : {Numerics::fp32, Numerics::bf16}) {
            ThreadPool pool(threads);
            HostTensors problem({.experts = 4,
                                 .max_tokens = 6,
                                 .hidden = 192,
                                 .group_size = 64,
                                 .scale_format = ScaleFormat::ue8m0_packed},
                                {6, 0, 1, 3});
            problem.fill_normal(16);
            run_cpu_reference(pool, numerics, problem.view());
            EXPECT_EQ(test::first_difference(problem, test::expected(problem, numerics)), "");
        }
}

class CpuIsaChoice : public testing::Test {
  protected:
    void SetUp() override {
        const char* value = std::getenv(kVariable);
        if (value != nullptr) m_before = value;
        m_was_set = value != nullptr;
    }
    void TearDown() override {
        if (m_was_set)
            setenv(kVariable, m_before.c_str(), 1);
        else
            unsetenv(kVariable);
    }
    static constexpr const char* kVariable = "MOESCOPE_CPU_ISA";

  private:
    std::string m_before;
    bool m_was_set = false;
};

TEST_F(CpuIsaChoice, BestByDefault) {
    unsetenv(kVariable);
    const CpuIsa best = choose_cpu_isa();
    EXPECT_TRUE(cpu_supports(best));
    for (const CpuIsa isa : test::kAllIsas) {
        const bool with_gathers = isa == CpuIsa::avx2gather || isa == CpuIsa::avx512gather;
        EXPECT_TRUE(isa <= best || with_gathers || !cpu_supports(isa)) << to_string(isa);
    }
    setenv(kVariable, "", 1);
    EXPECT_EQ(choose_cpu_isa(), best);  // measured once
}

TEST_F(CpuIsaChoice, HonoursTheEnvironment) {
    for (const CpuIsa isa : test::kAllIsas) {
        if (!cpu_supports(isa)) continue;
        setenv(kVariable, std::string(to_string(isa)).c_str(), 1);
        const CpuIsa chosen = choose_cpu_isa();
        if (isa == CpuIsa::avx2)
            EXPECT_TRUE(chosen == isa || chosen == CpuIsa::avx2gather) << to_string(chosen);
        else if (isa == CpuIsa::avx512)
            EXPECT_TRUE(chosen == isa || chosen == CpuIsa::avx512gather) << to_string(chosen);
        else
            EXPECT_EQ(chosen, isa);
    }
}

TEST_F(CpuIsaChoice, BadValueIsAnError) {
    setenv(kVariable, "sse9", 1);
    try {
        choose_cpu_isa();
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_STREQ(
            error.what(),
            "MOESCOPE_CPU_ISA=sse9: not an instruction set: use avx512bf16, avx512, avx512gather, avx2, "
            "avx2gather, scalar");
    }
}

}  // namespace
}  // namespace moescope
