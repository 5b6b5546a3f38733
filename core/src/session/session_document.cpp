// SPDX-License-Identifier: Apache-2.0
#include "session/session_document.h"

#include "moescope/analysis/drift.h"
#include "moescope/error.h"
#include "session/part_documents.h"
#include "workload/case_json.h"
#include "workload/selection_json.h"

namespace moescope {
namespace {

using json::Fields;
using json::Json;
using json::nullable;

Json environment_document(const Environment& e) {
    Json document{{"device", device_document(e.device)},
                  {"driver", e.device.driver},
                  {"cuda", e.device.runtime},
                  {"host", e.host},
                  {"os", e.os},
                  {"compiler", e.compiler},
                  {"clocks", clocks_document(e.clocks)}};
    json::restore(document, e.extra);
    return document;
}

Environment read_environment(const Json& document, const std::string& where) {
    Fields f(document, where);
    Environment e;
    if (const Json* device = f.find("device")) e.device = read_device(*device, f.where("device"));
    e.device.driver = f.get<std::string>("driver", "");
    e.device.runtime = f.get<std::string>("cuda", "");
    e.host = f.get<std::string>("host", "");
    e.os = f.get<std::string>("os", "");
    e.compiler = f.get<std::string>("compiler", "");
    if (const Json* clocks = f.find("clocks")) e.clocks = clocks_from_document(*clocks, f.where("clocks"));
    e.extra = f.rest();
    return e;
}

LoadStats read_load(const Json& document, const std::string& where) {
    Fields f(document, where);
    LoadStats load;
    load.min = f.get<std::int64_t>("min", 0);
    load.mean = f.get("mean", 0.0);
    load.max = f.get<std::int64_t>("max", 0);
    load.max_over_mean = f.get("max_over_mean", 0.0);
    load.gini = f.get("gini", 0.0);
    load.active = f.get<std::int64_t>("active", 0);
    return load;
}

Json repetitions_document(const std::vector<Repetition>& repetitions) {
    Json array = Json::array();
    for (const Repetition& part : repetitions)
        array.push_back({{"session", part.session}, {"created", part.created}, {"samples", part.samples}});
    return array;
}

std::vector<Repetition> read_repetitions(const Json& array, const std::string& where) {
    if (!array.is_array()) throw Error(fmt::format("{}: expected an array", where));
    std::vector<Repetition> repetitions;
    for (const Json& part : array) {
        Fields f(part, where);
        repetitions.push_back({f.get<std::string>("session", ""), f.get<std::string>("created", ""),
                               f.require<int>("samples")});
        if (repetitions.back().samples < 0) throw Error(fmt::format("{}: samples is negative", where));
    }
    return repetitions;
}

PercentOfPeak read_percent(const Json& document, const std::string& where) {
    Fields f(document, where);
    return {f.optional<double>("theoretical"), f.optional<double>("measured"), f.optional<double>("seed")};
}

std::vector<double> read_numbers(const Json& array, const std::string& where) {
    if (!array.is_array()) throw Error(fmt::format("{}: expected an array of numbers", where));
    std::vector<double> values;
    values.reserve(array.size());
    for (const Json& value : array) {
        if (!value.is_number()) throw Error(fmt::format("{}: {} is not a number", where, value.dump()));
        values.push_back(value.get<double>());
    }
    return values;
}

Status parse_status(const std::string& text, const std::string& where) {
    for (const Status status : {Status::ok, Status::failed, Status::skipped, Status::cancelled}) {
        if (text == to_string(status)) return status;
    }
    throw Error(fmt::format("{}: unknown status '{}'", where, text));
}

void check_schema(const Json& document, const std::string& source) {
    if (!document.is_object() || !document.contains("schema_version")) {
        throw Error(fmt::format(
            "{}: not a moescope session (no schema_version); open a file written by moescope sweep", source));
    }
    Fields fields(document, source);
    const int version = fields.require<int>("schema_version");
    if (version > kSchemaVersion) {
        throw Error(fmt::format("{}: schema version {} is newer than this program's {}; update moescope",
                                source, version, kSchemaVersion));
    }
    if (version < 1) throw Error(fmt::format("{}: schema version {} does not exist", source, version));
}

}  // namespace

Json load_document(const LoadStats& load) {
    if (!load.counts_known())
        return {{"min", nullptr},           {"mean", load.mean}, {"max", nullptr},
                {"max_over_mean", nullptr}, {"gini", nullptr},   {"active", nullptr}};
    return {{"min", load.min},   {"mean", load.mean},
            {"max", load.max},   {"max_over_mean", load.max_over_mean},
            {"gini", load.gini}, {"active", load.active}};
}

Json peaks_document(const Peaks& peaks) {
    const Drift drift = drift_of(peaks);
    Json document{{"theoretical_gbps", nullable(peaks.theoretical_gbps)},
                  {"measured_gbps", nullable(peaks.measured_gbps)},
                  {"launch_floor_us", nullable(peaks.launch_floor_us)},
                  {"measured_end_gbps", nullable(peaks.measured_end_gbps)},
                  {"launch_floor_end_us", nullable(peaks.launch_floor_end_us)},
                  {"end_error", peaks.end_error.empty() ? Json(nullptr) : Json(peaks.end_error)},
                  {"drift_percent",
                   {{"measured", nullable(drift.measured_percent)},
                    {"launch_floor", nullable(drift.launch_floor_percent)}}}};
    json::restore(document, peaks.extra);
    return document;
}

Json clocks_document(const ReferenceClocks& clocks) {
    return {{"sm_mhz", nullable(clocks.sm_mhz)}, {"memory_mhz", nullable(clocks.memory_mhz)}};
}

Json result_document(const Result& r) {
    Json document = case_document(r.c);
    document["kernel"] = r.kernel;
    document["cache"] = to_string(r.cache);
    document["launch"] = to_string(r.launch);
    document["status"] = to_string(r.status);
    document["error"] = r.error.empty() ? Json(nullptr) : Json(r.error);
    document["samples_us"] = r.samples_us;
    document["launches_per_sample"] = r.launches_per_sample;
    document["median_us"] = nullable(r.median_us);
    document["ci95_us"] = nullable(r.ci95_us);
    document["stop_reason"] = r.stop_reason.empty() ? Json(nullptr) : Json(r.stop_reason);
    document["gflops"] = nullable(r.gflops);
    document["gbps"] = nullable(r.gbps);
    document["percent_of_peak"] = {{"theoretical", nullable(r.percent_of_peak.theoretical)},
                                   {"measured", nullable(r.percent_of_peak.measured)},
                                   {"seed", nullable(r.percent_of_peak.seed)}};
    document["efficiency"] = nullable(r.efficiency);
    document["cold_reuse"] = nullable(r.cold_reuse);
    document["load"] = load_document(r.load);
    document["verification"] = verification_document(r.verification);
    document["telemetry"] = Json::parse(r.telemetry.empty() ? "{}" : r.telemetry);
    if (!r.repetitions.empty()) document["repetitions"] = repetitions_document(r.repetitions);
    if (!r.imported_from.empty()) document["imported_from"] = r.imported_from;
    json::restore(document, r.extra);
    return document;
}

Json session_header_document(const Session& s) {
    Json document{{"schema_version", kSchemaVersion},
                  {"id", s.id},
                  {"name", s.name},
                  {"notes", s.notes},
                  {"created", s.created},
                  {"tool", {{"version", s.tool_version}, {"git", s.tool_git}}},
                  {"environment", environment_document(s.environment)},
                  {"peaks", peaks_document(s.peaks)},
                  {"spec", selection_document(s.spec)}};
    json::restore(document, s.extra);
    return document;
}

Peaks peaks_from_document(const Json& document, const std::string& where) {
    Fields f(document, where);
    Peaks peaks;
    peaks.theoretical_gbps = f.optional<double>("theoretical_gbps");
    peaks.measured_gbps = f.optional<double>("measured_gbps");
    peaks.launch_floor_us = f.optional<double>("launch_floor_us");
    peaks.measured_end_gbps = f.optional<double>("measured_end_gbps");
    peaks.launch_floor_end_us = f.optional<double>("launch_floor_end_us");
    peaks.end_error = f.get<std::string>("end_error", "");
    f.find("drift_percent");  // follows from the others
    peaks.extra = f.rest();
    return peaks;
}

ReferenceClocks clocks_from_document(const Json& document, const std::string& where) {
    Fields f(document, where);
    return {f.optional<double>("sm_mhz"), f.optional<double>("memory_mhz")};
}

Result result_from_document(const Json& document, const std::string& where) {
    Fields f(document, where);
    Result r;
    r.c = read_case(f, where);
    r.kernel = f.require<std::string>("kernel");
    const auto cache = f.get<std::string>("cache", "cold");
    if (cache != "cold" && cache != "hot")
        throw Error(fmt::format("{}: unknown cache mode '{}'", where, cache));
    r.cache = cache == "hot" ? CacheMode::hot : CacheMode::cold;
    r.launch = parse_launch_mode(f.get<std::string>("launch", "graph"));
    r.status = parse_status(f.require<std::string>("status"), where);
    r.error = f.get<std::string>("error", "");
    if (const Json* samples = f.find("samples_us"))
        r.samples_us = read_numbers(*samples, f.where("samples_us"));
    r.launches_per_sample = f.get("launches_per_sample", 0);
    r.median_us = f.optional<double>("median_us");
    if (const Json* interval = f.find("ci95_us")) {
        const std::vector<double> ends = read_numbers(*interval, f.where("ci95_us"));
        if (ends.size() != 2) throw Error(fmt::format("{}: expected [low, high]", f.where("ci95_us")));
        r.ci95_us = {ends[0], ends[1]};
    }
    r.stop_reason = f.get<std::string>("stop_reason", "");
    r.gflops = f.optional<double>("gflops");
    r.gbps = f.optional<double>("gbps");
    if (const Json* percent = f.find("percent_of_peak"))
        r.percent_of_peak = read_percent(*percent, f.where("percent_of_peak"));
    r.efficiency = f.optional<double>("efficiency");
    r.cold_reuse = f.optional<double>("cold_reuse");
    if (const Json* load = f.find("load")) r.load = read_load(*load, f.where("load"));
    if (const Json* v = f.find("verification"))
        r.verification = read_verification(*v, f.where("verification"));
    if (const Json* telemetry = f.find("telemetry");
        telemetry != nullptr && telemetry->is_object() && !telemetry->empty()) {
        r.telemetry = telemetry->dump();
    }
    if (const Json* repetitions = f.find("repetitions"))
        r.repetitions = read_repetitions(*repetitions, f.where("repetitions"));
    r.imported_from = f.get<std::string>("imported_from", "");
    r.extra = f.rest();
    return r;
}

Session session_from_document(const Json& document, const std::string& source) {
    check_schema(document, source);
    Fields f(document, source);
    Session s;
    f.find("schema_version");
    s.id = f.get<std::string>("id", "");
    s.name = f.get<std::string>("name", "");
    s.notes = f.get<std::string>("notes", "");
    s.created = f.get<std::string>("created", "");
    if (const Json* tool = f.find("tool")) {
        Fields t(*tool, f.where("tool"));
        s.tool_version = t.get<std::string>("version", "");
        s.tool_git = t.get<std::string>("git", "");
    }
    if (const Json* environment = f.find("environment"))
        s.environment = read_environment(*environment, f.where("environment"));
    if (const Json* peaks = f.find("peaks")) s.peaks = peaks_from_document(*peaks, f.where("peaks"));
    if (const Json* spec = f.find("spec")) s.spec = selection_from_document(*spec, f.where("spec"));
    if (const Json* results = f.find("results")) {
        if (!results->is_array()) throw Error(fmt::format("{}: results is no array", source));
        s.results.reserve(results->size());
        for (const Json& result : *results) {
            s.results.push_back(
                result_from_document(result, fmt::format("{}: results[{}]", source, s.results.size())));
        }
    }
    s.extra = f.rest();
    return s;
}

}  // namespace moescope
