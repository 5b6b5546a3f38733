// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <limits>

#include "json/json_fields.h"
#include "moescope/error.h"
#include "moescope/workload/distribution.h"
#include "text/file.h"
#include "text/parse.h"

namespace moescope {
namespace {

using Row = std::vector<std::int32_t>;

std::int32_t checked_count(const std::string& path, std::size_t step, std::optional<std::int64_t> value) {
    if (!value || *value < 0 || *value > std::numeric_limits<std::int32_t>::max()) {
        throw Error(fmt::format(
            "{}: step {} holds something that is no count; counts are whole numbers from 0", path, step));
    }
    return static_cast<std::int32_t>(*value);
}

std::vector<Row> rows_from_json(const std::string& path, std::string_view text) {
    json::Json document = json::parse(text, path);
    if (document.is_object() && document.contains("steps")) document = json::Json(document["steps"]);
    if (!document.is_array() || document.empty()) {
        throw Error(fmt::format("{}: no steps; write [[counts of step 0], [counts of step 1], ...]", path));
    }
    if (!document.front().is_array()) document = json::Json::array({document});  // a single step, unwrapped
    std::vector<Row> rows;
    for (const auto& step : document) {
        if (!step.is_array())
            throw Error(fmt::format("{}: step {} is not an array of counts", path, rows.size()));
        Row row;
        for (const auto& value : step) {
            const bool whole = value.is_number_integer();
            row.push_back(checked_count(path, rows.size(),
                                        whole ? std::optional(value.get<std::int64_t>()) : std::nullopt));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Row> rows_from_csv(const std::string& path, std::string_view text) {
    std::vector<Row> rows;
    bool first_line = true;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text::trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#') continue;
        Row row;
        bool header = false;
        for (std::string_view rest = line;;) {
            const std::size_t comma = rest.find_first_of(",;\t");
            const std::string_view field = text::trim(rest.substr(0, comma));
            if (first_line && row.empty() && !field.empty() && !text::number(field)) {
                header = true;  // names of experts; a first row with one bad count is no header
                break;
            }
            const auto value = text::integer(field);
            row.push_back(checked_count(path, rows.size(), value));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
        first_line = false;
        if (!header) rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

std::vector<Row> read_counts_file(const std::string& path) {
    const std::string whole = text::read_file(path);
    std::string_view content = whole;
    if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);  // spreadsheets mark UTF-8 so
    const std::string_view start = text::trim(content);
    const bool json = !start.empty() && (start.front() == '[' || start.front() == '{');
    std::vector<Row> rows = json ? rows_from_json(path, content) : rows_from_csv(path, content);
    if (rows.empty())
        throw Error(fmt::format("{}: no counts; write one step a line, counts separated by commas", path));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].empty()) throw Error(fmt::format("{}: step {} has no counts", path, i));
    }
    return rows;
}

}  // namespace moescope
