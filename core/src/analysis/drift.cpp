// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/drift.h"

#include <fmt/format.h>

#include <cmath>

namespace moescope {
namespace {

std::optional<double> relative_change_percent(std::optional<double> start, std::optional<double> end) {
    if (!start || !end || *start <= 0.0) return std::nullopt;
    return 100.0 * (*end / *start - 1.0);
}

void warn(std::vector<std::string>& warnings, std::string_view what, std::optional<double> drift_percent,
          double limit_percent) {
    if (!drift_percent || std::abs(*drift_percent) <= limit_percent) return;
    warnings.push_back(fmt::format(
        "{} drifted by {:+.1f} % from the session's start to its end (limit {:g} %): times of the "
        "first and the last cells are not of one kind",
        what, *drift_percent, limit_percent));
}

}  // namespace

Drift drift_of(const Peaks& peaks) {
    return {relative_change_percent(peaks.measured_gbps, peaks.measured_end_gbps),
            relative_change_percent(peaks.launch_floor_us, peaks.launch_floor_end_us)};
}

std::vector<std::string> drift_warnings(const Peaks& peaks) {
    const Drift drift = drift_of(peaks);
    std::vector<std::string> warnings;
    warn(warnings, "stream41's bandwidth", drift.measured_percent, kMeasuredDriftLimitPercent);
    warn(warnings, "the launch floor", drift.launch_floor_percent, kFloorDriftLimitPercent);
    if (!peaks.end_error.empty())
        warnings.push_back(
            fmt::format("the ceilings could not be taken again at the end: {}", peaks.end_error));
    return warnings;
}

}  // namespace moescope
