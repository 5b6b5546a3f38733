// SPDX-License-Identifier: Apache-2.0
#include "replay_plan.h"

#include <algorithm>
#include <cmath>

namespace moescope::cuda {

ReplayPlan plan_replays(std::int64_t slots, double launch_us) {
    const double wanted = std::ceil(kReplayUs / std::max(launch_us, 0.1));
    const auto launches = static_cast<std::int64_t>(
        std::clamp(wanted, static_cast<double>(kMinLaunches), static_cast<double>(kMaxLaunches)));
    if (slots <= launches) {
        // Whole turns, as many as fit: a replay then ends where the next one begins.
        const std::int64_t turns = std::max<std::int64_t>(1, launches / slots);
        const std::int64_t enough = (kMinLaunches + slots - 1) / slots;
        return {.launches = static_cast<int>(std::max(turns, enough) * slots), .segments = 1};
    }
    std::int64_t segments = slots / launches;  // graphs of up to twice as many launches
    if (slots / segments > kMaxLaunches) segments = (slots + kMaxLaunches - 1) / kMaxLaunches;
    return {.launches = static_cast<int>(slots / segments), .segments = segments};
}

}  // namespace moescope::cuda
