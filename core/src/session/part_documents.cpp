// SPDX-License-Identifier: Apache-2.0
#include "session/part_documents.h"

#include <cmath>
#include <limits>

#include "moescope/error.h"
#include "moescope/session/json_parts.h"
#include "workload/case_json.h"

namespace moescope {
namespace {

using json::Fields;
using json::Json;
using json::nullable;

constexpr const char* kInfinite = "inf";

/// Of a number that is not negative and may be infinite; not-a-number is no less than that.
Json number_document(double value) {
    return std::isfinite(value) ? Json(value) : Json(kInfinite);
}

/// null is what earlier versions wrote for infinity.
double read_number(const Json& value, const std::string& where) {
    if (value.is_null() || value == kInfinite) return std::numeric_limits<double>::infinity();
    if (!value.is_number())
        throw Error(fmt::format("{}: {} is neither a number nor \"inf\"", where, value.dump()));
    return value.get<double>();
}

/// Text that is not UTF-8 (a device's name, a plugin's message) is mended rather than refused.
std::string text_of(const Json& document) {
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Json device_document(const Device& d) {
    return {{"id", d.id},
            {"kind", d.kind},
            {"name", d.name},
            {"uuid", d.uuid},
            {"compute_capability", d.compute_capability},
            {"isa", d.isa},
            {"sm_count", d.sm_count},
            {"l2_bytes", d.cache_bytes},
            {"memory_bytes", d.memory_bytes},
            {"memory_clock_mhz", d.memory_clock_mhz},
            {"bus_width_bits", d.bus_width_bits},
            {"theoretical_gbps", d.theoretical_gbps}};
}

Device read_device(const Json& document, const std::string& where) {
    Fields f(document, where);
    Device d;
    d.id = f.get<std::string>("id", "");
    d.kind = f.get<std::string>("kind", "");
    d.name = f.get<std::string>("name", "");
    d.uuid = f.get<std::string>("uuid", "");
    d.compute_capability = f.get<std::string>("compute_capability", "");
    d.isa = f.get<std::string>("isa", "");
    d.sm_count = f.get("sm_count", 0);
    d.cache_bytes = f.get<std::int64_t>("l2_bytes", 0);
    d.memory_bytes = f.get<std::int64_t>("memory_bytes", 0);
    d.memory_clock_mhz = f.get("memory_clock_mhz", 0.0);
    d.bus_width_bits = f.get("bus_width_bits", 0);
    d.theoretical_gbps = f.get("theoretical_gbps", 0.0);
    return d;
}

Json verification_document(const Verification& v) {
    return {{"done", v.done},
            {"passed", v.passed},
            {"reference", v.reference},
            {"values", v.values},
            {"mismatched_codes", v.mismatched_codes},
            {"mismatched_scales", v.mismatched_scales},
            {"touched_past_counts", v.touched_past_counts},
            {"max_scale_error", number_document(v.max_scale_error)},
            {"relative_error", nullable(v.relative_error)},
            {"sqnr_db", nullable(v.sqnr_db)},
            {"mismatched_codes_bf16", v.mismatched_codes_bf16},
            {"mismatched_codes_fp32", v.mismatched_codes_fp32},
            {"clipped_values", v.clipped_values},
            {"nonfinite_values", v.nonfinite_values},
            {"unjudged_codes", v.unjudged_codes},
            {"note", v.note}};
}

Verification read_verification(const Json& document, const std::string& where) {
    Fields f(document, where);
    Verification v;
    v.done = f.get("done", false);
    v.passed = f.get("passed", false);
    v.reference = f.get<std::string>("reference", "");
    v.values = f.get<std::int64_t>("values", 0);
    v.mismatched_codes = f.get<std::int64_t>("mismatched_codes", 0);
    v.mismatched_scales = f.get<std::int64_t>("mismatched_scales", 0);
    v.touched_past_counts = f.get<std::int64_t>("touched_past_counts", 0);
    if (document.contains("max_scale_error"))
        v.max_scale_error = read_number(document["max_scale_error"], f.where("max_scale_error"));
    f.find("max_scale_error");
    v.relative_error = f.optional<double>("relative_error");
    v.sqnr_db = f.optional<double>("sqnr_db");
    v.mismatched_codes_bf16 = f.get<std::int64_t>("mismatched_codes_bf16", 0);
    v.mismatched_codes_fp32 = f.get<std::int64_t>("mismatched_codes_fp32", 0);
    v.clipped_values = f.get<std::int64_t>("clipped_values", 0);
    v.nonfinite_values = f.get<std::int64_t>("nonfinite_values", 0);
    v.unjudged_codes = f.get<std::int64_t>("unjudged_codes", 0);
    v.note = f.get<std::string>("note", "");
    return v;
}

std::string case_to_json(const Case& c) {
    return text_of(case_document(c));
}

Case case_from_json(std::string_view text) {
    const Json document = json::parse(text, "case");
    Fields fields(document, "case");
    return read_case(fields, "case");
}

std::string device_to_json(const Device& device) {
    Json document = device_document(device);
    document["driver"] = device.driver;
    document["cuda"] = device.runtime;
    document["free_bytes"] = device.free_bytes;
    return text_of(document);
}

Device device_from_json(std::string_view text) {
    const Json document = json::parse(text, "device");
    Device device = read_device(document, "device");
    Fields fields(document, "device");
    device.driver = fields.get<std::string>("driver", "");
    device.runtime = fields.get<std::string>("cuda", "");
    device.free_bytes = fields.get<std::int64_t>("free_bytes", 0);
    return device;
}

std::string verification_to_json(const Verification& verification) {
    return text_of(verification_document(verification));
}

Verification verification_from_json(std::string_view text) {
    return read_verification(json::parse(text, "verification"), "verification");
}

std::string reading_to_json(const TelemetryReading& reading) {
    return text_of({{"sm_clock_mhz", nullable(reading.sm_clock_mhz)},
                    {"memory_clock_mhz", nullable(reading.memory_clock_mhz)},
                    {"temperature_c", nullable(reading.temperature_c)},
                    {"power_w", nullable(reading.power_w)},
                    {"reasons", reading.reasons},
                    {"cost_us", reading.cost_us}});
}

TelemetryReading reading_from_json(std::string_view text) {
    const Json document = json::parse(text, "telemetry");
    Fields fields(document, "telemetry");
    TelemetryReading reading;
    reading.sm_clock_mhz = fields.optional<double>("sm_clock_mhz");
    reading.memory_clock_mhz = fields.optional<double>("memory_clock_mhz");
    reading.temperature_c = fields.optional<double>("temperature_c");
    reading.power_w = fields.optional<double>("power_w");
    if (const Json* reasons = fields.find("reasons")) {
        if (!reasons->is_array()) throw Error("telemetry: reasons is no array");
        for (const Json& reason : *reasons)
            reading.reasons.push_back(fields.convert<std::string>(reason, "reasons"));
    }
    reading.cost_us = fields.get("cost_us", 0.0);
    return reading;
}

}  // namespace moescope
