// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/selection.h"

#include <fmt/format.h>

#include "moescope/error.h"

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
