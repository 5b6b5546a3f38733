// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>

#include "moescope/analysis/drift.h"
#include "moescope/analysis/metrics.h"
#include "moescope/error.h"
#include "moescope/measurement/telemetry.h"
#include "moescope/session/session_file.h"

namespace moescope {
namespace {

std::string number(std::optional<double> value, int digits) {
    return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

std::string status_text(const Result& r) {
    if (!r.error.empty()) return fmt::format("{}: {}", to_string(r.status), r.error);
    const std::string flags = flags_text(r.telemetry);
    if (flags.empty()) return std::string(to_string(r.status));
    return fmt::format("{} (flagged: {})", to_string(r.status), flags);
}

void warn(std::string_view text) {
    fmt::print(stderr, "moescope: warning: {}\n", text);
}

void print_peaks(const Peaks& peaks) {
    if (!peaks.measured_gbps || !peaks.launch_floor_us) return;
    const Drift drift = drift_of(peaks);
    const bool both = drift.measured_percent && drift.launch_floor_percent;
    fmt::print(stderr, "moescope: stream41 {:.1f} GB/s, launch floor {:.3f} us{}\n", *peaks.measured_gbps,
               *peaks.launch_floor_us,
               both ? fmt::format("; at the end {:.1f} GB/s ({:+.2f} %), {:.3f} us ({:+.2f} %)",
                                  *peaks.measured_end_gbps, *drift.measured_percent,
                                  *peaks.launch_floor_end_us, *drift.launch_floor_percent)
                    : "");
    for (const std::string& warning : drift_warnings(peaks)) warn(warning);
}

/// One file under two names, there or not yet. Devices such as /dev/null take any number of writers.
bool same_file(const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) return false;
    if (a == "-" || b == "-") return a == b;
    std::error_code ignored;
    const auto whole = [&](const std::string& path) {
        return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
    };
    return whole(a) == whole(b) && !std::filesystem::is_character_file(a, ignored);
}

/// What the cells' telemetry comes to.
struct Conditions {
    std::int64_t readings = 0;
    double longest_us = 0.0;
    std::size_t flagged = 0;
    std::map<std::string, int> flags;
    std::size_t warned = 0;
    std::string first_warning;
};

Conditions conditions_of(const Session& session) {
    Conditions all;
    for (const Result& r : session.results) {
        if (r.telemetry.empty()) continue;
        const CellTelemetry cell = telemetry_from_json(r.telemetry);
        all.readings += cell.readings;
        all.longest_us = std::max(all.longest_us, cell.reading_us.value_or(0.0));
        all.flagged += cell.flagged() ? 1 : 0;
        for (const std::string& flag : cell.flags) ++all.flags[flag];
        if (cell.warnings.empty()) continue;
        ++all.warned;
        if (all.first_warning.empty())
            all.first_warning =
                fmt::format("{} {} {}: {}", case_label(r.c), r.kernel, to_string(r.cache), cell.warnings[0]);
    }
    return all;
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
                        status_text(r)});
        if (r.status == Status::ok && r.efficiency && *r.efficiency > 0.0)
            efficiency[r.kernel].push_back(*r.efficiency);
    }
    print_table(std::move(rows));
    for (const auto& [kernel, values] : efficiency) {
        fmt::print("{}: efficiency {:.3f} (geometric mean of {} cells; limit time over median time)\n",
                   kernel, geometric_mean(values), values.size());
    }
}

void print_conditions(const Session& session) {
    print_peaks(session.peaks);
    const Conditions all = conditions_of(session);
    if (all.readings > 0)
        fmt::print(stderr, "moescope: telemetry: {} readings, {:.0f} us each at most (a cell's median)\n",
                   all.readings, all.longest_us);
    if (all.flagged > 0) {
        std::string flags;
        for (const auto& [flag, count] : all.flags)
            flags += fmt::format("{}{} {}", flags.empty() ? "" : ", ", flag, count);
        warn(
            fmt::format("{} of {} cells are flagged ({}): the device was held back or its clocks were off; "
                        "--retry-throttled N measures them again",
                        all.flagged, session.results.size(), flags));
    }
    if (all.warned > 0)
        warn(fmt::format("{} cell{} not to be trusted; the first: {}", all.warned,
                         all.warned == 1 ? " is" : "s are", all.first_warning));
}

void check_outputs(const std::vector<OutputFile>& outputs, const std::vector<std::string>& inputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const OutputFile& output = outputs[i];
        if (output.path.empty()) continue;
        for (std::size_t j = 0; j < i; ++j) {
            if (same_file(output.path, outputs[j].path))
                throw Error(fmt::format("{} and {} both write to '{}': give each a file of its own",
                                        outputs[j].option, output.option, output.path));
        }
        for (const std::string& input : inputs) {
            if (same_file(output.path, input))
                throw Error(fmt::format("{} would replace '{}', which is read: name another file",
                                        output.option, output.path));
        }
    }
}

void write_output(const std::string& path, std::string_view text) {
    if (path == "-") {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
            throw Error(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
    } else {
        write_file_atomically(path, text);
    }
}

}  // namespace moescope
