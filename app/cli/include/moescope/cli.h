// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/measurement/backend.h"

namespace moescope {

/// The command line program, less its backends. Returns the exit status: 0 done, 1 some cells failed or the
/// sweep was interrupted, 2 bad usage or bad input (one line on stderr).
int run_command_line(int argc, const char* const* argv, const BackendFactory& backends);

}  // namespace moescope
