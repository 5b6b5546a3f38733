// SPDX-License-Identifier: Apache-2.0
#include "thread_pool.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "moescope/error.h"

namespace moescope {
namespace {

constexpr int kSpins = 2000;  // of a few nanoseconds each

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    std::this_thread::yield();
#endif
}

/// Waits until `value` is no longer `old`.
template <typename T>
void wait_for_change(const std::atomic<T>& value, T old) {
    for (int i = 0; i < kSpins; ++i) {
        if (value.load(std::memory_order_acquire) != old) return;
        pause_briefly();
    }
    value.wait(old, std::memory_order_acquire);
}

}  // namespace

int available_threads() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
    // More processors than the set has bits for.
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(int threads) {
    try {
        for (int worker = 1; worker < threads; ++worker)
            m_helpers.emplace_back([this, worker] { help(worker); });
    } catch (const std::system_error& error) {
        const std::size_t started = m_helpers.size();
        stop();
        throw Error(
            fmt::format("cannot start {} threads ({} started: {}): raise the limit on processes, or let "
                        "fewer processors be used (taskset)",
                        threads, started, error.what()));
    }
}

ThreadPool::~ThreadPool() {
    stop();
}

void ThreadPool::stop() {
    m_job = nullptr;
    m_epoch.fetch_add(1, std::memory_order_release);
    m_epoch.notify_all();
    for (std::thread& helper : m_helpers) helper.join();
    m_helpers.clear();
}

void ThreadPool::run(const std::function<void(int)>& job) {
    m_job = &job;
    if (!m_helpers.empty()) {
        m_busy.store(static_cast<int>(m_helpers.size()), std::memory_order_relaxed);
        m_epoch.fetch_add(1, std::memory_order_release);
        m_epoch.notify_all();
    }
    call(0);
    for (int busy = m_busy.load(std::memory_order_acquire); busy != 0;
         busy = m_busy.load(std::memory_order_acquire))
        wait_for_change(m_busy, busy);
    if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
}

void ThreadPool::call(int worker) {
    try {
        (*m_job)(worker);
    } catch (...) {
        const std::lock_guard lock(m_failure_mutex);
        if (!m_failure) m_failure = std::current_exception();
    }
}

void ThreadPool::help(int worker) {
    for (std::uint32_t epoch = 0;; ++epoch) {
        wait_for_change(m_epoch, epoch);
        if (m_job == nullptr) return;
        call(worker);
        if (m_busy.fetch_sub(1, std::memory_order_acq_rel) == 1) m_busy.notify_one();
    }
}

Range part_of(std::int64_t count, int index, int parts) {
    const std::int64_t size = count / parts;
    const std::int64_t longer = count % parts;
    const std::int64_t begin = index * size + std::min<std::int64_t>(index, longer);
    return {begin, begin + size + (index < longer ? 1 : 0)};
}

}  // namespace moescope
