// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace moescope::cuda {

/// How launches are put into graphs. One sample is one replay of a graph of `launches` launches. In the cold
/// mode each launch uses the next slot of the rotation; where a rotation has more slots than one graph should
/// have launches, it is cut into `segments` graphs that are replayed in turn. Kernels of a case share the
/// plan and the place in it, so that no kernel finds in the cache what the one before it has just touched.
struct ReplayPlan {
    int launches = 1;           ///< in each graph, and averaged in one sample
    std::int64_t segments = 1;  ///< graphs that cover the rotation

    /// Slot of a launch of a segment.
    std::int64_t slot(std::int64_t segment, int launch, std::int64_t slots) const {
        return (segment * launches + launch) % slots;
    }
};

/// Two, so that each sample has the turn from one launch to the next in it; more would only make large cases
/// slow.
inline constexpr int kMinLaunches = 2;
inline constexpr int kMaxLaunches = 256;
/// Time of one replay. Starting a graph costs a microsecond or two, which must vanish in it.
inline constexpr double kReplayUs = 600.0;

/// kReplayUs, or what MOESCOPE_REPLAY_US asks for: profilers add more to a graph than 600 us hide.
/// Throws Error where that is no number from 600 to 1,000,000.
double replay_us_from_environment();

/// `launch_us` is an estimate of one launch. Either a replay goes through all slots once or several whole
/// times, or several replays do; of these, fewer slots than there are segments may be left out so that all
/// are of one length. Replays longer than kReplayUs may have as many times kMaxLaunches.
ReplayPlan plan_replays(std::int64_t slots, double launch_us, double replay_us = kReplayUs);

}  // namespace moescope::cuda
