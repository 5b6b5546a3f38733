// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/selection.h"

#include <fmt/format.h>

#include "moescope/error.h"
#include "text/parse.h"

namespace moescope {

std::string_view to_string(CacheSelection selection) {
    switch (selection) {
        case CacheSelection::cold:
            return "cold";
        case CacheSelection::hot:
            return "hot";
        case CacheSelection::both:
            return "both";
    }
    return "?";
}

CacheSelection parse_cache_selection(std::string_view text) {
    for (const CacheSelection selection : {CacheSelection::cold, CacheSelection::hot, CacheSelection::both}) {
        if (text == to_string(selection)) return selection;
    }
    throw Error(fmt::format("unknown cache mode '{}': use cold, hot or both", text));
}

Shard parse_shard(std::string_view text) {
    if (text.empty()) return {};
    const std::size_t slash = text.find('/');
    const auto part = text::integer(text.substr(0, slash));
    const auto parts = slash == std::string_view::npos ? std::nullopt : text::integer(text.substr(slash + 1));
    constexpr std::int64_t kMostParts = 1'000'000;
    if (!part || !parts || *part < 1 || *part > *parts || *parts > kMostParts)
        throw Error(fmt::format("shard '{}' is not a part: use 1/N to N/N", text));
    return {static_cast<int>(*part - 1), static_cast<int>(*parts)};
}

std::vector<CacheMode> cache_modes(CacheSelection selection) {
    switch (selection) {
        case CacheSelection::cold:
            return {CacheMode::cold};
        case CacheSelection::hot:
            return {CacheMode::hot};
        case CacheSelection::both:
            break;
    }
    return {CacheMode::cold, CacheMode::hot};
}

}  // namespace moescope
