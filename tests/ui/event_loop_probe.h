// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>
#include <algorithm>
#include <vector>

namespace moescope::ui::test {

/// Of values in any order; `share` 0 to 1. 0 without values.
inline double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0.0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// A timer that is due every 2 ms; what it is late by is what any event would have waited.
class EventLoopProbe : public QObject {
  public:
    EventLoopProbe() {
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(kIntervalMs);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            delays_ms.push_back(
                std::max(0.0, static_cast<double>(m_since.nsecsElapsed()) * 1e-6 - kIntervalMs));
            m_since.restart();
        });
    }
    void start() {
        m_since.start();
        m_timer.start();
    }
    void stop() { m_timer.stop(); }

    std::vector<double> delays_ms;

  private:
    static constexpr int kIntervalMs = 2;
    QTimer m_timer;
    QElapsedTimer m_since;
};

}  // namespace moescope::ui::test
