// SPDX-License-Identifier: Apache-2.0
// fp16 input on the host: conversions, references, the adversarial patterns and the CPU's kernels.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "../core/support.h"
#include "adversarial_input.h"
#include "masked_tensor.h"
#include "moescope/kernels/adversarial.h"
#include "moescope/kernels/cpu_backend.h"
#include "random_input.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using adversarial::Column;
using adversarial::Pattern;
using test::HostTensors;

constexpr std::uint32_t kValues = 65536;
constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};

/// From the definition of the format: five exponent bits with bias 15, ten mantissa bits.
double fp16_value(std::uint32_t bits) {
    const int exponent = static_cast<int>(bits >> 10 & 0x1FU);
    const int mantissa = static_cast<int>(bits & 0x3FFU);
    const double magnitude =
        exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

TEST(Fp16, EveryValueIsConvertedExactly) {
    for (std::uint32_t bits = 0; bits < kValues; ++bits) {
        const float value = numerics::fp16_to_float(static_cast<std::uint16_t>(bits));
        if ((bits & 0x7FFFU) > 0x7C00U) {
            ASSERT_TRUE(std::isnan(value));
        } else if ((bits & 0x7FFFU) == 0x7C00U) {
            ASSERT_TRUE(std::isinf(value));
        } else {
            ASSERT_EQ(static_cast<double>(value), fp16_value(bits)) << bits;
        }
        ASSERT_EQ(std::signbit(value), (bits & 0x8000U) != 0);
        ASSERT_EQ(numerics::float_to_fp16(value), std::isnan(value) ? 0x7FFFU : bits);
    }
}

TEST(Fp16, RoundsToNearestEven) {
    // Between every two neighbours: a quarter, the middle, three quarters; and next to the middle.
    for (std::uint32_t bits = 0; bits < 0x7C00; ++bits) {
        const double low = fp16_value(bits);
        const double step = bits == 0x7BFF ? 32.0 : fp16_value(bits + 1) - low;
        const auto rounded = [&](double share) {
            return static_cast<std::uint32_t>(
                numerics::float_to_fp16(static_cast<float>(low + share * step)));
        };
        ASSERT_EQ(rounded(0.25), bits);
        ASSERT_EQ(rounded(0.75), bits + 1);
        ASSERT_EQ(rounded(0.5), bits + bits % 2) << bits;
        const auto middle = static_cast<float>(low + 0.5 * step);
        ASSERT_EQ(numerics::float_to_fp16(std::nextafter(middle, 0.0F)), bits);
        ASSERT_EQ(numerics::float_to_fp16(std::nextafter(middle, 1e9F)), bits + 1);
        ASSERT_EQ(numerics::float_to_fp16(-std::nextafter(middle, 1e9F)), 0x8000U + bits + 1);
    }
    EXPECT_EQ(numerics::float_to_fp16(1e30F), 0x7C00);
    EXPECT_EQ(numerics::float_to_fp16(1e-30F), 0);
    EXPECT_EQ(numerics::float_to_fp16(-1e-40F), 0x8000);
}

TEST(Fp16, SiluTablesHoldTheFunction) {
    for (std::uint32_t bits = 0; bits < kValues; ++bits) {
        const auto gate = static_cast<std::uint16_t>(bits);
        const float x = numerics::fp16_to_float(gate);
        const float silu = reference::silu(x);
        if (std::isnan(silu)) {
            ASSERT_TRUE(std::isnan(reference::silu_bf16(gate, InputType::fp16)));
            continue;
        }
        ASSERT_EQ(reference::silu_fp32(gate, InputType::fp16), silu);
        ASSERT_EQ(reference::silu_bf16(gate, InputType::fp16), numerics::round_bf16(silu));
        if (!std::isfinite(x)) continue;
        const long double exact =
            static_cast<long double>(x) / (1.0L + std::exp(-static_cast<long double>(x)));
        ASSERT_EQ(reference::silu_bf16(gate, InputType::fp16),
                  numerics::round_bf16(static_cast<float>(exact)))
            << x;
    }
}

TEST(Fp16, GroupByHand) {
    std::vector<std::uint16_t> gate(32, numerics::float_to_fp16(64.0F));  // silu(64) is 64
    std::vector<std::uint16_t> up(32, 0);
    up[0] = numerics::float_to_fp16(7.0F);            // v = 448
    up[1] = numerics::float_to_fp16(-1.0009765625F);  // 64.0625 in fp32; bf16 has 64
    std::vector<std::uint8_t> codes(32);
    const float fp32 = reference::quantize_group(Numerics::fp32, false, gate.data(), up.data(), 32,
                                                 codes.data(), InputType::fp16);
    EXPECT_EQ(fp32, 1.0F);
    EXPECT_EQ(codes[0], 0x7E);
    EXPECT_EQ(codes[1], 0xE8);  // -64
    const float bf16 = reference::quantize_group(Numerics::bf16, true, gate.data(), up.data(), 32,
                                                 codes.data(), InputType::fp16);
    EXPECT_EQ(bf16, numerics::round_bf16(448.0F * 0x1.24p-9F));
    EXPECT_EQ(codes[0], 0x7E);
    EXPECT_EQ(codes[1], 0xE8);
    // The product is rounded once, from its exact value: 1.0009765625 x 33.25 = 33.282..., bf16 33.25.
    gate.assign(32, numerics::float_to_fp16(33.25F));
    up.assign(32, numerics::float_to_fp16(1.0009765625F));
    const float scale = reference::quantize_group(Numerics::bf16, false, gate.data(), up.data(), 32,
                                                  codes.data(), InputType::fp16);
    EXPECT_EQ(scale, numerics::scale_bf16(33.25F));
}

struct Group {
    std::vector<float> gate, up;
    std::vector<std::uint16_t> gate_bits, up_bits;
    float product(std::size_t i) const { return reference::silu_fp32(gate_bits[i], InputType::fp16) * up[i]; }
    float scale(Numerics numerics) const {
        std::vector<std::uint8_t> codes(gate.size());
        return reference::quantize_group(numerics, false, gate_bits.data(), up_bits.data(),
                                         static_cast<std::int64_t>(gate.size()), codes.data(),
                                         InputType::fp16);
    }
};

Group group_of(Pattern pattern, std::int64_t variation) {
    Group group;
    for (std::int64_t i = 0; i < 32; ++i) {
        const Column c = adversarial::column_of(
            variation * adversarial::kPatterns + static_cast<std::int64_t>(pattern), i, 32, InputType::fp16);
        group.gate_bits.push_back(c.gate);
        group.up_bits.push_back(c.up);
        group.gate.push_back(numerics::fp16_to_float(c.gate));
        group.up.push_back(numerics::fp16_to_float(c.up));
    }
    return group;
}

template <class Predicate>
std::int64_t count(Pattern pattern, std::int64_t variations, Predicate is_so) {
    std::int64_t counted = 0;
    for (std::int64_t v = 0; v < variations; ++v) {
        const Group group = group_of(pattern, v);
        for (std::size_t i = 0; i < 32; ++i) counted += is_so(group, i) ? 1 : 0;
    }
    return counted;
}

TEST(Fp16Patterns, ZerosDenormalsInfinitiesAndNotANumbers) {
    const auto in_gate = [](auto is_so) {
        return [=](const Group& g, std::size_t i) { return is_so(g.gate[i]); };
    };
    const auto in_up = [](auto is_so) {
        return [=](const Group& g, std::size_t i) { return is_so(g.up[i]); };
    };
    const auto is_denormal = [](float x) { return x != 0.0F && std::fabs(x) < 0x1p-14F; };
    const auto is_inf = [](float x) { return std::isinf(x); };
    const auto is_nan = [](float x) { return std::isnan(x); };
    EXPECT_EQ(count(Pattern::zeros, 30, [](const Group& g, std::size_t i) { return g.product(i) != 0.0F; }),
              0);
    EXPECT_GT(count(Pattern::denormals, 40, in_gate(is_denormal)), 800);
    EXPECT_GT(count(Pattern::denormals, 40, in_up(is_denormal)), 500);
    EXPECT_GT(count(Pattern::denormals, 40,
                    [&](const Group& g, std::size_t i) {
                        return is_denormal(g.gate[i]) && std::fabs(g.product(i)) > 1e-3F;
                    }),
              50);
    // Ten groups of all, thirty of one.
    EXPECT_EQ(count(Pattern::infinite_gate, 40, in_gate(is_inf)), 10 * 32 + 30);
    EXPECT_EQ(count(Pattern::infinite_up, 40, in_up(is_inf)), 10 * 32 + 30);
    EXPECT_EQ(count(Pattern::nan_gate, 40, in_gate(is_nan)), 10 * 32 + 30);
    EXPECT_EQ(count(Pattern::nan_up, 40, in_up(is_nan)), 10 * 32 + 30);
}

TEST(Fp16Patterns, ScalesOnAndNextToEveryPowerOfTwo) {
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        std::set<int> on;
        std::set<int> above;
        std::set<int> below;
        for (std::int64_t v = 0; v < adversarial::kFp16PowerVariations; ++v) {
            const float scale = group_of(Pattern::powers_of_two, v).scale(numerics);
            int exponent = 0;
            const float half_to_one = std::frexp(scale, &exponent);
            if (half_to_one == 0.5F) on.insert(exponent - 1);
            if (half_to_one > 0.5F && half_to_one < 0.51F) above.insert(exponent - 1);
            if (half_to_one > 0.98F) below.insert(exponent);
        }
        // Ups from 2^-14 to 2^15: scales of 1.75 x 64 x 2^e / 448 = 2^(e - 2).
        for (int exponent = -16; exponent <= 13; ++exponent) {
            EXPECT_TRUE(on.contains(exponent)) << exponent << to_string(numerics);
            EXPECT_TRUE(above.contains(exponent)) << exponent << to_string(numerics);
            EXPECT_TRUE(below.contains(exponent)) << exponent << to_string(numerics);
        }
    }
}

TEST(Fp16Patterns, GatesAndUpsAtTheirEnds) {
    for (std::int64_t v = 0; v < 36; ++v) {
        const Group group = group_of(Pattern::one_huge_value, v);
        int large = 0;
        for (std::size_t i = 0; i < 32; ++i) large += std::fabs(group.product(i)) >= 0x1p20F ? 1 : 0;
        EXPECT_EQ(large, 1);
    }
    EXPECT_GT(count(Pattern::tie_gates, 20,
                    [](const Group& g, std::size_t i) {
                        const float silu = reference::silu_fp32(g.gate_bits[i], InputType::fp16);
                        const auto low = static_cast<int>(numerics::float_bits(silu) & 0xFFFFU);
                        return std::abs(low - 0x8000) <= 1;
                    }),
              400);
    EXPECT_GT(count(Pattern::very_negative_gates, 20,
                    [](const Group& g, std::size_t i) { return g.gate[i] < -32.0F; }),
              400);
    EXPECT_EQ(count(Pattern::negative_times_huge, 20,
                    [](const Group& g, std::size_t i) { return g.gate[i] >= -32.0F || g.up[i] == 0.0F; }),
              0);
    // Above the floor of the scales.
    EXPECT_GT(count(Pattern::negative_times_huge, 20,
                    [](const Group& g, std::size_t i) { return std::fabs(g.product(i)) > 1e-10F; }),
              20);
    EXPECT_EQ(count(Pattern::huge_ups, 20,
                    [](const Group& g, std::size_t i) { return std::fabs(g.up[i]) < 0x1p13F; }),
              0);
    EXPECT_EQ(count(Pattern::largest_finite, 24,
                    [](const Group& g, std::size_t i) {
                        return std::fabs(g.gate[i]) == 65504.0F || std::fabs(g.up[i]) == 65504.0F;
                    }),
              24 * 32);
    std::set<float> scales;
    for (std::int64_t v = 0; v < 28; ++v)
        scales.insert(group_of(Pattern::scale_floor, v).scale(Numerics::bf16));
    EXPECT_GE(scales.size(), 2U);
    EXPECT_TRUE(scales.contains(numerics::scale_bf16(0.0F)));
    for (const float scale : scales) EXPECT_LT(scale, 1.05F * numerics::scale_bf16(0.0F));
}

class Fp16Cpu : public testing::TestWithParam<CpuIsa> {
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
            << to_string(problem.shape.scale_format);
    }
    ThreadPool m_pool{3};
};

Shape fp16_shape(Shape shape) {
    shape.input_type = InputType::fp16;
    return shape;
}

TEST_P(Fp16Cpu, RandomShapesCountsAndFormats) {
    std::mt19937_64 random(21);
    for (int round = 0; round < 120; ++round) {
        Shape shape = fp16_shape(test::random_shape(random));
        if (round % 8 == 0) shape.hidden = 2048 + shape.group_size;  // more than a block
        HostTensors problem(shape, test::random_counts(random, shape));
        problem.align_codes(round % 3 == 0 ? 0 : round % 3 == 1 ? 32 : 1);
        if (round % 4 == 3) {
            problem.fill_bits(random());
        } else {
            problem.fill_normal(random(), round % 4 == 0 ? 1.0F : round % 4 == 1 ? 20.0F : 1e-3F);
        }
        ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
    }
}

TEST_P(Fp16Cpu, EveryGate) {
    // One row of four groups for each gate: codes have four significant bits, but next to a second value that
    // fixes the scale the thresholds between them move with it, and tell neighbouring products apart.
    const Shape shape = fp16_shape({.experts = 1, .max_tokens = kValues, .hidden = 128, .group_size = 32});
    HostTensors problem(shape, {kValues});
    for (int mantissa = 0; mantissa < 128; mantissa += 12) {
        for (std::uint32_t gate = 0; gate < kValues; ++gate) {
            std::uint16_t* const row = problem.input.data() + gate * 256;
            const float silu = reference::silu_fp32(static_cast<std::uint16_t>(gate), InputType::fp16);
            int exponent = 1;
            if (std::isfinite(silu) && silu != 0.0F) std::frexp(silu, &exponent);
            const int up = std::min(15, std::max(-14, 1 - exponent));  // brings silu near 1
            for (int group = 0; group < 4; ++group) {
                row[group * 32] = static_cast<std::uint16_t>(gate);
                row[128 + group * 32] = numerics::float_to_fp16(std::ldexp(1.0F, up));
                const float value = 2.0F + static_cast<float>(mantissa + group) / 64.0F;
                row[group * 32 + 1] = numerics::float_to_fp16(64.0F);
                row[128 + group * 32 + 1] = numerics::float_to_fp16(value / 64.0F);
            }
        }
        problem.poison();
        ASSERT_NO_FATAL_FAILURE(expect_reference(problem)) << mantissa;
    }
}

TEST_P(Fp16Cpu, AdversarialInput) {
    for (const std::int64_t group_size : {32, 64, 128, 256})
        for (const ScaleFormat format : kFormats) {
            HostTensors problem(fp16_shape({.experts = 2,
                                            .max_tokens = 100,
                                            .hidden = 1024,
                                            .group_size = group_size,
                                            .scale_format = format}),
                                {100, 37});
            fill_adversarial(m_pool, problem.shape, problem.counts, problem.input.data());
            ASSERT_NO_FATAL_FAILURE(expect_reference(problem));
        }
}

INSTANTIATE_TEST_SUITE_P(Isa, Fp16Cpu, testing::ValuesIn(test::kAllIsas),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST(Fp16Input, NormalValuesAreOfTheType) {
    ThreadPool pool(2);
    std::vector<std::uint16_t> values(100'000);
    fill_random_normal(pool, values.data(), static_cast<std::int64_t>(values.size()), 3, InputType::fp16);
    double sum = 0.0;
    double squares = 0.0;
    int beyond_bf16 = 0;  // what bf16 could not hold
    for (const std::uint16_t bits : values) {
        const float value = numerics::fp16_to_float(bits);
        ASSERT_NE(value, 0.0F);
        sum += value;
        squares += static_cast<double>(value) * value;
        beyond_bf16 += numerics::round_bf16(value) != value ? 1 : 0;
    }
    EXPECT_NEAR(sum / 1e5, 0.0, 0.02);
    EXPECT_NEAR(squares / 1e5, 1.0, 0.02);
    EXPECT_GT(beyond_bf16, 50'000);
}

TEST(Fp16Backend, TypesMayChangeFromCaseToCase) {
    Selection s = test::small_selection({0, 17, 64});
    s.input_types = {InputType::fp16, InputType::bf16};
    s.scale_formats = {ScaleFormat::fp32, ScaleFormat::ue8m0_packed};
    s.kernels = {"cpu", "reference", "reference_fp32", "stream41"};
    // Explicit cases come after those of the axes, in their own order.
    Case c;
    c.shape = fp16_shape({.experts = 2, .max_tokens = 8, .hidden = 256, .group_size = 128});
    c.total_tokens = 9;
    c.strategy = parse_strategy("even");
    s.cases.push_back(c);
    Device device = cpu_device();
    device.cache_bytes = 0;  // nothing is timed: one slot will do
    const Plan plan = make_plan(s, device, cpu_kernels());
    EXPECT_TRUE(plan.skipped.empty());
    const auto backend = open_cpu_backend();
    for (const InputKind kind : {InputKind::normal, InputKind::adversarial}) {
        test::Record record;
        SweepOptions options;
        options.verify_only = true;
        options.input = kind;
        run_sweep(plan, *backend, options, record, {});
        ASSERT_EQ(record.results.size(), static_cast<std::size_t>(plan.cells()));
        for (const Result& r : record.results) {
            EXPECT_EQ(r.status, Status::ok) << case_label(r.c) << ' ' << r.kernel << ": " << r.error;
            if (kind == InputKind::normal) {
                EXPECT_LT(r.verification.relative_error.value_or(0.0), 0.03)
                    << case_label(r.c) << ' ' << r.kernel;
            }
        }
    }
}

}  // namespace
}  // namespace moescope
