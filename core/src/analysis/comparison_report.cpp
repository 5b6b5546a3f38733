// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/comparison_report.h"

#include <fmt/format.h>

#include "workload/case_json.h"

namespace moescope {
namespace {

using json::Json;
using json::nullable;

Json counts_document(const VerdictCounts& c) {
    return {{"faster", c.faster},
            {"slower", c.slower},
            {"same", c.same},
            {"unsure", c.unsure},
            {"not_compared", c.not_compared}};
}

Json side_document(const ComparedSide& side) {
    return {{"sessions", side.sessions},
            {"samples", side.samples},
            {"median_us", nullable(side.median_us)},
            {"value", nullable(side.value)}};
}

Json name_or_null(const std::string& name) {
    return name.empty() ? Json(nullptr) : Json(name);
}

Json row_document(const ComparisonRow& row) {
    Json document = case_document(row.c);
    document["base_kernel"] = name_or_null(row.base_kernel);
    document["other_kernel"] = name_or_null(row.other_kernel);
    document["cache"] = to_string(row.cache);
    if (!row.launch.empty()) document["launch"] = row.launch;
    document["base"] = side_document(row.base);
    document["other"] = side_document(row.other);
    document["ratio"] = nullable(row.ratio);
    document["ratio_ci95"] = nullable(row.interval);
    document["p"] = nullable(row.p);
    document["q"] = nullable(row.q);
    document["verdict"] = row.verdict == Verdict::not_compared ? Json(nullptr) : Json(to_string(row.verdict));
    document["reason"] = row.reason;
    document["advice"] = row.advice;
    return document;
}

Json comparison_document(const Comparison& c) {
    Json document{{"base", c.base_name},
                  {"other", c.other_name},
                  {"base_sessions", c.base_sessions},
                  {"other_sessions", c.other_sessions},
                  {"metric", to_string(c.options.metric)},
                  {"threshold_percent", c.options.threshold_percent},
                  {"drift_percent", c.drift_percent},
                  {"drift_source", c.drift_source},
                  {"warnings", c.warnings},
                  {"counts", counts_document(c.counts)}};
    document["groups"] = Json::array();
    for (const GroupMean& g : c.groups) {
        document["groups"].push_back({{"kernel", g.kernel},
                                      {"dimension", g.dimension},
                                      {"value", g.value},
                                      {"ratio", g.ratio},
                                      {"counts", counts_document(g.counts)}});
    }
    document["rows"] = Json::array();
    for (const ComparisonRow& row : c.rows) document["rows"].push_back(row_document(row));
    return document;
}

std::string quoted(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

std::string number(std::optional<double> value, int digits, const char* absent) {
    return value ? fmt::format("{:.{}f}", *value, digits) : std::string(absent);
}

std::string csv_row(const Comparison& c, const ComparisonRow& r) {
    const auto end = [&](std::size_t i) { return r.interval ? fmt::format("{:.6f}", (*r.interval)[i]) : ""; };
    const auto small = [](std::optional<double> v) { return v ? fmt::format("{:.4g}", *v) : std::string(); };
    return fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n",
        quoted(c.base_name), quoted(c.other_name), r.c.shape.experts, r.c.shape.max_tokens, r.c.shape.hidden,
        r.c.shape.group_size, r.c.total_tokens, quoted(to_string(r.c.strategy)), r.c.seed,
        to_string(r.c.shape.scale_format), to_string(r.c.shape.input_type), quoted(r.base_kernel),
        quoted(r.other_kernel), to_string(r.cache), to_string(c.options.metric), r.base.sessions,
        r.base.samples, number(r.base.median_us, 4, ""), r.other.sessions, r.other.samples,
        number(r.other.median_us, 4, ""), number(r.ratio, 6, ""), end(0), end(1), small(r.p), small(r.q),
        r.verdict == Verdict::not_compared ? "" : to_string(r.verdict), quoted(r.reason), quoted(r.advice));
}

std::string markdown_cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
}

std::string markdown_rows(const Comparison& c) {
    std::string text =
        "| E | T | H | tokens | strategy | input | kernel | cache | base us | other us | ratio | 95 % "
        "interval | q | "
        "verdict | "
        "why, and what would help |\n|--:|--:|--:|--:|:--|:--|:--|:--|--:|--:|--:|:--|--:|:--|:--|\n";
    for (const ComparisonRow& r : c.rows) {
        if (r.verdict == Verdict::same) continue;
        const std::string interval =
            r.interval ? fmt::format("{:.4f} to {:.4f}", (*r.interval)[0], (*r.interval)[1]) : "-";
        const std::string note = r.reason + (r.reason.empty() || r.advice.empty() ? "" : "; ") + r.advice;
        text += fmt::format(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            r.c.shape.experts, r.c.shape.max_tokens, r.c.shape.hidden, r.c.total_tokens,
            to_string(r.c.strategy), to_string(r.c.shape.input_type), r.kernel_label(), to_string(r.cache),
            number(r.base.median_us, 3, "-"), number(r.other.median_us, 3, "-"), number(r.ratio, 4, "-"),
            interval, r.q ? fmt::format("{:.2g}", *r.q) : "-", to_string(r.verdict), markdown_cell(note));
    }
    return text;
}

}  // namespace

std::string comparisons_to_json(std::span<const Comparison> comparisons) {
    Json list = Json::array();
    for (const Comparison& c : comparisons) list.push_back(comparison_document(c));
    return list.dump(2) + "\n";
}

std::string comparisons_to_csv(std::span<const Comparison> comparisons) {
    std::string text =
        "base,other,experts,max_tokens,hidden,group_size,total_tokens,strategy,seed,scale_format,input_type,"
        "base_kernel,other_kernel,cache,metric,base_sessions,base_samples,base_median_us,other_sessions,"
        "other_samples,"
        "other_median_us,ratio,ratio_ci95.low,ratio_ci95.high,p,q,verdict,reason,advice\r\n";
    for (const Comparison& c : comparisons) {
        for (const ComparisonRow& row : c.rows) text += csv_row(c, row);
    }
    return text;
}

std::string comparisons_to_markdown(std::span<const Comparison> comparisons) {
    std::string text;
    for (const Comparison& c : comparisons) {
        text += fmt::format("## {} against {}\n\n", markdown_cell(c.other_name), markdown_cell(c.base_name));
        for (const std::string& warning : c.warnings)
            text += fmt::format("- Warning: {}\n", markdown_cell(warning));
        text += fmt::format(
            "{}Ratios of {}, other over base; threshold {:g} %. {} faster, {} slower, {} same, {} unsure, {} "
            "not "
            "compared.\n\n| kernel | group | geometric mean | faster | slower | same | unsure |\n"
            "|:--|:--|--:|--:|--:|--:|--:|\n",
            c.warnings.empty() ? "" : "\n", to_string(c.options.metric), c.options.threshold_percent,
            c.counts.faster, c.counts.slower, c.counts.same, c.counts.unsure, c.counts.not_compared);
        for (const GroupMean& g : c.groups) {
            text += fmt::format("| {} | {}{}{} | {:.4f} | {} | {} | {} | {} |\n", g.kernel, g.dimension,
                                g.value.empty() ? "" : " ", g.value, g.ratio, g.counts.faster,
                                g.counts.slower, g.counts.same, g.counts.unsure);
        }
        text += "\n" + markdown_rows(c) + "\n";
    }
    return text;
}

}  // namespace moescope
