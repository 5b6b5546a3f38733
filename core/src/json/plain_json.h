// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "json/json_fields.h"

namespace moescope::json {

/// Reads JSON that is written plainly, as this program writes a line of results: ASCII without escapes, every
/// key once. Several times faster than the library's own parser, and gives the same document. Nothing for any
/// other text, right or wrong: the library's parser is to decide.
std::optional<Json> parse_plain(std::string_view text);

}  // namespace moescope::json
