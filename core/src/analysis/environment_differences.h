// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/run_drift.h"
#include "moescope/analysis/comparison.h"

namespace moescope {

/// What makes the two sides hard to compare, a sentence each: other GPU, driver, clocks, peaks, cache mode,
/// version of the program.
std::vector<std::string> environment_differences(std::span<const Session> base,
                                                 std::span<const Session> other,
                                                 const CompareOptions& options, const DriftModel& drift);

}  // namespace moescope
