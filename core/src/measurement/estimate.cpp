// SPDX-License-Identifier: Apache-2.0
#include "measurement/estimate.h"

#include <algorithm>

#include "moescope/analysis/metrics.h"

namespace moescope {
namespace {

/// Orders of magnitude of the two kinds of device.
struct Speed {
    double gbps;           ///< a kernel's bandwidth
    double floor_us;       ///< one launch of nothing
    double sample_us;      ///< shortest sample: launches are batched up to this
    double verify_gbps;    ///< bytes moved by the operation over the time to verify them
    double poison_gbps;    ///< output bytes poisoned and checked
    double samples;        ///< typical count until the interval is narrow
    double host_floor_us;  ///< one launch timed from the host, the wait for it included
    double host_samples;   ///< typical count of those: each has the host's noise
};

Speed speed_of(const Device& device) {
    if (device.kind == "cpu") {
        return {.gbps = 8.0 * device.sm_count,
                .floor_us = 10.0,
                .sample_us = 300.0,
                .verify_gbps = 0.6 * device.sm_count,
                .poison_gbps = 4.0,
                .samples = 100.0,
                .host_floor_us = 12.0,
                .host_samples = 500.0};
    }
    const double peak = device.theoretical_gbps > 0.0 ? device.theoretical_gbps : 1000.0;
    return {.gbps = 0.7 * peak,
            .floor_us = 3.0,
            .sample_us = 350.0,
            .verify_gbps = 0.05 * peak,
            .poison_gbps = 0.4 * peak,
            .samples = 40.0,
            .host_floor_us = 9.0,
            .host_samples = 300.0};
}

}  // namespace

double estimate_cell_seconds(const PlannedCase& planned, const Device& device, const MeasureOptions& options,
                             LaunchMode launch) {
    const Speed speed = speed_of(device);
    const auto bytes = static_cast<double>(moved_bytes(planned.c.shape, planned.c.total_tokens));
    const auto output_bytes =
        static_cast<double>(planned.c.shape.code_bytes() + planned.c.shape.scale_bytes());
    const bool host = launch == LaunchMode::host;
    const double launch_us = (host ? speed.host_floor_us : speed.floor_us) + bytes / speed.gbps * 1e-3;
    const double sample_s = (host ? launch_us : std::max(launch_us, speed.sample_us)) * 1e-6;
    const double samples =
        std::clamp(host ? speed.host_samples : speed.samples, static_cast<double>(options.min_samples),
                   static_cast<double>(options.max_samples));
    const double sampling =
        std::clamp(samples * sample_s, 5.0 * sample_s, std::max(options.max_seconds, 5.0 * sample_s));
    return sampling + bytes / speed.verify_gbps * 1e-9 + output_bytes / speed.poison_gbps * 1e-9;
}

}  // namespace moescope
