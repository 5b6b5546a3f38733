// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <thread>

namespace moescope {

/// Turns the first SIGINT or SIGTERM into a stop request while it lives; the second ends the program at once.
/// Signals are waited for on a thread of its own, since a handler may hardly call anything. Create it before
/// other threads start, so that they inherit the blocked signals.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;  // changes the process's signal mask
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_source.get_token(); }
    bool requested() const { return m_source.stop_requested(); }

  private:
    std::stop_source m_source;
    std::jthread m_waiter;
};

}  // namespace moescope
