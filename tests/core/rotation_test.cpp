// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/rotation.h"

#include <cstdlib>
#include <random>
#include <vector>

#include "moescope/analysis/metrics.h"
#include "support.h"

namespace moescope {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

TEST(Rotation, SeedCasesNeedNoSecondBuffer) {
    const Shape shape{256, 1024, 7168, 128, ScaleFormat::fp32};
    for (const std::int64_t n : {8, 16, 64, 512}) {
        const Rotation r = plan_rotation(shape, n, moved_bytes(shape, n * 256), 50 << 20, 16 * kGiB);
        EXPECT_EQ(r.sets, 1) << n;
        EXPECT_GE(r.reuse_over_cache, 4.0) << n;
        // But for what lies behind the last expert's rows where they are shifted: less than one expert.
        const std::int64_t tensors = shape.input_bytes() + shape.code_bytes() + shape.scale_bytes();
        EXPECT_GE(buffer_sizes(shape, r).total(), tensors);
        EXPECT_LE(buffer_sizes(shape, r).total(), tensors + shape.input_bytes() / shape.experts);
    }
}

TEST(Rotation, FullRowsTakeMoreSets) {
    const Shape shape{8, 8, 7168, 128, ScaleFormat::fp32};
    const Rotation r = plan_rotation(shape, 8, moved_bytes(shape, 64), 50 << 20, 16 * kGiB);
    EXPECT_EQ(r.windows, 1);
    EXPECT_GE(r.reuse_over_cache, 4.0);
}

TEST(Rotation, MemoryBoundIsKeptAndTold) {
    const Shape shape{256, 1024, 7168, 128, ScaleFormat::fp32};
    const Rotation r =
        plan_rotation(shape, 8, moved_bytes(shape, 8), 50 << 20, 16 * kGiB);  // all on one expert
    EXPECT_LE(buffer_sizes(shape, r).total(), 16 * kGiB);
    EXPECT_LT(r.reuse_over_cache, 4.0);
    EXPECT_GT(r.reuse_over_cache, 0.0);
}

TEST(Rotation, EverySlotStaysInsideItsBuffers) {
    std::mt19937_64 random(3);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    for (int i = 0; i < 3000; ++i) {
        const std::int64_t group = std::int64_t{32} << pick(0, 3);
        const Shape shape{pick(1, 300), pick(1, 300), group * pick(1, 40), group,
                          static_cast<ScaleFormat>(pick(0, 2))};
        const std::int64_t max_count = pick(0, shape.max_tokens);
        const Rotation r =
            plan_rotation(shape, max_count, moved_bytes(shape, pick(max_count, max_count * shape.experts)),
                          pick(0, 64) << 20, pick(0, 4) * kGiB);
        const BufferSizes sizes = buffer_sizes(shape, r);
        ASSERT_GE(r.windows, 1);
        ASSERT_GE(r.sets, 1);
        // The last valid row of the last expert in the last slot.
        const std::int64_t last_row = (shape.experts - 1) * shape.max_tokens +
                                      (r.windows - 1) * r.window_rows + std::max<std::int64_t>(max_count, 1);
        ASSERT_LE((r.sets - 1) * r.input_stride * 2 + last_row * shape.hidden * 4, sizes.input_bytes);
        ASSERT_LE((r.sets - 1) * r.code_stride + last_row * shape.hidden, sizes.code_bytes);
        // A kernel may read all rows, wherever its base has been shifted to.
        ASSERT_LE((r.sets - 1) * r.input_stride * 2 +
                      (shape.rows() + (r.windows - 1) * r.window_rows) * shape.hidden * 4,
                  sizes.input_bytes);
        // Windows of one expert do not overlap and stay in its rows.
        ASSERT_TRUE(r.windows == 1 || r.window_rows >= max_count);
        ASSERT_LE((r.windows - 1) * r.window_rows + max_count, shape.max_tokens);
        ASSERT_GE(r.input_stride * 2, shape.input_bytes());
        ASSERT_GE(r.code_stride, shape.code_bytes());
        ASSERT_GE(r.scale_stride * 4, shape.scale_bytes());
        ASSERT_EQ(r.window_rows % 8, 0);
    }
}

TEST(Rotation, EveryWindowOnceAndNeighboursFarApart) {
    for (const std::int64_t windows : {1, 2, 3, 8, 127, 128}) {
        Rotation r{.window_rows = 8, .windows = windows, .sets = 3};
        std::vector<std::int64_t> turn(static_cast<std::size_t>(windows), -1);
        for (std::int64_t slot = 0; slot < windows; ++slot) {
            ASSERT_EQ(r.first_row(slot) % r.window_rows, 0);
            const auto window = static_cast<std::size_t>(r.first_row(slot) / r.window_rows);
            ASSERT_LT(window, turn.size());
            ASSERT_EQ(turn[window], -1) << slot;
            turn[window] = slot;
            EXPECT_EQ(r.first_row(slot + windows), r.first_row(slot));
            EXPECT_EQ(r.set(slot + windows), 1);
            EXPECT_EQ(r.set(slot + 3 * windows), 0);
        }
        for (std::size_t window = 1; window < turn.size(); ++window)
            EXPECT_GE(std::abs(turn[window] - turn[window - 1]), (windows - 1) / 2) << windows;
    }
}

}  // namespace
}  // namespace moescope
