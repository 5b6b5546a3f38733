// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "moescope/measurement/telemetry.h"

// What /proc and /sys tell about this machine. `root` is put before every path: empty for the real ones.
namespace moescope {

/// Taken for the last-level cache where neither /sys nor the C library knows one.
inline constexpr std::int64_t kAssumedCacheBytes = std::int64_t{32} << 20;

/// Last-level caches of these processors, each counted once however many share it. 0: unknown.
std::int64_t last_level_cache_bytes(const std::string& root, const std::set<int>& processors);
/// Memory that can be had without swapping, within the limits of a container. 0: unknown.
std::int64_t available_memory_bytes(const std::string& root);
/// As its maker calls it; "CPU" where nothing tells.
std::string processor_name(const std::string& root);
/// Processors that this process may run on.
std::set<int> allowed_processors();
/// Clock (the mean over some of `processors`) and temperature of the package; nothing where the system tells
/// neither, as in most virtual machines.
std::optional<TelemetryReading> read_cpu_telemetry(const std::string& root, const std::set<int>& processors);

}  // namespace moescope
