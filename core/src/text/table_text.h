// SPDX-License-Identifier: Apache-2.0
#pragma once

// Cells of the tables that are written for other programs.

#include <string>
#include <string_view>

namespace moescope::text {

/// RFC 4180: quoted where it holds a comma, a quote or a line end.
std::string csv_field(std::string_view text);
/// Escaped so that it stays one cell of a Markdown table.
std::string markdown_cell(std::string_view text);

}  // namespace moescope::text
