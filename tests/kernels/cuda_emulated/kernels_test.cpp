// SPDX-License-Identifier: Apache-2.0
// The CUDA kernels' own source against the references, bit for bit, on small shapes of every sort.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "compare_on_host.h"
#include "compare_reference.cuh"
#include "emulated_launch.h"
#include "expect_exact.h"
#include "fill_normal.cuh"
#include "stream41.cuh"

namespace moescope {
namespace {

using namespace cuda;
using test::expect_exact;
using test::HostTensors;
using test::label;
using test::run_silu_v2;

constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};

/// Random problems for one configuration; H is `steps` of `step` columns, between `min_steps` and
/// `max_steps`.
template <class Config>
void check_silu_v2(std::int64_t step, std::int64_t min_steps, std::int64_t max_steps, int problems) {
    std::mt19937_64 random(static_cast<std::uint64_t>(Config::kGroupSize * 100 + Config::kWarps));
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    for (int i = 0; i < problems; ++i) {
        const Shape shape{.experts = between(1, i % 4 == 0 ? 3 : 70),
                          .max_tokens = between(1, 5),
                          .hidden = step * between(min_steps, max_steps),
                          .group_size = Config::kGroupSize,
                          .scale_format = kFormats[i % 3]};
        HostTensors tensors =
            test::make_tensors(shape, test::random_counts(shape, random), random(), i % 2 == 0);
        ASSERT_NO_THROW(run_silu_v2<Config>(tensors, random())) << label(tensors);
        expect_exact(tensors);
    }
}

// Small grids, so that blocks take several tokens; the launch configurations of silu_v2.cu otherwise.
template <int kGroupSize, int kStages>
using Split = SiluV2Config<kGroupSize, 8, kStages, 7, 1>;
template <int kGroupSize>
using Whole = SiluV2Config<kGroupSize, 1, 2, 7, 1>;

TEST(SiluV2, OneWarpWholeRows) {
    check_silu_v2<Whole<32>>(32, 1, 20, 30);  // also chunks cut short
    check_silu_v2<Whole<64>>(64, 1, 10, 30);
    check_silu_v2<Whole<128>>(128, 1, 6, 30);
    check_silu_v2<Whole<256>>(256, 1, 4, 30);
}

TEST(SiluV2, EightWarpsSplitRows) {
    check_silu_v2<Split<32, 4>>(1024, 3, 4, 9);
    check_silu_v2<Split<64, 4>>(1024, 3, 4, 9);
    check_silu_v2<Split<128, 4>>(1024, 3, 5, 15);
    check_silu_v2<Split<256, 3>>(2048, 2, 3, 9);
}

TEST(SiluV2, MoreExpertsThanThreadsAndThanOffsets) {
    std::mt19937_64 random(5);
    for (const std::int64_t experts : {300, 1000, 4096, 4097, 9000, 65536}) {
        const Shape shape{.experts = experts, .max_tokens = 2, .hidden = 32, .group_size = 32};
        std::vector<std::int32_t> counts(static_cast<std::size_t>(experts), 0);
        for (int i = 0; i < 40; ++i)
            counts[random() % counts.size()] = 1 + static_cast<std::int32_t>(random() % 2);
        counts.back() = 2;
        HostTensors tensors = test::make_tensors(shape, counts, random(), false);
        run_silu_v2<SiluV2Config<32, 1, 2, 3, 1>>(tensors, random());
        expect_exact(tensors);
    }
}

TEST(SiluV2, RealGridOverFewerAndMoreTokensThanBlocks) {
    for (const std::int32_t each : {3, 1500}) {
        const Shape shape{.experts = 3, .max_tokens = each, .hidden = 64, .group_size = 64};
        HostTensors tensors = test::make_tensors(shape, {each, 0, each}, 9, false);
        run_silu_v2<SiluV2Config<64, 1, 2, 132 * 32, 1>>(tensors, 1);
        expect_exact(tensors);
    }
}

TEST(SiluV2, SharedMemoryFitsEverywhere) {
    for (const std::int64_t experts : {1, 256, 4096, 4097, 65536}) {
        EXPECT_LE((silu_v2_shared_bytes<Split<128, 4>>(experts)), 48 << 10);
        EXPECT_LE((silu_v2_shared_bytes<Split<256, 3>>(experts)), 48 << 10);
        EXPECT_LE(offset_buckets(experts, offset_shift(experts)), kMaxOffsets);
    }
}

/// `with_scales`: the stream that writes a word for each scale, too.
template <int kThreads, int kUnits, class Index>
void check_stream41(const Shape& shape, const std::vector<std::int32_t>& counts, bool listed,
                    bool with_scales = false) {
    HostTensors tensors = test::make_tensors(shape, counts, 3, false);
    std::vector<std::int64_t> rows;
    for (std::int64_t e = 0; e < shape.experts; ++e)
        for (std::int64_t t = 0; t < counts[static_cast<std::size_t>(e)]; ++t)
            rows.push_back(e * shape.max_tokens + t);
    const StreamProblem problem{.input = tensors.input.data(),
                                .codes = tensors.codes.data(),
                                .rows = listed ? rows.data() : nullptr,
                                .tokens = static_cast<std::int64_t>(rows.size()),
                                .hidden = shape.hidden};
    const std::int64_t units = problem.tokens * shape.hidden / 16;
    const auto blocks = static_cast<unsigned>((units + kThreads * kUnits - 1) / (kThreads * kUnits));
    const std::int64_t groups_per_word = shape.scale_format == ScaleFormat::ue8m0_packed ? 4 : 1;
    const StreamScales scales = StreamScales::of(shape, tensors.scales.data());
    const emulator::Traffic traffic =
        emulator::launch({.blocks = blocks, .threads = kThreads, .shared_bytes = 0}, 7, [&] {
            if (with_scales) {
                stream41_kernel<kThreads, kUnits, Index>(problem, scales);
            } else {
                stream41_kernel<kThreads, kUnits, Index>(problem);
            }
        });
    EXPECT_EQ(traffic.loaded_bytes, static_cast<std::uint64_t>(problem.tokens * shape.hidden * 4));
    EXPECT_EQ(traffic.stored_bytes, static_cast<std::uint64_t>(problem.tokens * shape.hidden));

    HostTensors expected = tensors;
    expected.poison();
    for (const std::int64_t row : rows) {
        const auto* from =
            reinterpret_cast<const std::uint8_t*>(tensors.input.data() + row * 2 * shape.hidden);
        for (std::int64_t i = 0; i < shape.hidden; ++i) {
            const std::uint8_t* const gate = from + i / 16 * 32 + i % 16;
            const std::uint8_t* const up = gate + 2 * shape.hidden;
            expected.codes[static_cast<std::size_t>(row * shape.hidden + i)] =
                static_cast<std::uint8_t>(gate[0] ^ gate[16] ^ up[0] ^ up[16]);
        }
        if (!with_scales) continue;
        // Each scale word of a valid row, and no other, holds the first codes of its columns.
        for (std::int64_t word = 0; word < shape.scale_words(); ++word) {
            const std::int64_t expert = row / shape.max_tokens;
            const std::int64_t at = expert * shape.max_tokens * shape.scale_words() +
                                    word * shape.max_tokens + row % shape.max_tokens;
            std::memcpy(&expected.scales[static_cast<std::size_t>(at)],
                        &expected.codes[static_cast<std::size_t>(row * shape.hidden +
                                                                 word * groups_per_word * shape.group_size)],
                        4);
        }
    }
    EXPECT_EQ(tensors.codes, expected.codes);
    EXPECT_EQ(tensors.scales, expected.scales);
}

TEST(Stream41, ReadsAndWritesEveryValidByteOnce) {
    const Shape shape{.experts = 5, .max_tokens = 9, .hidden = 224, .group_size = 32};
    check_stream41<64, 1, std::uint32_t>(shape, {0, 9, 1, 0, 4}, true);
    check_stream41<64, 4, std::uint32_t>(shape, {2, 0, 0, 9, 3}, true);
    check_stream41<128, 2, std::uint64_t>(shape, {9, 9, 9, 9, 9}, true);
    check_stream41<128, 2, std::uint32_t>(shape, {9, 9, 2, 0, 0}, false);
    check_stream41<64, 1, std::uint32_t>(shape, {0, 0, 0, 0, 0}, true);
}

TEST(Stream41, WritesAWordForEachScale) {
    Shape shape{.experts = 5, .max_tokens = 9, .hidden = 224, .group_size = 32};
    check_stream41<64, 1, std::uint32_t>(shape, {0, 9, 1, 0, 4}, true, true);
    check_stream41<64, 2, std::uint64_t>(shape, {9, 9, 2, 0, 0}, false, true);
    shape.scale_format = ScaleFormat::ue8m0_packed;  // seven groups: the last word is not full
    check_stream41<64, 1, std::uint32_t>(shape, {3, 0, 9, 1, 0}, true, true);
    shape = {.experts = 3, .max_tokens = 5, .hidden = 768, .group_size = 256};
    check_stream41<64, 1, std::uint32_t>(shape, {5, 0, 2}, true, true);
}

DifferenceCounters compare(HostTensors& tensors, Numerics numerics) {
    DifferenceCounters counters = cleared_counters();
    const CompareProblem problem{.tensors = tensors.problem(),
                                 .group_size = tensors.shape.group_size,
                                 .format = tensors.shape.scale_format,
                                 .numerics = numerics,
                                 .input = tensors.shape.input_type,
                                 .poison = kPoisonByte};
    emulator::launch({.blocks = 2, .threads = 256, .shared_bytes = 0}, 1,
                     [&] { compare_reference_kernel(problem, &counters); });
    return counters;
}

Shape compared_shape(std::int64_t group_size, ScaleFormat format) {
    return {.experts = 3, .max_tokens = 4, .hidden = 768, .group_size = group_size, .scale_format = format};
}

TEST(CompareOnDevice, FindsNothingInTheReferenceItself) {
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32})
        for (const std::int64_t group_size : {32, 64, 128, 256})
            for (const ScaleFormat format : kFormats) {
                const HostTensors tensors =
                    test::make_tensors(compared_shape(group_size, format), {4, 0, 3}, 11, group_size != 64);
                HostTensors right = test::reference_of(tensors, numerics);
                const DifferenceCounters counters = compare(right, numerics);
                EXPECT_EQ(counters.mismatched_codes, 0U) << label(right) << " " << to_string(numerics);
                EXPECT_EQ(counters.mismatched_scales, 0U) << label(right) << " " << to_string(numerics);
                EXPECT_EQ(counters.touched_past_counts, 0U);
                EXPECT_EQ(counters.first_row, kNoRow);
                EXPECT_EQ(counters.first_touched_row, kNoRow);
            }
}

TEST(CompareOnDevice, FindsEveryCorruption) {
    for (const ScaleFormat format : kFormats) {
        const HostTensors tensors = test::make_tensors(compared_shape(128, format), {4, 0, 3}, 12, false);
        const HostTensors right = test::reference_of(tensors, Numerics::bf16);
        const std::size_t hidden = 768;

        HostTensors wrong = right;
        wrong.codes[10 * hidden + 5] ^= 0x41;  // expert 2, token 2
        wrong.codes[9 * hidden + 700] ^= 0x01;
        DifferenceCounters counters = compare(wrong, Numerics::bf16);
        EXPECT_EQ(counters.mismatched_codes, 2U);
        EXPECT_EQ(counters.distant_codes, 1U);
        EXPECT_EQ(counters.mismatched_scales, 0U);
        EXPECT_EQ(counters.first_row, 9U);

        wrong = right;
        const std::size_t word =
            4 * static_cast<std::size_t>(tensors.shape.scale_words()) * 2 + 1;  // expert 2, token 1
        wrong.scales[word] ^= 0x1;
        counters = compare(wrong, Numerics::bf16);
        EXPECT_EQ(counters.mismatched_scales, 1U);
        EXPECT_EQ(counters.first_row, 9U);
        EXPECT_GT(numerics::bits_float(counters.max_scale_error_bits), 0.0F);

        wrong = right;
        wrong.codes[4 * hidden] = 0;        // expert 1 has no tokens
        wrong.codes[12 * hidden - 1] = 1;   // the very last code
        wrong.scales.back() = 0xFFFFFF00U;  // its scale word, one byte
        counters = compare(wrong, Numerics::bf16);
        EXPECT_EQ(counters.touched_past_counts, 3U);
        EXPECT_EQ(counters.first_touched_row, 4U);
        EXPECT_EQ(counters.first_row, kNoRow);
    }
}

TEST(CompareOnDevice, CountsAsTheHostDoes) {
    std::mt19937_64 random(99);
    for (int i = 0; i < 48; ++i) {
        const Numerics numerics = i % 2 == 0 ? Numerics::bf16 : Numerics::fp32;
        const std::int64_t group_size = std::int64_t{32} << (i / 2 % 4);
        HostTensors tensors =
            test::make_tensors(compared_shape(group_size, kFormats[i % 3]), {4, 0, 3}, random(), false);
        tensors = test::reference_of(tensors, numerics);
        for (int damage = 0; damage < 20; ++damage) {
            tensors.codes[random() % tensors.codes.size()] ^= static_cast<std::uint8_t>(1 << random() % 8);
            // Low bits too: differences that fp32 tolerates, and powers of two next to the right one.
            const int bit =
                tensors.shape.scale_format == ScaleFormat::fp32_ue8m0 ? 23 : static_cast<int>(random() % 32);
            tensors.scales[random() % tensors.scales.size()] ^= 1U << bit;
        }
        const Differences want = test::compare_on_host(tensors, numerics);
        const DifferenceCounters got = compare(tensors, numerics);
        EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes), want.mismatched_codes) << label(tensors);
        EXPECT_EQ(static_cast<std::int64_t>(got.distant_codes), want.distant_codes) << label(tensors);
        EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_scales), want.mismatched_scales) << label(tensors);
        EXPECT_EQ(static_cast<std::int64_t>(got.touched_past_counts), want.touched_past_counts)
            << label(tensors);
        EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes_bf16), want.mismatched_codes_bf16);
        EXPECT_EQ(static_cast<std::int64_t>(got.mismatched_codes_fp32), want.mismatched_codes_fp32);
        EXPECT_EQ(static_cast<std::int64_t>(got.clipped_values), want.clipped_values);
        EXPECT_EQ(static_cast<std::int64_t>(got.nonfinite_values), want.nonfinite_values);
        EXPECT_EQ(static_cast<std::int64_t>(got.unjudged_codes), want.unjudged_codes);
        EXPECT_NEAR(got.value_squares, want.value_squares, 1e-12 * want.value_squares);
        EXPECT_NEAR(got.error_squares, want.error_squares, 1e-12 * want.error_squares);
        const double error = static_cast<double>(numerics::bits_float(got.max_scale_error_bits));
        if (std::isinf(want.max_scale_error)) {
            EXPECT_TRUE(std::isinf(error));
        } else if (want.max_scale_error < 1e38) {  // beyond, a float is infinite
            EXPECT_NEAR(error, want.max_scale_error, 1e-6 * want.max_scale_error + 1e-9);
        }
    }
}

TEST(CompareOnDevice, TheOtherSideOfAPowerIsToleratedInFp32Only) {
    for (const ScaleFormat format : {ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed}) {
        // silu(128) is 128 and 128 * 3.5 is 448: the scale before rounding up is exactly 1.
        HostTensors tensors = test::make_tensors(compared_shape(128, format), {4, 0, 3}, 14, false);
        for (std::size_t row = 0; row < 12; ++row) {
            for (std::size_t column = 0; column < 768; column += 128) {
                tensors.input[row * 1536 + column] = numerics::float_to_bf16(128.0F);
                tensors.input[row * 1536 + 768 + column] = numerics::float_to_bf16(3.5F);
            }
        }
        const bool packed = format == ScaleFormat::ue8m0_packed;
        for (const Numerics numerics : {Numerics::fp32, Numerics::bf16})
            for (const int step : {1, -1}) {  // up is within the tolerance, down is not
                HostTensors moved = test::reference_of(tensors, numerics);
                moved.scales[0] += static_cast<std::uint32_t>(packed ? step : step * (1 << 23));
                const float scale = packed ? numerics::bits_float((moved.scales[0] & 0xFFU) << 23)
                                           : numerics::bits_float(moved.scales[0]);
                ASSERT_EQ(scale, step > 0 ? 2.0F : 0.5F);
                if (numerics == Numerics::fp32)
                    reference::encode_group(numerics, scale, moved.input.data(), moved.input.data() + 768,
                                            128, moved.codes.data());
                const DifferenceCounters on_device = compare(moved, numerics);
                const Differences on_host = test::compare_on_host(moved, numerics);
                EXPECT_EQ(on_device.mismatched_scales, 1U);
                EXPECT_EQ(static_cast<std::int64_t>(on_device.mismatched_codes), on_host.mismatched_codes);
                const double error =
                    static_cast<double>(numerics::bits_float(on_device.max_scale_error_bits));
                EXPECT_EQ(error, on_host.max_scale_error);
                EXPECT_EQ(error == 0.0, numerics == Numerics::fp32 && step > 0);
                EXPECT_EQ(judge(numerics, on_host).passed, numerics == Numerics::fp32 && step > 0);
            }
    }
}

TEST(CompareOnDevice, FindsWhatWasNeverWritten) {
    const HostTensors tensors =
        test::make_tensors(compared_shape(128, ScaleFormat::fp32), {1, 0, 0}, 13, false);
    HostTensors untouched = tensors;
    const DifferenceCounters counters = compare(untouched, Numerics::bf16);
    EXPECT_EQ(counters.mismatched_codes, 768U);
    EXPECT_EQ(counters.mismatched_scales, 6U);
    EXPECT_TRUE(std::isinf(numerics::bits_float(counters.max_scale_error_bits)));
}

TEST(FillNormal, IsStandardNormalAndTheSameForEveryGrid) {
    constexpr std::size_t kVectors = 20000;
    std::vector<device::Bytes16> values(kVectors);
    std::vector<device::Bytes16> again(kVectors);
    const auto fill = [](std::vector<device::Bytes16>& target, unsigned blocks, std::uint64_t key) {
        emulator::launch({.blocks = blocks, .threads = 256, .shared_bytes = 0}, 1, [&] {
            fill_normal_kernel(target.data(), InputType::bf16, static_cast<std::int64_t>(target.size()), key);
        });
    };
    fill(values, 7, 42);
    fill(again, 3, 42);
    double sum = 0.0;
    double squares = 0.0;
    double products = 0.0;
    std::int64_t beyond_two = 0;
    for (std::size_t i = 0; i < kVectors; ++i) {
        EXPECT_EQ(std::memcmp(&values[i], &again[i], 16), 0);
        for (const std::uint32_t pair : {values[i].x, values[i].y, values[i].z, values[i].w}) {
            const double a = static_cast<double>(device::low_bf16(pair));
            const double b = static_cast<double>(device::high_bf16(pair));
            sum += a + b;
            squares += a * a + b * b;
            products += a * b;
            beyond_two += (std::fabs(a) > 2.0 ? 1 : 0) + (std::fabs(b) > 2.0 ? 1 : 0);
        }
    }
    const double n = 8.0 * kVectors;
    EXPECT_NEAR(sum / n, 0.0, 0.01);
    EXPECT_NEAR(squares / n, 1.0, 0.01);
    EXPECT_NEAR(products / n * 2, 0.0, 0.01);
    EXPECT_NEAR(static_cast<double>(beyond_two) / n, 0.0455, 0.002);
    fill(again, 3, 43);
    EXPECT_NE(std::memcmp(values.data(), again.data(), kVectors * 16), 0);
}

TEST(Philox, KnownAnswer) {
    // Counter and key zero: the first line of the known answers that come with Random123.
    const device::Random4 random = device::philox(0, 0);
    EXPECT_EQ(random.word[0], 0x6627e8d5U);
    EXPECT_EQ(random.word[1], 0xe169c58dU);
    EXPECT_EQ(random.word[2], 0xbc57ac4cU);
    EXPECT_EQ(random.word[3], 0x9b00dbd8U);
}

}  // namespace
}  // namespace moescope
