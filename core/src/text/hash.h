// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace moescope::text {

constexpr std::uint64_t kHashStart = 14695981039346656037ULL;

/// FNV-1a, 64 bits: the same on every platform. `start` is kHashStart or the hash of what comes before.
inline std::uint64_t fnv1a(std::string_view text, std::uint64_t start = kHashStart) {
    for (const char c : text) start = (start ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return start;
}

}  // namespace moescope::text
