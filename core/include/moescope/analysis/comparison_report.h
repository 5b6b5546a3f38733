// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "moescope/analysis/comparison.h"

namespace moescope {

/// An array with one object per comparison: what was compared, warnings, counts, groups and rows. What is
/// unknown is null.
std::string comparisons_to_json(std::span<const Comparison> comparisons);
/// RFC 4180, a header and one line per row of each comparison, CRLF ends.
std::string comparisons_to_csv(std::span<const Comparison> comparisons);
/// What the counts of verdicts do not tell, a line each: cells that broke, and those of one side only.
std::vector<std::string> comparison_remarks(const Comparison& comparison);
/// For reports and pull requests: warnings, counts, geometric means, then the rows that are on both sides and
/// not SAME.
std::string comparisons_to_markdown(std::span<const Comparison> comparisons);

}  // namespace moescope
