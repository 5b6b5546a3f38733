// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "moescope/workload/shape.h"
#include "moescope/workload/strategy.h"

namespace moescope {

/// Whether the inputs of a launch may be found in the last-level cache.
enum class CacheMode { cold, hot };
std::string_view to_string(CacheMode mode);

/// How launches are timed. One session has one: its launch floor is taken the same way.
enum class LaunchMode {
    graph,  ///< many launches in one go (a CUDA graph; on the CPU a batch), averaged
    host,   ///< each launch by itself: from the call on the host until the host knows that it is done
    pdl,    ///< as graph, but a launch may start while the one before it ends (programmatic dependent
            ///< launch), where the kernel can; the others are launched as in `graph`
};
inline constexpr LaunchMode kLaunchModes[] = {LaunchMode::graph, LaunchMode::host, LaunchMode::pdl};
std::string_view to_string(LaunchMode mode);
/// Throws Error for a name that is none of kLaunchModes.
LaunchMode parse_launch_mode(std::string_view text);

/// One point of the matrix: everything that fixes the problem, nothing about who solves it.
struct Case {
    Shape shape;
    std::int64_t total_tokens = 0;
    Strategy strategy;
    std::uint64_t seed = 42;

    bool operator==(const Case&) const = default;
};

/// Identifies a case across sessions; the text is stable. It tells the input type only where that is not
/// bf16, as there was no other once.
std::string case_key(const Case& c);
/// Identifies a cell (a result): case, kernel, cache mode.
std::string cell_key(const Case& c, const std::string& kernel, CacheMode mode);
/// Short label for progress lines and charts: "E=8 T=1024 H=7168 n=64 even". Group size, scale format, input
/// type and seed are told where they are not the usual ones (128, fp32, bf16, 42): no two cases share a
/// label.
std::string case_label(const Case& c);

}  // namespace moescope
