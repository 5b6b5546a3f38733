// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "moescope/workload/case.h"

namespace moescope {

/// When a backend should read its telemetry: once for every cell of a case however short, and from then on no
/// more often than every `interval`, as a reading may take longer than a block of samples.
class ReadingSchedule {
  public:
    using Clock = std::chrono::steady_clock;

    explicit ReadingSchedule(std::chrono::milliseconds interval) : m_interval(interval) {}

    /// Forgets which cells have been read.
    void begin_case() { m_read.clear(); }

    /// Whether to read now, in a block of this cell; true counts as read.
    bool due(const std::string& kernel, CacheMode mode, Clock::time_point now = Clock::now()) {
        const bool first = m_read.emplace(kernel, mode).second;
        if (!first && now - m_last < m_interval) return false;
        m_last = now;
        return true;
    }

  private:
    std::chrono::milliseconds m_interval;
    Clock::time_point m_last{};
    std::set<std::pair<std::string, CacheMode>> m_read;
};

}  // namespace moescope
