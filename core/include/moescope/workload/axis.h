// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// Parses an integer axis: a comma-separated list of numbers and ranges `a:b:step` or `a:b:*k`, both ends
/// included where hit (`8:512:*2` is 8,16,...,512). Duplicates are dropped, order is kept. `name` is what an
/// error calls the axis. Values must lie in [low, high]. At most 10,000 values. Throws Error.
std::vector<std::int64_t> parse_axis(std::string_view name, std::string_view text, std::int64_t low = 1,
                                     std::int64_t high = std::int64_t{1} << 40);

/// The shortest text that parse_axis reads back to the same values (finds one doubling or stepping range).
std::string format_axis(const std::vector<std::int64_t>& values);

/// Splits at commas, trims blanks, drops nothing: an empty item is an Error naming the list.
std::vector<std::string> split_list(std::string_view name, std::string_view text);

}  // namespace moescope
