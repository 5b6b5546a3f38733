// SPDX-License-Identifier: Apache-2.0
// silu_v3's own source against the references on small shapes of every sort: bit for bit where it claims
// bf16.

#include "silu_v3.cuh"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "compare_on_host.h"
#include "emulated_launch.h"
#include "expect_exact.h"
#include "moescope/kernels/verification.h"

namespace moescope {
namespace {

using namespace cuda;
using test::expect_exact;
using test::HostTensors;
using test::label;

constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};

std::int64_t between(std::mt19937_64& random, std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
}

/// Random problems; every second one of special values, and grids from one block to more warps than steps.
template <int kGroupSize>
void check_random(int problems) {
    std::mt19937_64 random(kGroupSize);
    for (int i = 0; i < problems; ++i) {
        const Shape shape{.experts = between(random, 1, i % 3 == 0 ? 80 : 6),
                          .max_tokens = between(random, 1, 6),
                          .hidden = kGroupSize * between(random, 1, 2048 / kGroupSize),
                          .group_size = kGroupSize,
                          .scale_format = kFormats[i % 3]};
        HostTensors tensors =
            test::make_tensors(shape, test::random_counts(shape, random), random(), i % 2 == 0);
        const auto blocks = static_cast<unsigned>(between(random, 1, i % 5 == 0 ? 60 : 3));
        ASSERT_NO_THROW(
            (test::run_silu_v3<kGroupSize, silu_v3::Bf16Values>(tensors, blocks, random(), i % 4 != 3)))
            << label(tensors);
        expect_exact(tensors);
    }
}

TEST(Divisor, DividesAsTheProcessorDoes) {
    std::mt19937_64 random(17);
    constexpr std::uint32_t kLargest = 0x7FFFFFFF;
    for (int i = 0; i < 20000; ++i) {
        // Of every magnitude, and next to multiples, where a wrong multiplier would show.
        const auto divisor =
            static_cast<std::uint32_t>(1 + random() % (1ULL << (1 + random() % 31))) & kLargest;
        if (divisor == 0) continue;
        const Divisor by(divisor);
        EXPECT_EQ(by.value(), divisor);
        const auto number = static_cast<std::uint32_t>(random()) & kLargest;
        const std::uint32_t multiple = number / divisor * divisor;
        for (const std::uint32_t n :
             {number, multiple, multiple + divisor - 1, multiple - 1, kLargest, 0U, 1U})
            if (n <= kLargest) {
                ASSERT_EQ(by.quotient(n), n / divisor) << n << " / " << divisor;
            }
    }
}

template <class Finder>
void check_ways(std::int64_t experts, bool first_rows) {
    std::mt19937_64 random(23);
    const Shape shape{.experts = experts, .max_tokens = 24, .hidden = 1152, .group_size = 128};
    const auto blocks = static_cast<unsigned>(experts * (first_rows ? 10 : 3));
    const SiluV3Grid grid{.blocks = blocks, .steady_blocks = blocks};
    HostTensors none =
        test::make_tensors(shape, std::vector<std::int32_t>(static_cast<std::size_t>(experts), 0), 1, false);
    using Config = SiluV3Config<128, ScaleFormat::fp32, silu_v3::Bf16Values, Finder, 2>;
    const auto launch = first_rows
                            ? SiluV3Launch::of<Config>(none.problem(), grid)
                            : SiluV3Launch::of<typename Config::WithoutFirstRows>(none.problem(), grid);
    EXPECT_EQ(launch.first_rows, first_rows ? 4 : 0);
    EXPECT_LT(launch.speculative_rows, first_rows ? launch.first_rows : 1);
    const int first = launch.first_rows;
    const int shared = first + launch.head_rows;
    ASSERT_GT(launch.head_rows, 1);
    ASSERT_LT(shared, 23);
    for (const int most : {launch.speculative_rows, first, first + 1, shared, shared + 1}) {
        std::vector<std::int32_t> counts(static_cast<std::size_t>(experts), 0);
        for (auto& count : counts)
            count = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(most + 1));
        counts[static_cast<std::size_t>(experts) / 2] = most;
        HostTensors tensors = test::make_tensors(shape, counts, random(), false);
        test::run_silu_v3<128, silu_v3::Bf16Values>(tensors, blocks, random(), first_rows);
        expect_exact(tensors);
    }
}

/// Few tokens and many, on either side of where the kernel changes its way.
TEST(SiluV3, EachWayOfFindingTokens) {
    for (const bool first_rows : {true, false}) {
        check_ways<FewExperts>(32, first_rows);
        check_ways<ManyExperts>(33, first_rows);
    }
}

struct Rows {
    std::int64_t first;
    std::int64_t speculative;
    bool operator==(const Rows&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Rows& rows) {
    return out << rows.first << " rows, " << rows.speculative << " of them speculative";
}

/// What is read before its count is known may not cost much where it turns out to hold nothing.
TEST(SiluV3, FirstRowsAreLimited) {
    const auto rows = []<class Finder>(const Finder&, std::int64_t experts, std::int64_t max_tokens,
                                       std::int64_t hidden, unsigned blocks) {
        const MaskedProblem problem{.experts = experts, .max_tokens = max_tokens, .hidden = hidden};
        using Config = SiluV3Config<128, ScaleFormat::fp32, silu_v3::Bf16Values, Finder>;
        const auto launch = SiluV3Launch::of<Config>(problem, {.blocks = blocks, .steady_blocks = blocks});
        EXPECT_EQ(launch.first_rows, SiluV3Launch::first_rows_of<Config>(problem, blocks));
        return Rows{launch.first_rows, launch.speculative_rows};
    };
    const FewExperts few{};
    const ManyExperts many{};
    EXPECT_EQ(rows(few, 8, 1024, 7168, 396), (Rows{9, 2}));  // two thirds of the warps; half a MiB
    EXPECT_EQ(rows(few, 8, 1024, 7168, 132), (Rows{4, 2}));  // four rows, if it takes all warps
    EXPECT_EQ(rows(few, 8, 1024, 7168, 99), (Rows{3, 2}));
    EXPECT_EQ(rows(few, 8, 3, 7168, 396), (Rows{3, 2}));       // behind the capacity is another expert's row
    EXPECT_EQ(rows(few, 1, 1024, 1024, 396), (Rows{528, 8}));  // 8 rows at most
    EXPECT_EQ(rows(few, 32, 1024, 32768, 396), (Rows{0, 0}));  // fewer warps than a row of all has steps
    EXPECT_EQ(rows(many, 64, 1024, 1024, 528), (Rows{11, 2}));
    EXPECT_EQ(rows(many, 64, 3, 1024, 528), (Rows{3, 2}));
    EXPECT_EQ(rows(many, 128, 1024, 128, 528), (Rows{22, 4}));  // 512 rows of all experts
    EXPECT_EQ(rows(many, 128, 1024, 2048, 528), (Rows{4, 1}));  // a first row may be 3 MiB
    EXPECT_EQ(rows(many, 128, 1024, 2304, 528), (Rows{1, 1}));  // too few of others for that to pay
    EXPECT_EQ(rows(many, 384, 1024, 2048, 528), (Rows{1, 1}));
    EXPECT_EQ(rows(many, 162, 1024, 5248, 528), (Rows{0, 0}));  // more than 3 MiB
    EXPECT_EQ(rows(many, 384, 1024, 2048, 264), (Rows{0, 0}));
}

/// Where there are no first rows, row 0 of each expert is asked for, but not what lies behind it: that no
/// address is wrong, the sanitizers tell.
TEST(SiluV3, RowsAheadOfTheCounts) {
    constexpr std::uint64_t kStep = 1024;  // bytes of a row that a warp asks for
    const auto prefetched = [](std::int64_t experts, std::int64_t max_tokens, std::int64_t hidden,
                               bool first_rows) {
        const Shape shape{.experts = experts, .max_tokens = max_tokens, .hidden = hidden, .group_size = 128};
        HostTensors tensors = test::make_tensors(
            shape, std::vector<std::int32_t>(static_cast<std::size_t>(experts), static_cast<int>(max_tokens)),
            1, false);
        const emulator::Traffic traffic =
            test::run_silu_v3<128, silu_v3::Bf16Values>(tensors, 20, 2, first_rows);
        expect_exact(tensors);
        return traffic.prefetched_bytes;
    };
    EXPECT_EQ(prefetched(33, 1, 128, false),
              33 * 128 * 4U);  // a row of half a step; the last one ends memory
    EXPECT_EQ(prefetched(5, 2, 1152, false), 5 * 1152 * 4U);  // four steps and a half
    EXPECT_EQ(prefetched(600, 1, 128, false), 40 * 512U);     // as many as there are warps
    EXPECT_EQ(prefetched(5, 2, 1152, true), 0U);
    EXPECT_EQ(prefetched(40, 0, 128, false), 0U);

    const MaskedProblem large{.experts = 384, .max_tokens = 1024, .hidden = 3072};
    using Config = SiluV3Config<128, ScaleFormat::fp32, silu_v3::Bf16Values, ManyExperts>;
    const auto launch =
        SiluV3Launch::of<Config::WithoutFirstRows>(large, {.blocks = 528, .steady_blocks = 396});
    EXPECT_EQ(launch.prefetched_steps * kStep, 3U << 20);
    EXPECT_EQ(SiluV3Launch::of<Config>(large, {.blocks = 528, .steady_blocks = 396}).prefetched_steps, 0U);
}

/// Threads take two experts each: an odd number, and the most there may be, with as many warps as on a
/// device.
TEST(SiluV3, CountsAnywhere) {
    std::mt19937_64 random(29);
    for (const std::int64_t experts :
         {33, 34, 35, 36, 63, 64, 65, 127, 128, 129, 256, 384, 509, 510, 511, 512, 513}) {
        for (const std::size_t shift : {0U, 1U, 2U, 3U}) {
            const Shape shape{.experts = experts, .max_tokens = 9, .hidden = 32, .group_size = 32};
            std::vector<std::int32_t> counts(static_cast<std::size_t>(experts), 0);
            for (int i = 0; i < 40; ++i)
                counts[random() % counts.size()] = static_cast<std::int32_t>(random() % 10);
            counts.back() = 9;
            HostTensors tensors = test::make_tensors(shape, counts, random(), false);
            // Neither what lies before nor what lies behind them may count.
            std::vector<std::int32_t> shifted(counts.size() + 8, 7);
            const auto to = shifted.begin() + 4 + static_cast<std::ptrdiff_t>(shift);
            std::copy(counts.begin(), counts.end(), to);
            test::run_silu_v3<32, silu_v3::Bf16Values, 8>(tensors, 2, random(), shift % 2 == 0, &*to);
            expect_exact(tensors);
        }
    }
}

TEST(SiluV3, RandomProblemsOfGroups32) {
    check_random<32>(40);
}
TEST(SiluV3, RandomProblemsOfGroups64) {
    check_random<64>(40);
}
TEST(SiluV3, RandomProblemsOfGroups128) {
    check_random<128>(60);
}
TEST(SiluV3, RandomProblemsOfGroups256) {
    check_random<256>(40);
}

TEST(SiluV3, LaunchConfigurations) {
    const Shape shape{.experts = 40, .max_tokens = 9, .hidden = 1408, .group_size = 128};
    std::mt19937_64 random(3);
    for (int i = 0; i < 4; ++i) {
        HostTensors tensors = test::make_tensors(shape, test::random_counts(shape, random), random(), false);
        const HostTensors untouched = tensors;
        test::run_silu_v3<128, silu_v3::Bf16Values, 8>(tensors, 2, random());
        expect_exact(tensors);
        tensors = untouched;
        test::run_silu_v3<128, silu_v3::Bf16Values, 1>(tensors, 3, random());
        expect_exact(tensors);
    }
}

TEST(SiluV3, ManyExpertsAndLongUnits) {
    std::mt19937_64 random(5);
    for (const std::int64_t experts : {31, 32, 33, 64, 300, 512, 513, 1025, 4096, 5000}) {
        const Shape shape{.experts = experts, .max_tokens = 40, .hidden = 32, .group_size = 32};
        std::vector<std::int32_t> counts(static_cast<std::size_t>(experts), 0);
        for (int i = 0; i < 20; ++i)
            counts[random() % counts.size()] = static_cast<std::int32_t>(random() % 41);
        counts.back() = 2;
        HostTensors tensors = test::make_tensors(shape, counts, random(), false);
        test::run_silu_v3<32, silu_v3::Bf16Values>(tensors, 3, random());
        expect_exact(tensors);
    }
    const Shape wide{.experts = 2, .max_tokens = 50, .hidden = 7168, .group_size = 128};
    HostTensors tensors = test::make_tensors(wide, {50, 31}, 7, false);
    test::run_silu_v3<128, silu_v3::Bf16Values>(tensors, 2, 8);
    expect_exact(tensors);
}

TEST(SiluV3, NothingToDo) {
    for (const std::int64_t experts : {1, 100}) {
        const Shape shape{.experts = experts, .max_tokens = 4, .hidden = 256, .group_size = 128};
        HostTensors tensors = test::make_tensors(
            shape, std::vector<std::int32_t>(static_cast<std::size_t>(experts), 0), 1, false);
        test::run_silu_v3<128, silu_v3::Bf16Values>(tensors, 3, 2);
        expect_exact(tensors);
    }
}

TEST(SiluV3, ApproximationsMayBeOff) {
    const Shape shape{.experts = 3, .max_tokens = 12, .hidden = 512, .group_size = 64};
    for (const auto& [exp2, reciprocal] : {std::pair{-2, 1}, std::pair{2, -1}, std::pair{-2, -1}}) {
        emulator::set_approximation_errors(exp2, reciprocal);
        HostTensors tensors = test::make_tensors(shape, {12, 7, 12}, 11, true);
        test::run_silu_v3<64, silu_v3::Bf16Values>(tensors, 2, 5);
        emulator::set_approximation_errors(0, 0);
        expect_exact(tensors);
    }
}

TEST(SiluV3, Fp32IsWithinItsTolerance) {
    std::mt19937_64 random(9);
    for (int i = 0; i < 12; ++i) {
        const Shape shape{.experts = i % 2 == 0 ? 3 : 50,
                          .max_tokens = 6,
                          .hidden = 128 * between(random, 1, 12),
                          .group_size = 128,
                          .scale_format = kFormats[i % 3]};
        HostTensors tensors = test::make_tensors(shape, test::random_counts(shape, random), random(), false);
        test::run_silu_v3<128, silu_v3::Fp32Values>(tensors, 2, random());
        const Verification verdict = judge(Numerics::fp32, test::compare_on_host(tensors, Numerics::fp32));
        EXPECT_TRUE(verdict.passed) << label(tensors) << ": " << verdict.note;
    }
}

}  // namespace
}  // namespace moescope
