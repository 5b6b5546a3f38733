// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/export.h"

#include <fmt/format.h>

#include "moescope/analysis/metrics.h"
#include "moescope/measurement/telemetry.h"
#include "session/session_document.h"
#include "text/table_text.h"

namespace moescope {
namespace {

using json::Json;

struct Column {
    std::string name;  ///< path in the result document, dots between levels
    Json::json_pointer pointer;
};

/// Columns of a result, from the document itself so that CSV and session cannot drift apart.
void collect_columns(const Json& object, const std::string& prefix, const std::string& pointer,
                     std::vector<Column>& columns) {
    for (const auto& [key, value] : object.items()) {
        const std::string name = prefix + key;
        const std::string path = pointer + "/" + key;
        if (value.is_object()) {
            collect_columns(value, name + ".", path, columns);
        } else if (key == "ci95_us") {
            columns.push_back({name + ".low", Json::json_pointer(path + "/0")});
            columns.push_back({name + ".high", Json::json_pointer(path + "/1")});
        } else if (key == "samples_us") {
            columns.push_back({"samples", Json::json_pointer(path)});
        } else {
            columns.push_back({name, Json::json_pointer(path)});
        }
    }
}

/// Words and sentences are told; samples are only counted.
std::string joined(const Json& words) {
    std::string text;
    for (const Json& word : words)
        text += (text.empty() ? "" : "; ") + (word.is_string() ? word.get<std::string>() : word.dump());
    return text;
}

std::string field_of(const Json& document, const Column& column) {
    if (!document.contains(column.pointer)) return {};
    const Json& value = document.at(column.pointer);
    if (value.is_null()) return {};
    if (value.is_array())
        return column.name == "samples" ? fmt::to_string(value.size()) : text::csv_field(joined(value));
    return text::csv_field(value.is_string() ? value.get<std::string>() : value.dump());
}

std::string status_text(const Result& r) {
    const std::string flags = flags_text(r.telemetry);
    if (r.status != Status::ok && !r.error.empty())
        return fmt::format("{}: {}", to_string(r.status), r.error);
    return flags.empty() ? std::string(to_string(r.status))
                         : fmt::format("{} ({})", to_string(r.status), flags);
}

std::string number(std::optional<double> value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

}  // namespace

std::string results_to_csv(const std::vector<Result>& results) {
    Result model;  // a result of this version, for the names
    model.c.shape = {1, 1, 128, 128, ScaleFormat::fp32};
    model.telemetry = telemetry_to_json({.readings = 1,
                                         .sm_clock_mhz = Spread{},
                                         .memory_clock_mhz = Spread{},
                                         .temperature_c = Spread{},
                                         .power_w = Spread{}});
    std::vector<Column> columns;
    collect_columns(result_document(model), "", "", columns);

    std::string text;
    const auto add_row = [&](const auto& field) {
        for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : ",") + field(columns[i]);
        text += "\r\n";
    };
    add_row([](const Column& column) { return column.name; });
    for (const Result& result : results) {
        const Json document = result_document(result);
        add_row([&](const Column& column) { return field_of(document, column); });
    }
    return text;
}

std::string results_to_markdown(const std::vector<Result>& results) {
    std::string text =
        "| E | T | H | G | tokens | strategy | seed | scales | input | kernel | cache | median us | 95 % "
        "interval "
        "us | GB/s "
        "| % measured | efficiency | "
        "status |\n|--:|--:|--:|--:|--:|:--|--:|:--|:--|:--|:--|--:|:--|--:|--:|--:|:--|\n";
    for (const Result& r : results) {
        const std::string interval =
            r.ci95_us ? fmt::format("{:.3f} to {:.3f}", (*r.ci95_us)[0], (*r.ci95_us)[1]) : "-";
        text += fmt::format(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            r.c.shape.experts, r.c.shape.max_tokens, r.c.shape.hidden, r.c.shape.group_size, r.c.total_tokens,
            text::markdown_cell(to_string(r.c.strategy)), r.c.seed, to_string(r.c.shape.scale_format),
            to_string(r.c.shape.input_type), text::markdown_cell(r.kernel), to_string(r.cache),
            number(r.median_us, 3), interval, number(r.gbps, 1), number(r.percent_of_peak.measured, 1),
            number(r.efficiency, 3), text::markdown_cell(status_text(r)));
    }
    return text;
}

}  // namespace moescope
