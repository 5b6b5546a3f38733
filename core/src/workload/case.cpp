// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/case.h"

#include <fmt/format.h>

#include "moescope/error.h"

namespace moescope {

std::string_view to_string(CacheMode mode) {
    return mode == CacheMode::cold ? "cold" : "hot";
}

std::string_view to_string(LaunchMode mode) {
    switch (mode) {
        case LaunchMode::graph:
            return "graph";
        case LaunchMode::host:
            return "host";
        case LaunchMode::pdl:
            return "pdl";
    }
    return "graph";
}

LaunchMode parse_launch_mode(std::string_view text) {
    for (const LaunchMode mode : kLaunchModes) {
        if (text == to_string(mode)) return mode;
    }
    throw Error(fmt::format("unknown launch mode '{}': use graph, host or pdl", text));
}

namespace {

constexpr std::int64_t kUsualGroupSize = 128;

/// The input type where it must be told.
std::string input_suffix(const Case& c, std::string_view separator) {
    return c.shape.input_type == InputType::bf16
               ? std::string()
               : fmt::format("{}{}", separator, to_string(c.shape.input_type));
}

}  // namespace

std::string case_key(const Case& c) {
    return fmt::format("E{},T{},H{},G{},{},n{},{},s{}{}", c.shape.experts, c.shape.max_tokens, c.shape.hidden,
                       c.shape.group_size, to_string(c.shape.scale_format), c.total_tokens,
                       to_string(c.strategy), c.seed, input_suffix(c, ","));
}

std::string cell_key(const Case& c, const std::string& kernel, CacheMode mode) {
    return fmt::format("{}|{}|{}", case_key(c), kernel, to_string(mode));
}

std::string case_label(const Case& c) {
    const Case usual;
    std::string label = fmt::format("E={} T={} H={}", c.shape.experts, c.shape.max_tokens, c.shape.hidden);
    if (c.shape.group_size != kUsualGroupSize) label += fmt::format(" G={}", c.shape.group_size);
    label += fmt::format(" n={} {}", c.total_tokens, to_string(c.strategy));
    if (c.shape.scale_format != usual.shape.scale_format)
        label += fmt::format(" {}", to_string(c.shape.scale_format));
    label += input_suffix(c, " ");
    if (c.seed != usual.seed) label += fmt::format(" seed={}", c.seed);
    return label;
}

}  // namespace moescope
