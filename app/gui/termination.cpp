// SPDX-License-Identifier: GPL-3.0-or-later
#include "termination.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>

namespace moescope::gui {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

/// The writing end; a signal handler can reach nothing but globals.
volatile std::sig_atomic_t g_write_end = -1;

void on_signal(int) {
    const char byte = 1;
    // A full pipe has a byte in it already, so the result does not matter.
    [[maybe_unused]] const ssize_t written = ::write(g_write_end, &byte, 1);
}

}  // namespace

Termination::Termination(QObject* parent) : QObject(parent) {
    if (::pipe2(m_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;  // signals then end the program as ever
    m_notifier = new QSocketNotifier(m_pipe[0], QSocketNotifier::Read, this);
    connect(m_notifier, &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        [[maybe_unused]] const ssize_t got = ::read(m_pipe[0], &byte, 1);
        emit requested();
    });
    g_write_end = m_pipe[1];
    for (const int number : kSignals) std::signal(number, on_signal);
}

Termination::~Termination() {
    for (const int number : kSignals) std::signal(number, SIG_DFL);
    g_write_end = -1;
    delete m_notifier;
    for (const int end : m_pipe)
        if (end >= 0) ::close(end);
}

}  // namespace moescope::gui
