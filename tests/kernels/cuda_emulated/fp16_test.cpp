// SPDX-License-Identifier: Apache-2.0
// fp16 input: the device's arithmetic over every gate, with ex2 and rcp off by as much as PTX allows, and the
// kernels' own source against the references, bit for bit where bf16 numerics are claimed.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "compare_on_host.h"
#include "compare_reference.cuh"
#include "emulated_launch.h"
#include "expect_exact.h"
#include "fill_adversarial.cuh"
#include "fill_normal.cuh"
#include "fp16_products.cuh"
#include "moescope/kernels/tolerance.h"
#include "silu_v3.cuh"

namespace moescope {
namespace {

using namespace cuda;
using test::expect_exact;
using test::HostTensors;
using test::label;
using Fp16 = silu_v3::ValuesOf<InputType::fp16>;

constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
constexpr std::uint32_t kGates = 65536;

bool is_nan(std::uint32_t bf16) {
    return (bf16 & 0x7FFFU) > 0x7F80U;
}
bool same(std::uint32_t a, std::uint32_t b) {
    return a == b || (is_nan(a) && is_nan(b));
}
std::uint32_t silu_bits(std::uint32_t gate) {
    return numerics::float_to_bf16(reference::silu_bf16(static_cast<std::uint16_t>(gate), InputType::fp16));
}

/// All that PTX promises: ex2 within 2 ulp, rcp within 1.
template <class Check>
void for_all_errors(Check&& check) {
    for (int exp2 = -2; exp2 <= 2; ++exp2)
        for (int reciprocal = -1; reciprocal <= 1; ++reciprocal) {
            emulator::set_approximation_errors(exp2, reciprocal);
            check(exp2, reciprocal);
        }
    emulator::set_approximation_errors(0, 0);
}

TEST(Fp16Silu, TheShortFormIsRightOrSaysThatItCannotTell) {
    for_all_errors([](int exp2, int reciprocal) {
        std::int64_t unsure = 0;
        for (std::uint32_t gate = 0; gate < kGates; ++gate) {
            if (device::any_very_negative(gate)) continue;
            const float silu = device::silu_approx(device::low_fp16(gate));
            if (device::any_tie(device::tie_distances(silu, 1.0F))) {
                ++unsure;
                continue;
            }
            ASSERT_TRUE(same(device::pack_bf16x2(silu, 0.0F), silu_bits(gate)))
                << "gate " << gate << ", ex2 off by " << exp2 << ", rcp by " << reciprocal;
        }
        // An eighth of the gates from 16 on, which are their own silu, and a few others.
        EXPECT_GT(unsure, 1536);
        EXPECT_LT(unsure, 1700);
    });
}

TEST(Fp16Silu, TheMarginIsNeeded) {
    // Without it some gates would come out wrong, depending on the hardware's error.
    std::int64_t wrong = 0;
    for_all_errors([&](int, int) {
        for (std::uint32_t gate = 0; gate < kGates; ++gate) {
            const float x = device::low_fp16(gate);
            if (device::any_very_negative(gate) || std::isnan(x) || std::fabs(x) > 16.0F) continue;
            wrong += same(device::pack_bf16x2(device::silu_approx(x), 0.0F), silu_bits(gate)) ? 0 : 1;
        }
    });
    EXPECT_GT(wrong, 0);
}

TEST(Fp16Silu, TiesAreSeenInEitherHalf) {
    const float middle = numerics::bits_float(0x3F808000U);
    const float beside = numerics::bits_float(0x3F807FFFU);
    const float far = numerics::bits_float(0x3F808010U);
    for (const float close : {middle, beside, -middle, -beside}) {
        EXPECT_TRUE(device::any_tie(device::tie_distances(close, far)));
        EXPECT_TRUE(device::any_tie(device::tie_distances(far, close)));
    }
    EXPECT_FALSE(device::any_tie(device::tie_distances(far, -far)));
    EXPECT_FALSE(device::any_tie(device::tie_distances(0.0F, -0.0F)));
    for (std::uint32_t low = 0; low < 65536; ++low) {
        const float value = numerics::bits_float(0x40000000U | low);
        const bool is_close = low >= 0x8000U - device::kTieMargin && low < 0x8000U + device::kTieMargin;
        ASSERT_EQ(device::any_tie(device::tie_distances(value, far)), is_close) << low;
        ASSERT_EQ(device::any_tie(device::tie_distances(far, value)), is_close) << low;
    }
}

TEST(Fp16Silu, TheLongWayIsRightForEveryGate) {
    for (std::uint32_t gate = 0; gate < kGates; ++gate) {
        const float silu = device::silu_in_double(device::low_fp16(gate));
        ASSERT_TRUE(same(device::pack_bf16x2(silu, 0.0F), silu_bits(gate))) << gate;
    }
}

TEST(Fp16Products, EveryGateInEveryPlaceOfALane) {
    constexpr std::uint16_t kUps[] = {0x3C00, 0x7BFF, 0xFBFF, 0x0001, 0x83FF,
                                      0x3555, 0x7C00, 0xFC00, 0x7E00, 0};
    for_all_errors([&](int exp2, int reciprocal) {
        std::size_t next_up = 0;
        for (std::uint32_t gate = 0; gate < kGates; ++gate) {
            std::uint16_t gates[8];
            std::uint16_t ups[8];
            for (std::uint32_t i = 0; i < 8; ++i) {
                gates[i] = static_cast<std::uint16_t>(i == gate % 8 ? gate : gate * 7 + i * 4099);
                ups[i] = kUps[next_up++ % std::size(kUps)];
            }
            const auto pairs = [](const std::uint16_t* v) {
                const auto pair = [&](int i) { return v[i] | static_cast<std::uint32_t>(v[i + 1]) << 16; };
                return device::Bytes16{pair(0), pair(2), pair(4), pair(6)};
            };
            const device::Bytes16 got = device::fp16_products(pairs(gates), pairs(ups));
            const std::uint32_t words[] = {got.x, got.y, got.z, got.w};
            for (std::uint32_t i = 0; i < 8; ++i) {
                const std::uint32_t want = numerics::float_to_bf16(
                    reference::silu_bf16(gates[i], InputType::fp16) * numerics::fp16_to_float(ups[i]));
                ASSERT_TRUE(same(words[i / 2] >> (i % 2 * 16) & 0xFFFFU, want))
                    << "gate " << gates[i] << " up " << ups[i] << ", ex2 off by " << exp2 << ", rcp by "
                    << reciprocal;
            }
        }
    });
}

TEST(Fp16Silu, TheFp32FormKeepsItsToleranceForEveryGate) {
    for_all_errors([](int, int) {
        for (std::uint32_t gate = 0; gate < kGates; ++gate) {
            const float x = device::low_fp16(gate);
            const double want = reference::silu_exact(static_cast<std::uint16_t>(gate), InputType::fp16);
            if (!std::isfinite(want) || x < numerics::kFp32SmallestGate) continue;
            const double got = static_cast<double>(device::silu_for_bf16(x));
            ASSERT_NEAR(got, want, numerics::kFp32ValueTolerance * 0.9 * std::fabs(want)) << x;
        }
    });
}

void expect_within_tolerance(const HostTensors& tensors) {
    const Verification verdict = judge(Numerics::fp32, test::compare_on_host(tensors, Numerics::fp32));
    EXPECT_TRUE(verdict.passed) << label(tensors) << ": " << verdict.note;
}

/// The same random problem by every kernel that reads fp16.
template <int kGroupSize>
void check_random(int problems) {
    std::mt19937_64 random(kGroupSize);
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    for (int i = 0; i < problems; ++i) {
        const Shape shape{.experts = between(1, i % 3 == 0 ? 80 : 6),
                          .max_tokens = between(1, 6),
                          .hidden = kGroupSize * between(1, 1024 / kGroupSize),
                          .group_size = kGroupSize,
                          .scale_format = kFormats[i % 3],
                          .input_type = InputType::fp16};
        const HostTensors input =
            test::make_tensors(shape, test::random_counts(shape, random), random(), i % 2 == 0);
        HostTensors tensors = input;
        test::run_silu_v3<kGroupSize, Fp16::Bf16>(tensors, static_cast<unsigned>(between(1, 4)), random());
        expect_exact(tensors);
        tensors = input;
        test::run_unfused<kGroupSize>(tensors, 7, random());
        expect_exact(tensors);
        tensors = input;
        test::run_silu_v3<kGroupSize, Fp16::Fp32>(tensors, 2, random());
        expect_within_tolerance(tensors);
    }
}

TEST(Fp16Kernels, RandomProblemsOfEveryGroupSize) {
    check_random<32>(12);
    check_random<64>(12);
    check_random<128>(15);
    check_random<256>(12);
}

HostTensors adversarial_tensors(std::int64_t group_size, ScaleFormat format, std::int32_t tokens) {
    const Shape shape{.experts = 3,
                      .max_tokens = tokens,
                      .hidden = 1024,
                      .group_size = group_size,
                      .scale_format = format,
                      .input_type = InputType::fp16};
    HostTensors tensors = test::make_tensors(shape, {tokens - 1, 0, tokens}, 1, false);
    std::int64_t number = 0;
    for (std::int64_t e = 0; e < shape.experts; ++e)
        for (std::int64_t t = 0; t < tensors.counts[static_cast<std::size_t>(e)]; ++t, ++number)
            for (std::int64_t c = 0; c < 2 * shape.hidden; ++c)
                tensors.input[static_cast<std::size_t>((e * tokens + t) * 2 * shape.hidden + c)] =
                    adversarial::input_bits(number, c, shape.hidden, group_size, InputType::fp16);
    return tensors;
}

template <int kGroupSize>
void check_adversarial(ScaleFormat format, std::int32_t tokens) {
    const HostTensors input = adversarial_tensors(kGroupSize, format, tokens);
    HostTensors tensors = input;
    test::run_silu_v3<kGroupSize, Fp16::Bf16>(tensors, 3, 5);
    expect_exact(tensors);
    tensors = input;
    test::run_unfused<kGroupSize>(tensors, 7, 3);
    expect_exact(tensors);
    tensors = input;
    test::run_silu_v3<kGroupSize, Fp16::Fp32>(tensors, 3, 5);
    expect_within_tolerance(tensors);
}

TEST(Fp16Kernels, AdversarialInput) {
    for (const ScaleFormat format : kFormats) {
        check_adversarial<32>(format, 100);  // every power of two
        check_adversarial<64>(format, 12);
        check_adversarial<128>(format, 24);
        check_adversarial<256>(format, 32);
    }
}

TEST(Fp16Kernels, TheDeviceFillsAsTheHostDoes) {
    const HostTensors want = adversarial_tensors(128, ScaleFormat::fp32, 5);
    HostTensors got = want;
    std::fill(got.input.begin(), got.input.end(), std::uint16_t{0x1234});
    const std::vector<std::int64_t> rows{0, 1, 2, 3, 10, 11, 12, 13, 14};
    const AdversarialProblem problem{.input = got.input.data(),
                                     .rows = rows.data(),
                                     .tokens = got.tokens(),
                                     .hidden = 1024,
                                     .group_size = 128,
                                     .type = InputType::fp16};
    emulator::launch({.blocks = 3, .threads = 256, .shared_bytes = 0}, 1,
                     [&] { fill_adversarial_kernel(problem); });
    for (const std::int64_t row : rows)
        for (std::int64_t i = row * 2048; i < (row + 1) * 2048; ++i)
            ASSERT_EQ(got.input[static_cast<std::size_t>(i)], want.input[static_cast<std::size_t>(i)]) << i;
}

TEST(Fp16Kernels, NormalValues) {
    constexpr std::size_t kVectors = 10000;
    std::vector<device::Bytes16> values(kVectors);
    emulator::launch({.blocks = 3, .threads = 256, .shared_bytes = 0}, 1, [&] {
        fill_normal_kernel(values.data(), InputType::fp16, static_cast<std::int64_t>(kVectors), 42);
    });
    double sum = 0.0;
    double squares = 0.0;
    for (const device::Bytes16& vector : values)
        for (const std::uint32_t pair : {vector.x, vector.y, vector.z, vector.w})
            for (const float value : {device::low_fp16(pair), device::high_fp16(pair)}) {
                sum += static_cast<double>(value);
                squares += static_cast<double>(value) * static_cast<double>(value);
            }
    EXPECT_NEAR(sum / (8.0 * kVectors), 0.0, 0.015);
    EXPECT_NEAR(squares / (8.0 * kVectors), 1.0, 0.015);
}

TEST(Fp16Kernels, TheDeviceJudgesAsTheHostDoes) {
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32})
        for (const ScaleFormat format : kFormats) {
            // Of the other convention: there is something to count.
            HostTensors tensors =
                test::reference_of(adversarial_tensors(64, format, 16),
                                   numerics == Numerics::bf16 ? Numerics::fp32 : Numerics::bf16);
            DifferenceCounters got = cleared_counters();
            const CompareProblem problem{.tensors = tensors.problem(),
                                         .group_size = 64,
                                         .format = format,
                                         .numerics = numerics,
                                         .input = InputType::fp16,
                                         .poison = kPoisonByte};
            emulator::launch({.blocks = 2, .threads = 256, .shared_bytes = 0}, 1,
                             [&] { compare_reference_kernel(problem, &got); });
            const Differences want = test::compare_on_host(tensors, numerics);
            EXPECT_GT(want.mismatched_codes, 0);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes), want.mismatched_codes);
            EXPECT_EQ(static_cast<std::int64_t>(got.distant_codes), want.distant_codes);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_scales), want.mismatched_scales);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes_bf16), want.mismatched_codes_bf16);
            EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes_fp32), want.mismatched_codes_fp32);
            EXPECT_EQ(static_cast<std::int64_t>(got.nonfinite_values), want.nonfinite_values);
            EXPECT_EQ(static_cast<std::int64_t>(got.unjudged_codes), want.unjudged_codes);
            EXPECT_NEAR(got.value_squares, want.value_squares, 1e-12 * want.value_squares);
            EXPECT_NEAR(got.error_squares, want.error_squares, 1e-12 * want.error_squares);
        }
}

}  // namespace
}  // namespace moescope
