// SPDX-License-Identifier: Apache-2.0
#include "workload/selection_json.h"

#include "moescope/session/session_file.h"
#include "moescope/workload/axis.h"
#include "text/file.h"
#include "workload/case_json.h"

namespace moescope {
namespace {

using json::Fields;
using json::Json;

/// An axis as an array of whole numbers or as axis text.
std::vector<std::int64_t> read_axis(Fields& fields, const char* name, std::vector<std::int64_t> fallback) {
    const Json* value = fields.find(name);
    if (value == nullptr) return fallback;
    const std::string where = fields.where(name);
    if (value->is_string()) return parse_axis(where, value->get<std::string>());
    if (value->is_number_integer()) return {value->get<std::int64_t>()};
    if (!value->is_array())
        throw Error(fmt::format("{}: write an array of numbers or a range like \"8:512:*2\"", where));
    std::vector<std::int64_t> values;
    for (const Json& item : *value) {
        if (!item.is_number_integer())
            throw Error(fmt::format("{}: {} is not a whole number", where, item.dump()));
        values.push_back(item.get<std::int64_t>());
    }
    return values;
}

std::vector<std::string> read_names(Fields& fields, const char* name) {
    std::vector<std::string> names;
    const Json* value = fields.find(name);
    if (value == nullptr) return names;
    if (value->is_string()) return split_list(fields.where(name), value->get<std::string>());
    if (!value->is_array()) throw Error(fmt::format("{}: write an array of names", fields.where(name)));
    for (const Json& item : *value) {
        if (!item.is_string())
            throw Error(fmt::format("{}: {} is not a name", fields.where(name), item.dump()));
        names.push_back(item.get<std::string>());
    }
    return names;
}

/// Explicit cases: an array of objects with the case fields of a result.
std::vector<Case> read_cases(Fields& fields) {
    std::vector<Case> cases;
    const Json* value = fields.find("cases");
    if (value == nullptr) return cases;
    if (!value->is_array()) throw Error(fmt::format("{}: write an array of cases", fields.where("cases")));
    for (const Json& item : *value) {
        const std::string where = fmt::format("{}[{}]", fields.where("cases"), cases.size());
        Fields case_fields(item, where);
        cases.push_back(read_case(case_fields, where));
        if (const std::string rest = case_fields.rest(); !rest.empty())
            throw Error(fmt::format("{}: unknown field '{}'", where, Json::parse(rest).begin().key()));
    }
    return cases;
}

MeasureOptions read_measure(Fields& fields) {
    MeasureOptions options;
    const Json* value = fields.find("measure");
    if (value == nullptr) return options;
    Fields measure(*value, fields.where("measure"));
    options.ci_percent = measure.get("ci_percent", options.ci_percent);
    options.min_samples = measure.get("min_samples", options.min_samples);
    options.max_samples = measure.get("max_samples", options.max_samples);
    options.max_seconds = measure.get("max_seconds", options.max_seconds);
    return options;
}

}  // namespace

Json selection_document(const Selection& s) {
    Json document = Json::object();
    if (!s.name.empty()) document["name"] = s.name;
    document["experts"] = s.experts;
    document["max_tokens"] = s.max_tokens;
    document["hidden"] = s.hidden;
    document["group_size"] = s.group_size;
    if (!s.tokens_per_expert.empty()) document["tokens_per_expert"] = s.tokens_per_expert;
    if (!s.total_tokens.empty()) document["total_tokens"] = s.total_tokens;
    document["strategies"] = Json::array();
    for (const Strategy& strategy : s.strategies) document["strategies"].push_back(to_string(strategy));
    for (const Case& c : s.cases) document["cases"].push_back(case_document(c));
    document["kernels"] = s.kernels;
    document["scale_formats"] = Json::array();
    for (const ScaleFormat format : s.scale_formats) document["scale_formats"].push_back(to_string(format));
    document["input_type"] = Json::array();
    for (const InputType type : s.input_types) document["input_type"].push_back(to_string(type));
    document["seed"] = s.seed;
    document["cache"] = to_string(s.cache);
    document["launch"] = to_string(s.launch);
    if (!s.shard.empty()) document["shard"] = s.shard;
    document["measure"] = {{"ci_percent", s.measure.ci_percent},
                           {"min_samples", s.measure.min_samples},
                           {"max_samples", s.measure.max_samples},
                           {"max_seconds", s.measure.max_seconds}};
    json::restore(document, s.extra);
    return document;
}

Selection selection_from_document(const Json& document, const std::string& source) {
    Fields fields(document, source);
    Selection s;
    s.name = fields.get<std::string>("name", "");
    s.experts = read_axis(fields, "experts", {});
    s.max_tokens = read_axis(fields, "max_tokens", {});
    s.hidden = read_axis(fields, "hidden", {});
    s.group_size = read_axis(fields, "group_size", s.group_size);
    s.tokens_per_expert = read_axis(fields, "tokens_per_expert", {});
    s.total_tokens = read_axis(fields, "total_tokens", {});
    for (const std::string& text : read_names(fields, "strategies"))
        s.strategies.push_back(parse_strategy(text));
    s.cases = read_cases(fields);
    s.kernels = read_names(fields, "kernels");
    if (const std::vector<std::string> formats = read_names(fields, "scale_formats"); !formats.empty()) {
        s.scale_formats.clear();
        for (const std::string& text : formats) s.scale_formats.push_back(parse_scale_format(text));
    }
    if (const std::vector<std::string> types = read_names(fields, "input_type"); !types.empty()) {
        s.input_types.clear();
        for (const std::string& text : types) s.input_types.push_back(parse_input_type(text));
    }
    s.seed = fields.get<std::uint64_t>("seed", s.seed);
    if (const auto cache = fields.optional<std::string>("cache")) s.cache = parse_cache_selection(*cache);
    if (const auto launch = fields.optional<std::string>("launch")) s.launch = parse_launch_mode(*launch);
    s.shard = fields.get<std::string>("shard", "");
    parse_shard(s.shard);
    s.measure = read_measure(fields);
    s.extra = fields.rest();
    return s;
}

std::string selection_to_json(const Selection& selection) {
    return selection_document(selection).dump(2) + "\n";
}

Selection selection_from_json(std::string_view text, const std::string& source) {
    return selection_from_document(json::parse(text, source), source);
}

Selection load_selection(const std::string& path) {
    const Json document = json::parse(text::read_file(path), path);
    // A preset file wraps its selection; both forms can be given.
    const bool wrapped = document.is_object() && document.contains("selection");
    Selection selection = selection_from_document(wrapped ? document["selection"] : document, path);
    if (!selection.extra.empty()) {
        const Json unknown = Json::parse(selection.extra);
        throw Error(fmt::format(
            "{}: unknown field '{}'; known are experts, max_tokens, hidden, group_size, tokens_per_expert, "
            "total_tokens, strategies, cases, kernels, scale_formats, input_type, seed, cache, launch, "
            "shard, measure, "
            "name",
            path, unknown.begin().key()));
    }
    return selection;
}

void save_selection(const Selection& selection, const std::string& path) {
    write_file_atomically(path, selection_to_json(selection));
}

}  // namespace moescope
