// SPDX-License-Identifier: Apache-2.0
#include "measurement/cell_result.h"

#include <fmt/format.h>

#include "moescope/analysis/metrics.h"

namespace moescope {
namespace {

/// What is wrong with a finished cell although its telemetry is in order.
std::vector<std::string> warnings_of(const Result& result) {
    std::vector<std::string> warnings;
    // A hot cell may well beat a limit that counts every byte as coming from memory.
    if (result.cache == CacheMode::cold && result.efficiency && *result.efficiency > kSuspiciousEfficiency) {
        const bool rested = result.cold_reuse.value_or(4.0) >= 1.0;
        warnings.push_back(
            fmt::format("efficiency {:.3f} is above {:g}: {}", *result.efficiency, kSuspiciousEfficiency,
                        rested ? "the stream41 ceiling or the launch floor is too low for this "
                                 "case, do not trust its limit"
                               : "buffers came round before they had left the cache, this "
                                 "cell is not cold"));
    }
    return warnings;
}

}  // namespace

Result blank_result(const PlannedCase& planned, const std::string& kernel, CacheMode mode,
                    LaunchMode launch) {
    Result result;
    result.c = planned.c;
    result.kernel = kernel;
    result.cache = mode;
    result.launch = launch;
    result.load = planned.load;
    if (mode == CacheMode::cold && planned.rotation.reuse_over_cache > 0.0) {
        result.cold_reuse = planned.rotation.reuse_over_cache;
    }
    return result;
}

void apply_samples(CellSamples samples, const Peaks& peaks, const ReferenceClocks& clocks, Result& result) {
    result.samples_us = std::move(samples.samples_us);
    result.launches_per_sample = samples.launches_per_sample;
    result.stop_reason = std::move(samples.stop_reason);
    CellTelemetry telemetry = summarize(samples.readings, clocks);
    if (samples.error.empty()) {
        fill_metrics(result, peaks);
        telemetry.warnings = warnings_of(result);
    } else {
        result.status = Status::failed;
        result.error = std::move(samples.error);
    }
    result.telemetry = telemetry_to_json(telemetry);
}

Result without_samples(const Result& measured) {
    Result result;
    result.c = measured.c;
    result.kernel = measured.kernel;
    result.cache = measured.cache;
    result.launch = measured.launch;
    result.load = measured.load;
    result.cold_reuse = measured.cold_reuse;
    result.verification = measured.verification;
    result.extra = measured.extra;
    return result;
}

bool is_flagged(const Result& result) {
    return !result.telemetry.empty() && telemetry_from_json(result.telemetry).flagged();
}

int retries_of(const Result& result) {
    return result.telemetry.empty() ? 0 : telemetry_from_json(result.telemetry).retries;
}

void set_retries(int retries, Result& result) {
    CellTelemetry telemetry = telemetry_from_json(result.telemetry);
    telemetry.retries = retries;
    result.telemetry = telemetry_to_json(telemetry);
}

}  // namespace moescope
