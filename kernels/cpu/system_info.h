// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

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

}  // namespace moescope
