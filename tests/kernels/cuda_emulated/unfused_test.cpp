// SPDX-License-Identifier: Apache-2.0
// The two kernels of `unfused` against the reference, bit for bit, on small shapes of every sort.

#include <gtest/gtest.h>

#include "emulated_launch.h"

namespace moescope {
namespace {

using namespace cuda;
using test::HostTensors;

template <int kGroupSize>
void check(const Shape& shape, const std::vector<std::int32_t>& counts, unsigned blocks, std::uint64_t seed) {
    HostTensors tensors = test::make_tensors(shape, counts, seed, seed % 2 == 0);
    test::run_unfused<kGroupSize>(tensors, blocks, seed);
    const HostTensors expected = test::reference_of(tensors, Numerics::bf16);
    EXPECT_EQ(tensors.codes, expected.codes) << "G=" << kGroupSize << " H=" << shape.hidden;
    EXPECT_EQ(tensors.scales, expected.scales) << "G=" << kGroupSize << " H=" << shape.hidden;
}

template <int kGroupSize>
void check_random(int problems) {
    constexpr ScaleFormat kFormats[] = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0,
                                        ScaleFormat::ue8m0_packed};
    std::mt19937_64 random(kGroupSize);
    const auto between = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    for (int i = 0; i < problems; ++i) {
        // Up to two tiles, the last one cut short.
        const Shape shape{.experts = between(1, i % 4 == 0 ? 3 : 70),
                          .max_tokens = between(1, 4),
                          .hidden = kGroupSize * between(1, i % 5 == 0 ? 4096 / kGroupSize : 6),
                          .group_size = kGroupSize,
                          .scale_format = kFormats[i % 3]};
        check<kGroupSize>(shape, test::random_counts(shape, random), i % 2 == 0 ? 7 : 40, random());
    }
}

TEST(Unfused, EveryGroupSizeAndFormat) {
    check_random<32>(18);
    check_random<64>(18);
    check_random<128>(18);
    check_random<256>(18);
}

TEST(Unfused, MoreExpertsThanBuckets) {
    std::mt19937_64 random(5);
    for (const std::int64_t experts : {255, 256, 257, 1000, 4097}) {
        const Shape shape{.experts = experts, .max_tokens = 2, .hidden = 64, .group_size = 32};
        std::vector<std::int32_t> counts(static_cast<std::size_t>(experts), 0);
        for (int i = 0; i < 30; ++i)
            counts[random() % counts.size()] = 1 + static_cast<std::int32_t>(random() % 2);
        counts.back() = 2;
        check<32>(shape, counts, 3, random());
    }
    EXPECT_EQ(unfused::bucket_shift(65536), 8);
}

}  // namespace
}  // namespace moescope
