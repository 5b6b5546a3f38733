// SPDX-License-Identifier: Apache-2.0
// That the patterns are what their names say, and that the CPU's kernels get them right.

#include "moescope/kernels/adversarial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "../core/support.h"
#include "adversarial_input.h"
#include "masked_tensor.h"
#include "moescope/kernels/cpu_backend.h"
#include "moescope/kernels/tolerance.h"

namespace moescope {
namespace {

using adversarial::Column;
using adversarial::Pattern;
using test::HostTensors;

constexpr std::int64_t kGroup = 32;

struct Group {
    std::vector<std::uint16_t> gate, up;
    float gate_at(std::size_t i) const { return numerics::bf16_to_float(gate[i]); }
    float up_at(std::size_t i) const { return numerics::bf16_to_float(up[i]); }
    float product(std::size_t i) const { return reference::silu_fp32(gate[i]) * up_at(i); }
    float scale(Numerics numerics) const {
        std::vector<std::uint8_t> codes(gate.size());
        return reference::quantize_group(numerics, false, gate.data(), up.data(), kGroup, codes.data());
    }
    bool all_products_finite() const {
        for (std::size_t i = 0; i < gate.size(); ++i)
            if (!std::isfinite(product(i))) return false;
        return true;
    }
};

Group group_of(Pattern pattern, std::int64_t variation) {
    Group group;
    for (std::int64_t i = 0; i < kGroup; ++i) {
        const Column c = adversarial::column_of(
            variation * adversarial::kPatterns + static_cast<std::int64_t>(pattern), i, kGroup);
        group.gate.push_back(c.gate);
        group.up.push_back(c.up);
    }
    return group;
}

/// How many of the columns of the first `variations` groups of a pattern are so.
template <class Predicate>
std::int64_t count(Pattern pattern, std::int64_t variations, Predicate is_so) {
    std::int64_t counted = 0;
    for (std::int64_t v = 0; v < variations; ++v) {
        const Group group = group_of(pattern, v);
        for (std::size_t i = 0; i < kGroup; ++i) counted += is_so(group, i) ? 1 : 0;
    }
    return counted;
}

TEST(Patterns, ZerosAndDenormals) {
    const auto is_zero = [](std::uint16_t bits) { return (bits & 0x7FFF) == 0; };
    const auto is_denormal = [&](std::uint16_t bits) { return (bits & 0x7F80) == 0 && !is_zero(bits); };
    EXPECT_EQ(count(Pattern::zeros, 30, [](const Group& g, std::size_t i) { return g.product(i) != 0.0F; }),
              0);
    for (const std::uint16_t zero : {std::uint16_t{0x0000}, std::uint16_t{0x8000}}) {
        EXPECT_GT(count(Pattern::zeros, 30, [&](const Group& g, std::size_t i) { return g.gate[i] == zero; }),
                  99);
        EXPECT_GT(count(Pattern::zeros, 30, [&](const Group& g, std::size_t i) { return g.up[i] == zero; }),
                  99);
    }
    EXPECT_EQ(count(Pattern::denormals, 40,
                    [&](const Group& g, std::size_t i) {
                        return !is_denormal(g.gate[i]) && !is_denormal(g.up[i]);
                    }),
              0);
    // Products that are no denormals any more: what flushes gates to zero shows.
    EXPECT_GT(count(Pattern::denormals, 40,
                    [&](const Group& g, std::size_t i) {
                        return is_denormal(g.gate[i]) && std::fabs(g.product(i)) > 1e-6F;
                    }),
              50);
}

TEST(Patterns, InfinitiesAndNotANumbers) {
    for (const Pattern pattern :
         {Pattern::infinite_gate, Pattern::infinite_up, Pattern::nan_gate, Pattern::nan_up}) {
        const bool in_gate = pattern == Pattern::infinite_gate || pattern == Pattern::nan_gate;
        const bool infinite = pattern == Pattern::infinite_gate || pattern == Pattern::infinite_up;
        std::set<bool> signs;
        for (std::int64_t v = 0; v < 40; ++v) {
            const Group group = group_of(pattern, v);
            std::int64_t special = 0;
            for (std::size_t i = 0; i < kGroup; ++i) {
                const float value = in_gate ? group.gate_at(i) : group.up_at(i);
                EXPECT_TRUE(std::isfinite(in_gate ? group.up_at(i) : group.gate_at(i)));
                if (infinite ? !std::isinf(value) : !std::isnan(value)) continue;
                ++special;
                signs.insert(std::signbit(value));
            }
            EXPECT_EQ(special, v % 4 == 3 ? kGroup : 1);
        }
        EXPECT_EQ(signs.size(), 2U);
    }
}

TEST(Patterns, ScalesOnAndNextToEveryPowerOfTwo) {
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        std::map<int, int> on;
        std::map<int, int> above;
        std::map<int, int> below;
        for (std::int64_t v = 0; v < adversarial::kPowerVariations; ++v) {
            const Group group = group_of(Pattern::powers_of_two, v);
            ASSERT_TRUE(group.all_products_finite());
            const float scale = group.scale(numerics);
            int exponent = 0;
            const float half_to_one = std::frexp(scale, &exponent);
            if (half_to_one == 0.5F) ++on[exponent - 1];
            if (half_to_one > 0.5F && half_to_one < 0.51F) ++above[exponent - 1];
            if (half_to_one > 0.98F) ++below[exponent];
        }
        // Below there is the floor, 1e-10 / 448 = 2^-41.9; above the largest finite product.
        for (int exponent = -41; exponent <= 119; ++exponent) {
            EXPECT_GT(on[exponent], 0) << exponent << to_string(numerics);
            EXPECT_GT(above[exponent], 0) << exponent << to_string(numerics);
            EXPECT_GT(below[exponent], 0) << exponent << to_string(numerics);
        }
    }
}

TEST(Patterns, OneHugeValueMakesTheOthersZeros) {
    for (std::int64_t v = 0; v < 130; ++v) {
        const Group group = group_of(Pattern::one_huge_value, v);
        std::vector<std::uint8_t> codes(kGroup);
        reference::quantize_group(Numerics::bf16, false, group.gate.data(), group.up.data(), kGroup,
                                  codes.data());
        int others = 0;
        for (const std::uint8_t code : codes) others += (code & 0x7F) == 0 ? 1 : 0;
        EXPECT_EQ(others, kGroup - 1);
    }
}

TEST(Patterns, GatesAndUpsAtTheirEnds) {
    EXPECT_GT(
        count(Pattern::tie_gates, 20, [](const Group& g, std::size_t i) { return g.gate_at(i) == -0x1p-8F; }),
        400);
    EXPECT_GT(count(Pattern::very_negative_gates, 20,
                    [](const Group& g, std::size_t i) { return g.gate_at(i) < -80.0F; }),
              400);
    EXPECT_EQ(count(Pattern::negative_times_huge, 20,
                    [](const Group& g, std::size_t i) { return g.gate_at(i) >= -80.0F; }),
              0);
    EXPECT_GT(count(Pattern::negative_times_huge, 20,
                    [](const Group& g, std::size_t i) { return std::fabs(g.product(i)) > 1e-10F; }),
              20);
    EXPECT_EQ(count(Pattern::huge_ups, 20,
                    [](const Group& g, std::size_t i) { return std::fabs(g.up_at(i)) < 0x1p60F; }),
              0);
    const auto is_largest = [](const Group& g, std::size_t i) {
        return (g.gate[i] & 0x7FFF) == adversarial::kLargest || (g.up[i] & 0x7FFF) == adversarial::kLargest;
    };
    EXPECT_EQ(count(Pattern::largest_finite, 24, is_largest), 24 * kGroup);
    EXPECT_GT(count(Pattern::largest_finite, 24,
                    [](const Group& g, std::size_t i) { return std::isinf(g.product(i)); }),
              100);
    EXPECT_GT(count(Pattern::largest_finite, 24,
                    [](const Group& g, std::size_t i) { return std::isfinite(g.product(i)); }),
              100);
    std::set<float> scales;
    for (std::int64_t v = 0; v < 20; ++v)
        scales.insert(group_of(Pattern::scale_floor, v).scale(Numerics::bf16));
    EXPECT_GE(scales.size(), 4U);
    EXPECT_TRUE(scales.contains(numerics::scale_bf16(0.0F)));
    for (const float scale : scales) EXPECT_LT(scale, 1.05F * numerics::scale_bf16(0.0F));
}

TEST(Patterns, AreTheSameWhateverTheThreads) {
    const Shape shape{.experts = 3, .max_tokens = 7, .hidden = 512, .group_size = 64};
    HostTensors one(shape, {5, 0, 7});
    HostTensors four = one;
    ThreadPool single(1);
    ThreadPool several(4);
    fill_adversarial(single, shape, one.counts, one.input.data());
    fill_adversarial(several, shape, four.counts, four.input.data());
    EXPECT_EQ(one.input, four.input);
    EXPECT_EQ(one.input[5 * 1024], 0);  // past counts
    EXPECT_EQ(one.input[14 * 1024 + 700], adversarial::input_bits(5, 700, 512, 64));
    EXPECT_EQ(one.input[14 * 1024 + 70], adversarial::input_bits(5, 70, 512, 64));
}

TEST(AdversarialInput, EveryInstructionSetIsExact) {
    ThreadPool pool(2);
    for (const CpuIsa isa : test::kAllIsas) {
        if (!cpu_supports(isa)) continue;
        for (const std::int64_t group_size : {32, 64, 128, 256})
            for (const ScaleFormat format :
                 {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed}) {
                HostTensors tensors({.experts = 2,
                                     .max_tokens = 100,
                                     .hidden = 1024,
                                     .group_size = group_size,
                                     .scale_format = format},
                                    {100, 37});
                fill_adversarial(pool, tensors.shape, tensors.counts, tensors.input.data());
                run_cpu_quantize(pool, isa, tensors.view());
                EXPECT_EQ(test::first_difference(tensors, test::expected(tensors)), "")
                    << to_string(isa) << " G=" << group_size << " " << to_string(format);
            }
    }
}

class AdversarialBackend : public ::testing::Test {
  protected:
    AdversarialBackend() {
        Selection s = test::small_selection({40});
        s.strategies = {parse_strategy("even")};
        s.hidden = {1024};
        s.kernels = {"cpu", "reference", "reference_fp32"};
        Device device = cpu_device();
        device.cache_bytes = 0;  // nothing is timed: one slot will do
        m_plan = make_plan(s, device, cpu_kernels());
        m_backend->reserve(m_plan.buffers);
    }
    void begin(InputKind kind) {
        m_backend->choose_input(kind);
        const PlannedCase& planned = m_plan.cases.front();
        m_backend->begin_case(planned.c, planned.counts, planned.rotation);
    }
    Plan m_plan;
    std::unique_ptr<Backend> m_backend = open_cpu_backend();
};

TEST_F(AdversarialBackend, KernelsPassAndSpecialValuesAreSeen) {
    begin(InputKind::adversarial);
    for (const char* kernel : {"cpu", "reference", "reference_fp32"}) {
        const Verification v = m_backend->verify(kernel, {});
        EXPECT_TRUE(v.passed) << kernel << ": " << v.note;
        EXPECT_GT(v.nonfinite_values, 0);
        EXPECT_EQ(v.unjudged_codes > 0, std::string(kernel) == "reference_fp32");
    }
    begin(InputKind::normal);
    const Verification v = m_backend->verify("cpu", {});
    EXPECT_TRUE(v.passed) << v.note;
    EXPECT_EQ(v.nonfinite_values, 0);
    EXPECT_LT(v.relative_error.value_or(1.0), 0.03);
}

TEST_F(AdversarialBackend, ACaseMustBeginAnewForAnotherInput) {
    begin(InputKind::normal);
    m_backend->choose_input(InputKind::adversarial);
    test::expect_error([&] { m_backend->verify("cpu", {}); }, {"no case"});
}

TEST_F(AdversarialBackend, AStopRequestEndsTheComparison) {
    begin(InputKind::normal);
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(m_backend->verify("reference", stop.get_token()).values, 0);  // no token was compared
}

TEST_F(AdversarialBackend, TheRunnerVerifiesWithIt) {
    for (const InputKind kind : {InputKind::normal, InputKind::adversarial}) {
        test::Record record;
        SweepOptions options;
        options.verify_only = true;
        options.input = kind;
        EXPECT_EQ(run_sweep(m_plan, *m_backend, options, record, {}), SweepEnd::completed);
        ASSERT_EQ(record.results.size(), 3U);
        for (const Result& r : record.results) {
            EXPECT_EQ(r.status, Status::ok) << r.error;
            EXPECT_EQ(r.verification.nonfinite_values > 0, kind == InputKind::adversarial);
        }
    }
}

}  // namespace
}  // namespace moescope
