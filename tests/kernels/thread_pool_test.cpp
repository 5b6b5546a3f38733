// SPDX-License-Identifier: Apache-2.0
#include "thread_pool.h"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <vector>

namespace moescope {
namespace {

TEST(ThreadPool, EveryWorkerRunsEveryJobOnce) {
    for (const int threads : {1, 2, 4}) {
        ThreadPool pool(threads);
        ASSERT_EQ(pool.size(), threads);
        // Not atomic on purpose: run() must order what jobs wrote before what the caller reads.
        std::vector<int> calls(static_cast<std::size_t>(threads), 0);
        for (int i = 0; i < 2000; ++i)
            pool.run([&](int worker) { ++calls[static_cast<std::size_t>(worker)]; });
        EXPECT_EQ(calls, std::vector<int>(static_cast<std::size_t>(threads), 2000));
    }
}

TEST(ThreadPool, JobsSeeWhatTheCallerWroteAndTheOtherWayRound) {
    ThreadPool pool(3);
    std::vector<std::int64_t> parts(3, 0);
    for (std::int64_t round = 1; round < 300; ++round) {
        std::vector<std::int64_t> numbers(100, round);
        pool.run([&](int worker) {
            const Range part = part_of(100, worker, 3);
            parts[static_cast<std::size_t>(worker)] =
                std::accumulate(numbers.begin() + part.begin, numbers.begin() + part.end, std::int64_t{0});
        });
        ASSERT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), 100 * round);
    }
}

TEST(ThreadPool, ThrowsWhatAJobThrewAndGoesOn) {
    ThreadPool pool(2);
    for (const int thrower : {0, 1}) {
        EXPECT_THROW(pool.run([&](int worker) {
            if (worker == thrower) throw std::runtime_error("job");
        }),
                     std::runtime_error);
        int calls[2] = {};
        pool.run([&](int worker) { calls[worker] = 1; });
        EXPECT_EQ(calls[0] + calls[1], 2);
    }
}

TEST(ThreadPool, WakesAfterALongSleep) {
    ThreadPool pool(2);
    int calls[2] = {};
    pool.run([&](int worker) { ++calls[worker]; });
    // Longer than helpers spin: a job on the other side of a futex.
    std::vector<int> busy(20'000'000, 1);
    ASSERT_EQ(std::accumulate(busy.begin(), busy.end(), 0), 20'000'000);
    pool.run([&](int worker) { ++calls[worker]; });
    EXPECT_EQ(calls[0], 2);
    EXPECT_EQ(calls[1], 2);
}

TEST(ThreadPool, PoolsThatDoNothingEnd) {
    for (int i = 0; i < 50; ++i) ThreadPool pool(1 + i % 4);
    EXPECT_GE(available_threads(), 1);
}

TEST(PartOf, CoversTheRangeInOrderAndEvenly) {
    for (const std::int64_t count : {0, 1, 2, 7, 100, 1001})
        for (const int parts : {1, 2, 3, 8}) {
            std::int64_t next = 0;
            for (int i = 0; i < parts; ++i) {
                const Range part = part_of(count, i, parts);
                EXPECT_EQ(part.begin, next);
                EXPECT_GE(part.end - part.begin, count / parts);
                EXPECT_LE(part.end - part.begin, count / parts + 1);
                next = part.end;
            }
            EXPECT_EQ(next, count);
        }
}

}  // namespace
}  // namespace moescope
