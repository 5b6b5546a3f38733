// SPDX-License-Identifier: Apache-2.0
#include "interrupt.h"

#include <csignal>
#include <cstdlib>
#include <ctime>

namespace moescope {
namespace {

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

constexpr int kInterruptedStatus = 130;

}  // namespace

Interrupt::Interrupt() {
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_waiter = std::jthread([this](const std::stop_token& done) {
        const sigset_t signals = watched_signals();
        while (!done.stop_requested()) {
            const timespec timeout{.tv_sec = 0, .tv_nsec = 100'000'000};
            if (sigtimedwait(&signals, nullptr, &timeout) < 0) continue;
            if (m_source.stop_requested())
                std::_Exit(kInterruptedStatus);  // finished cells are on disk already
            m_source.request_stop();
        }
    });
}

Interrupt::~Interrupt() {
    m_waiter.request_stop();
    m_waiter.join();
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace moescope
