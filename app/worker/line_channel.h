// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace moescope::worker {

/// Messages of one line each over a pair of file descriptors, which it owns. One thread may send while
/// another receives.
class LineChannel {
  public:
    enum class Wait { line, closed, timed_out, interrupted };
    struct Received {
        Wait how = Wait::closed;
        std::string line;  ///< without its end
    };

    LineChannel(int read_fd, int write_fd) : m_read(read_fd), m_write(write_fd) {}
    LineChannel(const LineChannel&) = delete;  // owns the descriptors
    LineChannel& operator=(const LineChannel&) = delete;
    ~LineChannel();

    /// False when the other side is gone. No signal is raised for that if the descriptor is a socket.
    bool send(std::string_view line);
    /// Waits for a line; no limit without a deadline. `interrupted` is asked every 50 ms, if given.
    Received receive(std::optional<std::chrono::steady_clock::time_point> deadline = {},
                     const std::function<bool()>& interrupted = {});

  private:
    std::optional<std::string> take_line();

    int m_read;
    int m_write;
    std::string m_buffer;
    std::size_t m_searched = 0;  ///< of the buffer, without a line's end
};

}  // namespace moescope::worker
