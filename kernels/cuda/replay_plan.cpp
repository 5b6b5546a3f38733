// SPDX-License-Identifier: Apache-2.0
#include "replay_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "moescope/error.h"

namespace moescope::cuda {

double replay_us_from_environment() {
    constexpr const char* kVariable = "MOESCOPE_REPLAY_US";
    constexpr double kMostUs = 1e6;
    const char* asked = std::getenv(kVariable);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    if (asked == nullptr || *asked == '\0') return kReplayUs;
    const std::string_view text = asked;
    double us = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), us);
    if (error != std::errc{} || end != text.data() + text.size() || !(us >= kReplayUs && us <= kMostUs))
        throw Error(fmt::format("{}={}: not a number from {:.0f} to {:.0f}, the microseconds of a sample",
                                kVariable, text, kReplayUs, kMostUs));
    return us;
}

ReplayPlan plan_replays(std::int64_t slots, double launch_us, double replay_us) {
    const double wanted = std::ceil(replay_us / std::max(launch_us, 0.1));
    const auto most = static_cast<std::int64_t>(kMaxLaunches * replay_us / kReplayUs);
    const auto launches = static_cast<std::int64_t>(
        std::clamp(wanted, static_cast<double>(kMinLaunches), static_cast<double>(most)));
    if (slots <= launches) {
        // Whole turns, as many as fit: a replay then ends where the next one begins.
        const std::int64_t turns = std::max<std::int64_t>(1, launches / slots);
        const std::int64_t enough = (kMinLaunches + slots - 1) / slots;
        return {.launches = static_cast<int>(std::max(turns, enough) * slots), .segments = 1};
    }
    std::int64_t segments = slots / launches;  // graphs of up to twice as many launches
    if (slots / segments > most) segments = (slots + most - 1) / most;
    return {.launches = static_cast<int>(slots / segments), .segments = segments};
}

}  // namespace moescope::cuda
