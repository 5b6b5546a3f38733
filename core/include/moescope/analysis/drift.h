// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// How far the ceilings at the session's end lie from those at its start, percent of the start. Nothing where
/// one of the two is unknown.
struct Drift {
    std::optional<double> measured_percent{};      ///< stream41 bandwidth; negative: slower at the end
    std::optional<double> launch_floor_percent{};  ///< positive: launches take longer at the end
};
Drift drift_of(const Peaks& peaks);

/// Above these, either way, a session's numbers from its start and its end should not be compared. Two
/// percent of the bandwidth move the limit of a large case by two percent; five percent of the floor do about
/// that to the smallest cases, of whose limit the floor is half.
inline constexpr double kMeasuredDriftLimitPercent = 2.0;
inline constexpr double kFloorDriftLimitPercent = 5.0;

/// One sentence for each limit that the drift passes, and one when the end could not be measured.
std::vector<std::string> drift_warnings(const Peaks& peaks);

}  // namespace moescope
