// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "line_channel.h"

namespace moescope::worker {

/// A program of ours with its standard input and output on a channel; its standard error is ours. In a
/// process group of its own, so that Ctrl-C is for the parent to handle.
class ChildProcess {
  public:
    /// Throws Error when it cannot be started.
    ChildProcess(const std::string& program, std::vector<std::string> arguments);
    ChildProcess(const ChildProcess&) = delete;  // one process, waited for once
    ChildProcess& operator=(const ChildProcess&) = delete;
    /// Ends it: by closing the channel, and by force if that does not help.
    ~ChildProcess();

    LineChannel& channel() { return *m_channel; }
    /// Ends it by force.
    void kill();
    /// How it ended: "was ended by SIGSEGV (Segmentation fault)", "exited with status 3". Waits a little for
    /// it, then ends it by force.
    std::string end();

  private:
    bool wait_briefly();

    pid_t m_pid = -1;
    bool m_waited = false;
    int m_status = 0;
    std::unique_ptr<LineChannel> m_channel;
};

}  // namespace moescope::worker
