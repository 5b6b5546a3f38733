// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/shape.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "moescope/error.h"

namespace moescope {
namespace {

constexpr std::int64_t kMaxExperts = 65536;
constexpr std::int64_t kMaxTokens = 1 << 20;
constexpr std::int64_t kMaxHidden = 1 << 20;

}  // namespace

std::string_view to_string(ScaleFormat format) {
    switch (format) {
        case ScaleFormat::fp32:
            return "fp32";
        case ScaleFormat::fp32_ue8m0:
            return "fp32-ue8m0";
        case ScaleFormat::ue8m0_packed:
            return "ue8m0-packed";
    }
    return "?";
}

std::string_view to_string(InputType type) {
    return type == InputType::fp16 ? "fp16" : "bf16";
}

std::string_view to_string(Numerics numerics) {
    return numerics == Numerics::fp32 ? "fp32" : "bf16";
}

ScaleFormat parse_scale_format(std::string_view text) {
    for (const ScaleFormat format : {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed}) {
        if (text == to_string(format)) return format;
    }
    throw Error(fmt::format("unknown scale format '{}': use fp32, fp32-ue8m0 or ue8m0-packed", text));
}

InputType parse_input_type(std::string_view text) {
    for (const InputType type : {InputType::bf16, InputType::fp16}) {
        if (text == to_string(type)) return type;
    }
    throw Error(fmt::format("unknown input type '{}': use bf16 or fp16", text));
}

std::optional<Message> shape_problem(const Shape& shape) {
    const auto out_of_range = [](Setting setting, std::int64_t value, std::int64_t high) {
        return fmt::format("{} is {}: choose 1 to {}", mention(setting), value, high);
    };
    if (shape.experts < 1 || shape.experts > kMaxExperts) {
        return out_of_range(Setting::experts, shape.experts, kMaxExperts);
    }
    if (shape.max_tokens < 1 || shape.max_tokens > kMaxTokens) {
        return out_of_range(Setting::max_tokens, shape.max_tokens, kMaxTokens);
    }
    if (shape.hidden < 1 || shape.hidden > kMaxHidden)
        return out_of_range(Setting::hidden, shape.hidden, kMaxHidden);
    const std::array<std::int64_t, 4> group_sizes{32, 64, 128, 256};
    bool known = false;
    for (const std::int64_t size : group_sizes) known = known || size == shape.group_size;
    if (!known)
        return fmt::format("{} is {}: choose 32, 64, 128 or 256", mention(Setting::group_size),
                           shape.group_size);
    if (shape.hidden % shape.group_size != 0) {
        const std::int64_t below = shape.hidden / shape.group_size * shape.group_size;
        return fmt::format("{} {} is not a multiple of {} {}: use {}{}", mention(Setting::hidden),
                           shape.hidden, mention(Setting::group_size), shape.group_size,
                           below > 0 ? fmt::format("{} or ", below) : "", below + shape.group_size);
    }
    return std::nullopt;
}

}  // namespace moescope
