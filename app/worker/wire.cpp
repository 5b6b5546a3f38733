// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <cmath>
#include <limits>

#include "moescope/error.h"
#include "moescope/session/json_parts.h"

namespace moescope::worker {
namespace {

/// JSON has no infinity.
Json number(double value) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "nan" : "inf";
}

double number_from(const Json& json) {
    if (json.is_number()) return json.get<double>();
    return json == "inf" ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
}

template <typename T>
T get(const Json& json, const char* name) {
    return json.at(name).get<T>();
}

Numerics numerics_from(const std::string& name) {
    return name == "fp32" ? Numerics::fp32 : Numerics::bf16;
}

}  // namespace

std::string to_line(const Json& message) {
    return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const PluginKernel& kernel) {
    Json formats = Json::array();
    for (const ScaleFormat format : kernel.traits.scale_formats) formats.push_back(to_string(format));
    Json inputs = Json::array();
    for (const InputType type : kernel.traits.input_types) inputs.push_back(to_string(type));
    return {{"id", kernel.traits.id},
            {"description", kernel.traits.description},
            {"numerics", to_string(kernel.traits.numerics)},
            {"group_sizes", kernel.traits.group_sizes},
            {"scale_formats", formats},
            {"input_types", inputs},
            {"hidden_multiple_of", kernel.traits.hidden_multiple_of},
            {"device_kind", kernel.device_kind},
            {"plugin", kernel.plugin}};
}

PluginKernel plugin_kernel_from(const Json& json) {
    PluginKernel kernel;
    kernel.traits.id = get<std::string>(json, "id");
    kernel.traits.description = get<std::string>(json, "description");
    kernel.traits.in_default_set = true;
    kernel.traits.numerics = numerics_from(get<std::string>(json, "numerics"));
    kernel.traits.group_sizes = get<std::vector<std::int64_t>>(json, "group_sizes");
    for (const Json& format : json.at("scale_formats"))
        kernel.traits.scale_formats.push_back(parse_scale_format(format.get<std::string>()));
    kernel.traits.input_types.clear();
    for (const Json& type : json.at("input_types"))
        kernel.traits.input_types.push_back(parse_input_type(type.get<std::string>()));
    kernel.traits.hidden_multiple_of = get<std::int64_t>(json, "hidden_multiple_of");
    kernel.device_kind = get<std::string>(json, "device_kind");
    kernel.plugin = get<std::string>(json, "plugin");
    return kernel;
}

Json to_json(const Device& device) {
    return Json::parse(device_to_json(device));
}

Device device_from(const Json& json) {
    return device_from_json(json.dump());
}

Json to_json(const Case& c) {
    return Json::parse(case_to_json(c));
}

Case case_from(const Json& json) {
    return case_from_json(json.dump());
}

Json to_json(const Verification& verification) {
    return Json::parse(verification_to_json(verification));
}

Verification verification_from(const Json& json) {
    return verification_from_json(json.dump());
}

Json to_json(const std::optional<TelemetryReading>& reading) {
    return reading ? Json::parse(reading_to_json(*reading)) : Json(nullptr);
}

std::optional<TelemetryReading> reading_from(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(reading_from_json(json.dump()));
}

Json to_json(const BufferSizes& sizes) {
    return {{"input_bytes", sizes.input_bytes},
            {"code_bytes", sizes.code_bytes},
            {"scale_bytes", sizes.scale_bytes},
            {"scratch_bytes", sizes.scratch_bytes}};
}

BufferSizes sizes_from(const Json& json) {
    BufferSizes sizes;
    sizes.input_bytes = get<std::int64_t>(json, "input_bytes");
    sizes.code_bytes = get<std::int64_t>(json, "code_bytes");
    sizes.scale_bytes = get<std::int64_t>(json, "scale_bytes");
    sizes.scratch_bytes = get<std::int64_t>(json, "scratch_bytes");
    return sizes;
}

Json to_json(const Rotation& r) {
    return {{"window_rows", r.window_rows},
            {"windows", r.windows},
            {"sets", r.sets},
            {"input_stride", r.input_stride},
            {"code_stride", r.code_stride},
            {"scale_stride", r.scale_stride},
            {"reuse_over_cache", number(r.reuse_over_cache)}};
}

Rotation rotation_from(const Json& json) {
    Rotation r;
    r.window_rows = get<std::int64_t>(json, "window_rows");
    r.windows = get<std::int64_t>(json, "windows");
    r.sets = get<std::int64_t>(json, "sets");
    r.input_stride = get<std::int64_t>(json, "input_stride");
    r.code_stride = get<std::int64_t>(json, "code_stride");
    r.scale_stride = get<std::int64_t>(json, "scale_stride");
    r.reuse_over_cache = number_from(json.at("reuse_over_cache"));
    return r;
}

Json to_json(const Ceilings& c) {
    return {{"measured_gbps", number(c.measured_gbps)}, {"launch_floor_us", number(c.launch_floor_us)}};
}

Ceilings ceilings_from(const Json& json) {
    return {.measured_gbps = number_from(json.at("measured_gbps")),
            .launch_floor_us = number_from(json.at("launch_floor_us"))};
}

}  // namespace moescope::worker
