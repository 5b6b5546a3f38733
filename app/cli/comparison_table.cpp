// SPDX-License-Identifier: Apache-2.0
#include "comparison_table.h"

#include <fmt/format.h>

#include "moescope/analysis/comparison_report.h"
#include "output.h"

namespace moescope {
namespace {

std::string number(std::optional<double> value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string note_of(const ComparisonRow& row) {
    return row.reason + (row.reason.empty() || row.advice.empty() ? "" : "; ") + row.advice;
}

void print_rows(const Comparison& c, bool all) {
    const bool is_time = c.options.metric == CompareMetric::time;
    const std::string unit = is_time ? "us" : c.options.metric == CompareMetric::bandwidth ? "GB/s" : "eff";
    const int digits = is_time ? 2 : c.options.metric == CompareMetric::bandwidth ? 1 : 4;
    std::vector<std::vector<std::string>> rows{
        {">E", ">T", ">H", ">tokens", "strategy", "input", "kernel", "cache", ">base " + unit,
         ">other " + unit, ">ratio", "95 % interval", ">q", "verdict", "why, and what would help"}};
    for (const ComparisonRow& r : c.rows) {
        if (!all && (r.verdict == Verdict::same || r.one_sided())) continue;
        rows.push_back(
            {fmt::to_string(r.c.shape.experts), fmt::to_string(r.c.shape.max_tokens),
             fmt::to_string(r.c.shape.hidden), fmt::to_string(r.c.total_tokens), to_string(r.c.strategy),
             std::string(to_string(r.c.shape.input_type)), r.kernel_label(), std::string(to_string(r.cache)),
             number(r.base.value, digits), number(r.other.value, digits), number(r.ratio, 4),
             r.interval ? fmt::format("{:.4f}..{:.4f}", (*r.interval)[0], (*r.interval)[1]) : "-",
             r.q ? fmt::format("{:.2g}", *r.q) : "-", std::string(to_string(r.verdict)), note_of(r)});
    }
    if (rows.size() > 1) {
        print_table(std::move(rows));
        fmt::print("\n");
    }
}

void print_groups(const Comparison& c) {
    std::vector<std::vector<std::string>> rows{
        {"kernel", "group", ">geometric mean", ">faster", ">slower", ">same", ">unsure"}};
    for (const GroupMean& g : c.groups) {
        rows.push_back({g.kernel, g.value.empty() ? g.dimension : fmt::format("{} {}", g.dimension, g.value),
                        fmt::format("{:.4f}", g.ratio), fmt::to_string(g.counts.faster),
                        fmt::to_string(g.counts.slower), fmt::to_string(g.counts.same),
                        fmt::to_string(g.counts.unsure)});
    }
    if (rows.size() > 1) {
        print_table(std::move(rows));
        fmt::print("\n");
    }
}

}  // namespace

void print_comparison(const Comparison& c, bool all) {
    fmt::print("base:  {} ({} run{})\nother: {} ({} run{})\n", c.base_name, c.base_sessions,
               c.base_sessions == 1 ? "" : "s", c.other_name, c.other_sessions,
               c.other_sessions == 1 ? "" : "s");
    for (const std::string& warning : c.warnings) fmt::print("warning: {}\n", warning);
    fmt::print(
        "ratio of {}, other over base: above 1 is {}; allowed for drift between runs: {:.2f} % ({})\n\n",
        to_string(c.options.metric), c.options.metric == CompareMetric::time ? "slower" : "faster",
        c.drift_percent, c.drift_source);
    print_rows(c, all);
    print_groups(c);
    for (const std::string& remark : comparison_remarks(c)) fmt::print("{}\n", remark);
    fmt::print("{} cells, threshold {:g} %: {} FASTER, {} SLOWER, {} SAME, {} UNSURE, {} not compared\n",
               c.rows.size(), c.options.threshold_percent, c.counts.faster, c.counts.slower, c.counts.same,
               c.counts.unsure, c.counts.not_compared);
}

}  // namespace moescope
