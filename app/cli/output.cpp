// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "moescope/analysis/metrics.h"
#include "moescope/session/session_file.h"

namespace moescope {
namespace {

std::string number(std::optional<double> value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

}  // namespace

void print_table(std::vector<std::vector<std::string>> rows) {
    if (rows.empty()) return;
    std::vector<bool> right;
    for (std::string& name : rows.front()) {
        right.push_back(name.starts_with('>'));
        if (right.back()) name.erase(0, 1);
    }
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += right[i] ? fmt::format("{:>{}}  ", row[i], widths[i])
                             : fmt::format("{:<{}}  ", row[i], widths[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        fmt::print("{}\n", line);
    }
}

void print_results(const Session& session) {
    std::vector<std::vector<std::string>> rows{{">E", ">T", ">H", ">G", ">tokens", "strategy", "kernel",
                                                "cache", ">median us", ">+- %", ">GB/s", ">% of measured",
                                                ">efficiency", "status"}};
    std::map<std::string, std::vector<double>> efficiency;
    for (const Result& r : session.results) {
        const Shape& s = r.c.shape;
        rows.push_back({fmt::to_string(s.experts), fmt::to_string(s.max_tokens), fmt::to_string(s.hidden),
                        fmt::to_string(s.group_size), fmt::to_string(r.c.total_tokens),
                        to_string(r.c.strategy), r.kernel, std::string(to_string(r.cache)),
                        number(r.median_us, 2), number(find_metric("ci_percent").value(r), 2),
                        number(r.gbps, 1), number(r.percent_of_peak.measured, 1), number(r.efficiency, 3),
                        r.error.empty() ? std::string(to_string(r.status))
                                        : fmt::format("{}: {}", to_string(r.status), r.error)});
        if (r.status == Status::ok && r.efficiency && *r.efficiency > 0.0)
            efficiency[r.kernel].push_back(*r.efficiency);
    }
    print_table(std::move(rows));
    for (const auto& [kernel, values] : efficiency) {
        fmt::print("{}: efficiency {:.3f} (geometric mean of {} cells; limit time over median time)\n",
                   kernel, geometric_mean(values), values.size());
    }
}

void write_output(const std::string& path, std::string_view text) {
    if (path == "-") {
        std::fwrite(text.data(), 1, text.size(), stdout);
    } else {
        write_file_atomically(path, text);
    }
}

}  // namespace moescope
