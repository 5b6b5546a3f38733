// SPDX-License-Identifier: Apache-2.0
// The CUDA kernels' own source on the patterns of adversarial.h: bit for bit where bf16 is claimed,
// infinities and not-a-numbers included; for fp32 by the rules, and what it does where there are none.

#include "moescope/kernels/adversarial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "compare_on_host.h"
#include "compare_reference.cuh"
#include "emulated_launch.h"
#include "expect_exact.h"
#include "fill_adversarial.cuh"
#include "silu_v3.cuh"

namespace moescope {
namespace {

using namespace cuda;
using adversarial::Pattern;
using test::expect_exact;
using test::HostTensors;

constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
constexpr std::int64_t kHidden = 1024;

HostTensors adversarial_tensors(std::int64_t group_size, ScaleFormat format, std::int32_t tokens) {
    const Shape shape{.experts = 3,
                      .max_tokens = tokens,
                      .hidden = kHidden,
                      .group_size = group_size,
                      .scale_format = format};
    HostTensors tensors = test::make_tensors(shape, {tokens - 1, 0, tokens}, 1, false);
    std::int64_t number = 0;
    for (std::int64_t e = 0; e < shape.experts; ++e)
        for (std::int64_t t = 0; t < tensors.counts[static_cast<std::size_t>(e)]; ++t, ++number)
            for (std::int64_t c = 0; c < 2 * kHidden; ++c)
                tensors.input[static_cast<std::size_t>((e * tokens + t) * 2 * kHidden + c)] =
                    adversarial::input_bits(number, c, kHidden, group_size);
    return tensors;
}

/// Each kernel on the same input, which shows `tokens` rows of groups.
template <int kGroupSize>
void check_bf16_kernels(ScaleFormat format, std::int32_t tokens) {
    const HostTensors input = adversarial_tensors(kGroupSize, format, tokens);
    HostTensors tensors = input;
    test::run_silu_v2<SiluV2Config<kGroupSize, 1, 2, 7, 1>>(tensors, 1);
    expect_exact(tensors);
    tensors = input;
    test::run_silu_v3<kGroupSize, silu_v3::Bf16Values>(tensors, 3, 5);
    expect_exact(tensors);
    tensors = input;
    test::run_unfused<kGroupSize>(tensors, 7, 3);
    expect_exact(tensors);
}

TEST(Adversarial, Bf16KernelsAreExactOnEveryPattern) {
    for (const ScaleFormat format : kFormats) {
        check_bf16_kernels<32>(format, 8);
        check_bf16_kernels<64>(format, 12);
        check_bf16_kernels<128>(format, 24);
        check_bf16_kernels<256>(format, 32);
    }
}

TEST(Adversarial, Bf16KernelsAreExactOnEveryPowerOfTwo) {
    const std::int64_t groups = std::int64_t{adversarial::kPatterns} * adversarial::kPowerVariations;
    const auto tokens = static_cast<std::int32_t>(groups / (kHidden / 32) / 2 + 1);
    check_bf16_kernels<32>(ScaleFormat::fp32, tokens);
    check_bf16_kernels<32>(ScaleFormat::ue8m0_packed, tokens);
}

TEST(Adversarial, TheDeviceFillsAsTheHostDoes) {
    const HostTensors want = adversarial_tensors(128, ScaleFormat::fp32, 5);
    HostTensors got = want;
    std::fill(got.input.begin(), got.input.end(), std::uint16_t{0x1234});
    std::vector<std::int64_t> rows{0, 1, 2, 3, 10, 11, 12, 13, 14};
    const AdversarialProblem problem{.input = got.input.data(),
                                     .rows = rows.data(),
                                     .tokens = got.tokens(),
                                     .hidden = kHidden,
                                     .group_size = 128};
    emulator::launch({.blocks = 3, .threads = 256, .shared_bytes = 0}, 1,
                     [&] { fill_adversarial_kernel(problem); });
    ASSERT_EQ(got.tokens(), 9);
    for (std::int64_t row = 0; row < 15; ++row) {
        const bool valid = std::find(rows.begin(), rows.end(), row) != rows.end();
        for (std::int64_t i = row * 2 * kHidden; i < (row + 1) * 2 * kHidden; ++i)
            ASSERT_EQ(got.input[static_cast<std::size_t>(i)],
                      valid ? want.input[static_cast<std::size_t>(i)] : 0x1234)
                << row;
    }
}

TEST(Adversarial, TheDeviceJudgesAsTheHostDoes) {
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32})
        for (const ScaleFormat format : kFormats) {
            HostTensors tensors = test::reference_of(adversarial_tensors(64, format, 16), Numerics::bf16);
            DifferenceCounters got = cleared_counters();
            const CompareProblem problem{.tensors = tensors.problem(),
                                         .group_size = 64,
                                         .format = format,
                                         .numerics = numerics,
                                         .poison = kPoisonByte};
            emulator::launch({.blocks = 2, .threads = 256, .shared_bytes = 0}, 1,
                             [&] { compare_reference_kernel(problem, &got); });
            const Differences want = test::compare_on_host(tensors, numerics);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes), want.mismatched_codes);
            EXPECT_EQ(static_cast<std::int64_t>(got.distant_codes), want.distant_codes);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_scales), want.mismatched_scales);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes_bf16), want.mismatched_codes_bf16);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes_fp32), want.mismatched_codes_fp32);
            EXPECT_EQ(static_cast<std::int64_t>(got.clipped_values), want.clipped_values);
            EXPECT_EQ(static_cast<std::int64_t>(got.nonfinite_values), want.nonfinite_values);
            EXPECT_EQ(static_cast<std::int64_t>(got.unjudged_codes), want.unjudged_codes);
            EXPECT_EQ(want.unjudged_codes > 0, numerics == Numerics::fp32);
            EXPECT_NEAR(got.value_squares, want.value_squares, 1e-12 * want.value_squares);
            EXPECT_NEAR(got.error_squares, want.error_squares, 1e-12 * want.error_squares);
        }
}

TEST(Adversarial, SiluV3InFp32KeepsTheRules) {
    for (const ScaleFormat format : kFormats) {
        HostTensors tensors = adversarial_tensors(64, format, 400);
        test::run_silu_v3<64, silu_v3::Fp32Values>(tensors, 3, 5);
        const Differences found = test::compare_on_host(tensors, Numerics::fp32);
        const Verification verdict = judge(Numerics::fp32, found);
        EXPECT_TRUE(verdict.passed) << to_string(format) << ": " << verdict.note << " ("
                                    << verdict.mismatched_codes << " codes, " << found.distant_codes
                                    << " distant, scale error " << verdict.max_scale_error << ")";
        EXPECT_GT(verdict.unjudged_codes, 0);
        EXPECT_LT(verdict.unjudged_codes, verdict.values / 2);
    }
}

/// Groups that are not judged, against the fp32 reference all the same.
struct Unjudged {
    std::int64_t groups = 0;
    std::int64_t of_other_scale = 0;         ///< bits differ
    std::int64_t of_other_codes = 0;         ///< with an infinite scale
    std::int64_t finite_of_other_codes = 0;  ///< with the same, finite scale
    double largest_scale_error = 0.0;        ///< of finite groups
};

Unjudged look_at_unjudged(const HostTensors& got, const HostTensors& want) {
    Unjudged found;
    const Shape& s = got.shape;
    for (std::int64_t e = 0; e < s.experts; ++e)
        for (std::int64_t t = 0; t < got.counts[static_cast<std::size_t>(e)]; ++t)
            for (std::int64_t g = 0; g < s.groups(); ++g) {
                const std::int64_t row = e * s.max_tokens + t;
                const std::int64_t column = g * s.group_size;
                const std::uint16_t* gate = got.input.data() + row * 2 * s.hidden + column;
                bool judged = true;
                for (std::int64_t i = 0; i < s.group_size; ++i)
                    judged = judged &&
                             numerics::is_judged_for_fp32(
                                 numerics::bf16_to_float(gate[i]),
                                 reference::silu_fp32(gate[i]) * numerics::bf16_to_float(gate[s.hidden + i]));
                if (judged) continue;
                ++found.groups;
                const auto word = static_cast<std::size_t>((e * s.scale_words() + g) * s.max_tokens + t);
                const float scale = numerics::bits_float(want.scales[word]);
                const bool same_scale = got.scales[word] == want.scales[word];
                found.of_other_scale += same_scale ? 0 : 1;
                const auto first = static_cast<std::size_t>(row * s.hidden + column);
                const bool same_codes = std::memcmp(got.codes.data() + first, want.codes.data() + first,
                                                    static_cast<std::size_t>(s.group_size)) == 0;
                if (std::isinf(scale)) {
                    found.of_other_codes += same_codes ? 0 : 1;
                    continue;
                }
                found.finite_of_other_codes += same_codes || !same_scale ? 0 : 1;
                const double error =
                    std::fabs(static_cast<double>(numerics::bits_float(got.scales[word])) / scale - 1.0);
                found.largest_scale_error = std::max(found.largest_scale_error, error);
            }
    return found;
}

// What docs/numerics.md says of silu_v3_fp32 where no rule covers it.
TEST(Adversarial, SiluV3InFp32OnWhatIsNotJudged) {
    for (const ScaleFormat format : {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0}) {
        HostTensors tensors = adversarial_tensors(64, format, 400);
        const HostTensors want = test::reference_of(tensors, Numerics::fp32);
        test::run_silu_v3<64, silu_v3::Fp32Values>(tensors, 3, 5);
        const Unjudged found = look_at_unjudged(tensors, want);
        EXPECT_GT(found.groups, 1000);
        // The scale keeps its tolerance wherever it is a number.
        EXPECT_LE(found.largest_scale_error, numerics::kFp32ScaleTolerance);
        EXPECT_LE(found.finite_of_other_codes * 100, found.groups);  // ties
        if (format == ScaleFormat::fp32) {
            EXPECT_EQ(found.of_other_codes, 0);
        } else {
            EXPECT_EQ(found.of_other_scale, 0);
            // The inverse of an infinite power of two is not taken for zero: codes there mean nothing.
            EXPECT_GT(found.of_other_codes, 0);
        }
    }
}

}  // namespace
}  // namespace moescope
