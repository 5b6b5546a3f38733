// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace moescope::ui {

/// Holds a sweep between two cases. The window closes and opens it, the sweep's thread waits at it.
class PauseGate {
  public:
    void close() {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
    }
    void open() {
        {
            const std::lock_guard lock(m_mutex);
            m_closed = false;
        }
        m_opened.notify_all();
    }
    /// Until it is open, or `stop` is requested: a held sweep can be cancelled.
    void wait(const std::stop_token& stop) {
        std::unique_lock lock(m_mutex);
        m_opened.wait(lock, stop, [this] { return !m_closed; });
    }

  private:
    std::mutex m_mutex;
    std::condition_variable_any m_opened;
    bool m_closed = false;
};

}  // namespace moescope::ui
