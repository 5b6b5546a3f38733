// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// RFC 4180, a header and one row per result, names as in the session file, dots for nesting, CRLF ends,
/// decimal points whatever the locale. samples_us is not exported but its count is (`samples`).
std::string results_to_csv(const std::vector<Result>& results);
/// A table for reports: case, kernel, cache, median, interval, GB/s, percent, efficiency, status.
std::string results_to_markdown(const std::vector<Result>& results);

}  // namespace moescope
