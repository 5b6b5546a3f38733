// SPDX-License-Identifier: Apache-2.0
#include "line_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace moescope::worker {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kLook{50};
constexpr std::size_t kLongestLine = std::size_t{64} << 20;  // longer is no message of ours

}  // namespace

LineChannel::~LineChannel() {
    ::close(m_read);
    if (m_write != m_read) ::close(m_write);
}

bool LineChannel::send(std::string_view line) {
    std::string message(line);
    message += '\n';
    std::string_view left = message;
    bool is_socket = true;
    while (!left.empty()) {
        const ssize_t sent = is_socket ? ::send(m_write, left.data(), left.size(), MSG_NOSIGNAL)
                                       : ::write(m_write, left.data(), left.size());
        if (sent >= 0) {
            left.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == ENOTSOCK && is_socket) {
            is_socket = false;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

std::optional<std::string> LineChannel::take_line() {
    const std::size_t end = m_buffer.find('\n', m_searched);
    m_searched = m_buffer.size();
    if (end == std::string::npos) return std::nullopt;
    std::string line = m_buffer.substr(0, end);
    m_buffer.erase(0, end + 1);
    m_searched = 0;
    return line;
}

LineChannel::Received LineChannel::receive(std::optional<Clock::time_point> deadline,
                                           const std::function<bool()>& interrupted) {
    while (true) {
        if (auto line = take_line()) return {Wait::line, std::move(*line)};
        if (m_buffer.size() > kLongestLine) return {Wait::closed, {}};
        if (interrupted && interrupted()) return {Wait::interrupted, {}};
        if (deadline && Clock::now() >= *deadline) return {Wait::timed_out, {}};
        pollfd waiting{.fd = m_read, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(kLook.count()));
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        std::array<char, 65536> chunk;
        const ssize_t got = ready < 0 ? -1 : ::read(m_read, chunk.data(), chunk.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return {Wait::closed, {}};
        m_buffer.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace moescope::worker
