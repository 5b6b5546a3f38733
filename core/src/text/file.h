// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace moescope::text {

/// The whole file. Throws Error naming the path and the system's reason.
std::string read_file(const std::string& path);

}  // namespace moescope::text
