// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// Reads a session as session_to_json() writes it, one result a line, with the results shared out over
/// processors: large sessions are read several times faster than as one document. Nothing when the text is
/// laid out in another way or anything in it is wrong: who reads the whole document can say what.
std::optional<Session> session_from_lines(std::string_view text, const std::string& source);

}  // namespace moescope
