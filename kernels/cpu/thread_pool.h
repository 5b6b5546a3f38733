// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace moescope {

/// Processors that this process may run on (scheduler affinity), at least one.
int available_threads();

/// Threads that live as long as the pool and run one job at a time, all of them: a launch must not pay for
/// starting threads. A waiting thread spins for a few microseconds, then sleeps.
class ThreadPool {
  public:
    /// `threads` counts the caller of run(), which is worker 0. Throws Error when the system gives no more.
    explicit ThreadPool(int threads);
    ThreadPool(const ThreadPool&) = delete;  // its threads hold its address
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool();

    int size() const { return static_cast<int>(m_helpers.size()) + 1; }
    /// Calls job(worker) on every worker, 0 to size() - 1, and returns when all are done. An exception of a
    /// job (the first, if several) is thrown from here. One caller at a time.
    void run(const std::function<void(int worker)>& job);

  private:
    void help(int worker);
    void call(int worker);
    void stop();

    std::vector<std::thread> m_helpers;
    const std::function<void(int)>* m_job = nullptr;  ///< null: leave
    std::atomic<std::uint32_t> m_epoch{0};            ///< grows by one with every job
    std::atomic<int> m_busy{0};                       ///< helpers that have not finished it
    std::mutex m_failure_mutex;
    std::exception_ptr m_failure;
};

/// Part `index` of `parts` of [0, count): contiguous, sizes differ by one at most.
struct Range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};
Range part_of(std::int64_t count, int index, int parts);

}  // namespace moescope
