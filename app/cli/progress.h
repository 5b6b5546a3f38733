// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "moescope/measurement/runner.h"

namespace moescope {

/// How a sweep reports while it runs.
class ProgressReporter {
  public:
    virtual ~ProgressReporter() = default;
    virtual void progress(const Progress& progress) = 0;
    virtual void result(const Result& result) = 0;
    /// Leaves the terminal ready for other output.
    virtual void finish() {}
};

/// `auto` is a bar on a terminal and plain lines elsewhere; `plain`, `none`; `json` prints one object a line
/// on standard output, everything else goes to standard error. Throws Error for another name.
std::unique_ptr<ProgressReporter> make_progress_reporter(const std::string& kind);

/// "1:05" or "2:03:04".
std::string format_duration(double seconds);

}  // namespace moescope
