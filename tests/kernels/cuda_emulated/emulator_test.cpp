// SPDX-License-Identifier: Apache-2.0
// The emulator must fail where a GPU would go wrong, or the tests built on it prove nothing.

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <vector>

#include "device_ops.cuh"

namespace moescope {
namespace {

using namespace device;

/// Every thread copies 16 bytes to shared memory and reads its neighbour's.
std::vector<std::uint32_t> copy_and_read_neighbour(bool wait, bool barrier, std::uint64_t seed) {
    alignas(16) static std::uint32_t source[64 * 4];
    for (std::uint32_t i = 0; i < 64 * 4; ++i) source[i] = i;
    std::vector<std::uint32_t> seen(64);
    emulator::launch({.blocks = 1, .threads = 64, .shared_bytes = 64 * 16}, seed, [&] {
        const unsigned thread = thread_index();
        copy_async_16(dynamic_shared() + thread * 16, source + thread * 4);
        commit_copies();
        if (wait) wait_copies<0>();
        if (barrier) block_barrier();
        std::memcpy(&seen[thread], dynamic_shared() + (thread + 1) % 64 * 16, 4);
        wait_copies<0>();
    });
    return seen;
}

bool all_right(const std::vector<std::uint32_t>& seen) {
    for (std::uint32_t i = 0; i < seen.size(); ++i)
        if (seen[i] != (i + 1) % 64 * 4) return false;
    return true;
}

TEST(Emulator, CopiesArriveWithWaitAndBarrierOnly) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        EXPECT_TRUE(all_right(copy_and_read_neighbour(true, true, seed)));
        EXPECT_FALSE(all_right(copy_and_read_neighbour(false, true, seed)));
        EXPECT_FALSE(all_right(copy_and_read_neighbour(true, false, seed)));
    }
}

TEST(Emulator, WaitsForTheOldestGroupsOnly) {
    alignas(16) static const std::uint32_t source[8] = {1, 0, 0, 0, 2, 0, 0, 0};
    emulator::launch({.blocks = 1, .threads = 32, .shared_bytes = 1024}, 1, [&] {
        unsigned char* mine = dynamic_shared() + thread_index() * 32;
        copy_async_16(mine, source);
        commit_copies();
        copy_async_16(mine + 16, source + 4);
        commit_copies();
        wait_copies<1>();
        std::uint32_t first = 0;
        std::uint32_t second = 0;
        std::memcpy(&first, mine, 4);
        std::memcpy(&second, mine + 16, 4);
        EXPECT_EQ(first, 1U);
        EXPECT_EQ(second, 0xFFFFFFFFU);  // poison
        wait_copies<0>();
        std::memcpy(&second, mine + 16, 4);
        EXPECT_EQ(second, 2U);
    });
}

TEST(Emulator, Shuffles) {
    emulator::launch({.blocks = 2, .threads = 64, .shared_bytes = 0}, 3, [&] {
        const int lane = static_cast<int>(thread_index() % 32);
        for (int repeat = 0; repeat < 20; ++repeat) {
            EXPECT_EQ(shuffle_up(lane + repeat, 4), (lane >= 4 ? lane - 4 : lane) + repeat);
            EXPECT_EQ(shuffle_from(lane, 31), 31);
            EXPECT_EQ(shuffle_xor(static_cast<std::uint32_t>(lane), 8), static_cast<std::uint32_t>(lane ^ 8));
            EXPECT_EQ(ballot(lane % 2 == 1), 0xAAAAAAAAU);
        }
    });
}

TEST(Emulator, HangsAreErrors) {
    const emulator::LaunchShape shape{.blocks = 1, .threads = 64, .shared_bytes = 0};
    // Half a warp at a shuffle; one warp at a barrier that the other leaves out while it is still there.
    EXPECT_THROW(emulator::launch(shape, 1,
                                  [] {
                                      if (thread_index() % 2 == 0) shuffle_up(1, 1);
                                  }),
                 std::runtime_error);
    EXPECT_THROW(emulator::launch(shape, 1,
                                  [] {
                                      if (thread_index() % 32 == 0) {
                                          block_barrier();
                                      } else {
                                          ballot(true);
                                      }
                                  }),
                 std::runtime_error);
}

TEST(Emulator, ForbiddenCopiesAreErrors) {
    alignas(16) static const std::uint32_t source[8] = {};
    const emulator::LaunchShape shape{.blocks = 1, .threads = 32, .shared_bytes = 64};
    const auto copy = [&](std::size_t to, std::size_t from) {
        emulator::launch(shape, 1, [=] {
            if (thread_index() == 0) copy_async_16(dynamic_shared() + to, source + from);
            commit_copies();
            wait_copies<0>();
        });
    };
    EXPECT_NO_THROW(copy(48, 4));
    EXPECT_THROW(copy(8, 4), std::runtime_error);
    EXPECT_THROW(copy(0, 1), std::runtime_error);
    EXPECT_THROW(copy(64, 0), std::runtime_error);
    EXPECT_THROW(emulator::launch(shape, 1,
                                  [&] {
                                      copy_async_16(dynamic_shared(), source);
                                      commit_copies();
                                  }),
                 std::runtime_error);
}

}  // namespace
}  // namespace moescope
