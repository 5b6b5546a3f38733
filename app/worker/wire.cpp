// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <cmath>
#include <limits>

#include "moescope/error.h"

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

Json optional_number(const std::optional<double>& value) {
    return value ? number(*value) : Json(nullptr);
}

std::optional<double> optional_number_from(const Json& json) {
    return json.is_null() ? std::nullopt : std::optional(number_from(json));
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
    return {{"id", kernel.traits.id},
            {"description", kernel.traits.description},
            {"numerics", to_string(kernel.traits.numerics)},
            {"group_sizes", kernel.traits.group_sizes},
            {"scale_formats", formats},
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
    kernel.traits.hidden_multiple_of = get<std::int64_t>(json, "hidden_multiple_of");
    kernel.device_kind = get<std::string>(json, "device_kind");
    kernel.plugin = get<std::string>(json, "plugin");
    return kernel;
}

Json to_json(const Device& d) {
    return {{"id", d.id},
            {"kind", d.kind},
            {"name", d.name},
            {"uuid", d.uuid},
            {"compute_capability", d.compute_capability},
            {"isa", d.isa},
            {"driver", d.driver},
            {"runtime", d.runtime},
            {"sm_count", d.sm_count},
            {"cache_bytes", d.cache_bytes},
            {"memory_bytes", d.memory_bytes},
            {"free_bytes", d.free_bytes},
            {"memory_clock_mhz", number(d.memory_clock_mhz)},
            {"bus_width_bits", d.bus_width_bits},
            {"theoretical_gbps", number(d.theoretical_gbps)}};
}

Device device_from(const Json& json) {
    Device d;
    d.id = get<std::string>(json, "id");
    d.kind = get<std::string>(json, "kind");
    d.name = get<std::string>(json, "name");
    d.uuid = get<std::string>(json, "uuid");
    d.compute_capability = get<std::string>(json, "compute_capability");
    d.isa = get<std::string>(json, "isa");
    d.driver = get<std::string>(json, "driver");
    d.runtime = get<std::string>(json, "runtime");
    d.sm_count = get<int>(json, "sm_count");
    d.cache_bytes = get<std::int64_t>(json, "cache_bytes");
    d.memory_bytes = get<std::int64_t>(json, "memory_bytes");
    d.free_bytes = get<std::int64_t>(json, "free_bytes");
    d.memory_clock_mhz = number_from(json.at("memory_clock_mhz"));
    d.bus_width_bits = get<int>(json, "bus_width_bits");
    d.theoretical_gbps = number_from(json.at("theoretical_gbps"));
    return d;
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

Json to_json(const Case& c) {
    return {{"experts", c.shape.experts},
            {"max_tokens", c.shape.max_tokens},
            {"hidden", c.shape.hidden},
            {"group_size", c.shape.group_size},
            {"scale_format", to_string(c.shape.scale_format)},
            {"total_tokens", c.total_tokens},
            {"strategy", to_string(c.strategy)},
            {"seed", c.seed}};
}

Case case_from(const Json& json) {
    Case c;
    c.shape.experts = get<std::int64_t>(json, "experts");
    c.shape.max_tokens = get<std::int64_t>(json, "max_tokens");
    c.shape.hidden = get<std::int64_t>(json, "hidden");
    c.shape.group_size = get<std::int64_t>(json, "group_size");
    c.shape.scale_format = parse_scale_format(get<std::string>(json, "scale_format"));
    c.total_tokens = get<std::int64_t>(json, "total_tokens");
    c.strategy = parse_strategy(get<std::string>(json, "strategy"));
    c.seed = get<std::uint64_t>(json, "seed");
    return c;
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

Json to_json(const Verification& v) {
    return {{"done", v.done},
            {"passed", v.passed},
            {"reference", v.reference},
            {"values", v.values},
            {"mismatched_codes", v.mismatched_codes},
            {"mismatched_scales", v.mismatched_scales},
            {"touched_past_counts", v.touched_past_counts},
            {"max_scale_error", number(v.max_scale_error)},
            {"relative_error", optional_number(v.relative_error)},
            {"sqnr_db", optional_number(v.sqnr_db)},
            {"mismatched_codes_bf16", v.mismatched_codes_bf16},
            {"mismatched_codes_fp32", v.mismatched_codes_fp32},
            {"clipped_values", v.clipped_values},
            {"nonfinite_values", v.nonfinite_values},
            {"note", v.note}};
}

Verification verification_from(const Json& json) {
    Verification v;
    v.done = get<bool>(json, "done");
    v.passed = get<bool>(json, "passed");
    v.reference = get<std::string>(json, "reference");
    v.values = get<std::int64_t>(json, "values");
    v.mismatched_codes = get<std::int64_t>(json, "mismatched_codes");
    v.mismatched_scales = get<std::int64_t>(json, "mismatched_scales");
    v.touched_past_counts = get<std::int64_t>(json, "touched_past_counts");
    v.max_scale_error = number_from(json.at("max_scale_error"));
    v.relative_error = optional_number_from(json.at("relative_error"));
    v.sqnr_db = optional_number_from(json.at("sqnr_db"));
    v.mismatched_codes_bf16 = get<std::int64_t>(json, "mismatched_codes_bf16");
    v.mismatched_codes_fp32 = get<std::int64_t>(json, "mismatched_codes_fp32");
    v.clipped_values = get<std::int64_t>(json, "clipped_values");
    v.nonfinite_values = get<std::int64_t>(json, "nonfinite_values");
    v.note = get<std::string>(json, "note");
    return v;
}

Json to_json(const Ceilings& c) {
    return {{"measured_gbps", number(c.measured_gbps)}, {"launch_floor_us", number(c.launch_floor_us)}};
}

Ceilings ceilings_from(const Json& json) {
    return {.measured_gbps = number_from(json.at("measured_gbps")),
            .launch_floor_us = number_from(json.at("launch_floor_us"))};
}

}  // namespace moescope::worker
