// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace moescope::ui {

/// Where several sessions are shown at once, what a session's kernel is called among their results:
/// "silu_v3 @ 2: before the change". Ids of kernels have no spaces, so that it can be taken apart again.
std::string seriesId(std::string_view kernel, int session_number, std::string_view session_name);

/// The kernel's own id; any id that is none of several sessions' is returned as it is.
std::string_view kernelOf(std::string_view series_id);
/// "2: before the change"; empty where only one session is shown.
std::string_view sessionOf(std::string_view series_id);
/// 2; 0 where only one session is shown.
int sessionNumberOf(std::string_view series_id);

}  // namespace moescope::ui
