// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "architectures.h"
#include "kernel_table.h"
#include "moescope/error.h"
#include "replay_plan.h"

namespace moescope::cuda {
namespace {

TEST(ReplayPlan, HotCasesAndSingleSlotsFillOneGraph) {
    const ReplayPlan slow = plan_replays(1, 2000.0);
    EXPECT_EQ(slow.launches, kMinLaunches);
    EXPECT_EQ(slow.segments, 1);
    const ReplayPlan fast = plan_replays(1, 0.5);
    EXPECT_EQ(fast.launches, kMaxLaunches);
    EXPECT_EQ(plan_replays(1, 6.0).launches, 100);
}

TEST(ReplayPlan, FewSlotsAreGoneThroughInWholeTurns) {
    const ReplayPlan plan = plan_replays(3, 1000.0);
    EXPECT_EQ(plan.launches, 3);
    EXPECT_EQ(plan.segments, 1);
    EXPECT_EQ(plan.slot(0, 2, 3), 2);
    EXPECT_EQ(plan_replays(3, 60.0).launches, 9);
    EXPECT_EQ(plan_replays(87, 5.0).launches, 87);
}

/// Launches between two uses of one slot, over several turns of all segments: the shortest.
std::int64_t shortest_reuse(const ReplayPlan& plan, std::int64_t slots) {
    std::vector<std::int64_t> last(static_cast<std::size_t>(slots), -1);
    std::int64_t shortest = 1 << 30;
    std::int64_t now = 0;
    for (int turn = 0; turn < 3; ++turn)
        for (std::int64_t segment = 0; segment < plan.segments; ++segment)
            for (int launch = 0; launch < plan.launches; ++launch, ++now) {
                std::int64_t& previous = last[static_cast<std::size_t>(plan.slot(segment, launch, slots))];
                if (previous >= 0) shortest = std::min(shortest, now - previous);
                previous = now;
            }
    return shortest;
}

TEST(ReplayPlan, LongerReplaysOnRequest) {
    EXPECT_EQ(plan_replays(1, 6.0, 30000.0).launches, 5000);
    EXPECT_EQ(plan_replays(1, 0.5, 30000.0).launches, 50 * kMaxLaunches);

    constexpr const char* kVariable = "MOESCOPE_REPLAY_US";
    EXPECT_EQ(replay_us_from_environment(), kReplayUs);
    setenv(kVariable, "30000", 1);
    EXPECT_EQ(replay_us_from_environment(), 30000.0);
    for (const char* bad : {"599", "2e6", "30ms", "-1", "nan"}) {
        setenv(kVariable, bad, 1);
        try {
            replay_us_from_environment();
            ADD_FAILURE() << bad;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(kVariable), std::string::npos) << error.what();
            EXPECT_NE(std::string(error.what()).find("from 600 to 1000000"), std::string::npos)
                << error.what();
        }
    }
    unsetenv(kVariable);
}

TEST(ReplayPlan, SlotsRestAsLongAsTheRotationMeansThemTo) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 2000; ++i) {
        const auto slots = static_cast<std::int64_t>(1 + random() % 3000);
        const ReplayPlan plan = plan_replays(slots, 0.5 + static_cast<double>(random() % 1000));
        EXPECT_GE(plan.launches, kMinLaunches);
        EXPECT_LE(plan.launches, kMaxLaunches);
        EXPECT_GE(shortest_reuse(plan, slots), slots - plan.segments + 1) << slots;
        EXPECT_LE(plan.segments, slots);
    }
}

TEST(Architectures, MachineCodeRunsOnItsGenerationOnly) {
    EXPECT_TRUE(has_code_for("80-real;90-real", 8, 0));
    EXPECT_TRUE(has_code_for("80-real;90-real", 8, 9));
    EXPECT_FALSE(has_code_for("86-real", 8, 0));
    EXPECT_FALSE(has_code_for("80-real,90-real", 10, 0));
    EXPECT_FALSE(has_code_for("80-real", 7, 5));
    EXPECT_TRUE(has_code_for("120-real", 12, 1));
}

TEST(Architectures, PtxRunsOnWhatIsNewer) {
    EXPECT_TRUE(has_code_for("80-real,90", 10, 0));
    EXPECT_TRUE(has_code_for("90-virtual", 12, 0));
    EXPECT_FALSE(has_code_for("90-virtual", 8, 9));
    EXPECT_TRUE(has_code_for("90a", 9, 0));
    EXPECT_FALSE(has_code_for("90a", 10, 0));
    EXPECT_FALSE(has_code_for("", 9, 0));
    EXPECT_FALSE(has_code_for("nonsense", 9, 0));
    EXPECT_TRUE(has_code_for("native", 9, 0));
}

TEST(Architectures, ThisBuildHasSome) {
    bool some = false;
    for (const auto& [major, minor] : {std::pair{8, 0}, {8, 6}, {8, 9}, {9, 0}, {10, 0}, {12, 0}})
        some = some || has_code_for(built_architectures(), major, minor);
    EXPECT_TRUE(some) << built_architectures();
}

TEST(KernelTable, KnowsItsKernels) {
    EXPECT_TRUE(find_kernel("silu_v2").traits.is_operation);
    EXPECT_TRUE(find_kernel("triton").traits.in_default_set);
    EXPECT_EQ(find_kernel("unfused").traits.scratch_bytes_per_output, 2);
    for (const char* stream : {"stream41", "stream41_scales"})
        EXPECT_FALSE(find_kernel(stream).traits.is_operation);
    EXPECT_FALSE(find_kernel("stream41_scales").traits.in_default_set);
    try {
        find_kernel("silu_v9");
        FAIL();
    } catch (const Error& e) {
        EXPECT_NE(std::string(e.what()).find("silu_v9"), std::string::npos);
        for (const KernelEntry& entry : kernel_table())
            EXPECT_NE(std::string(e.what()).find(entry.traits.id), std::string::npos) << entry.traits.id;
    }
}

}  // namespace
}  // namespace moescope::cuda
