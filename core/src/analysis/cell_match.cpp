// SPDX-License-Identifier: Apache-2.0
#include "analysis/cell_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "json/json_fields.h"
#include "moescope/analysis/metrics.h"
#include "moescope/analysis/statistics.h"

namespace moescope {
namespace {

/// Names under which telemetry tells that the device was held back while the cell was sampled.
std::string telemetry_flags(const Result& r) {
    if (r.telemetry.empty()) return {};
    const json::Json fields = json::parse(r.telemetry, "telemetry");
    const auto it = fields.find("flags");
    std::string text;
    if (it == fields.end() || !it->is_array()) return text;
    for (const json::Json& flag : *it) {
        if (flag.is_string()) text += (text.empty() ? "" : ", ") + flag.get<std::string>();
    }
    return text;
}

struct Unit {
    double log_unit = 0.0;
    std::string problem;
};

Unit unit_of(const Result& r, const Session& session, CompareMetric metric) {
    if (metric == CompareMetric::time) return {};
    const std::int64_t bytes = moved_bytes(r);
    if (bytes <= 0) return {0.0, "no tokens, so no bytes to move"};
    if (metric == CompareMetric::bandwidth) return {std::log(static_cast<double>(bytes)), {}};
    const auto limit = limit_us(bytes, session.peaks);
    if (!limit) return {0.0, "the session has no measured peaks, so no efficiency"};
    return {std::log(*limit), {}};
}

std::string status_problem(const Result& r) {
    if (r.status == Status::ok) return {};
    return r.error.empty() ? std::string(to_string(r.status))
                           : fmt::format("{}: {}", to_string(r.status), r.error);
}

/// Adds what one result holds to its side of the cell.
void add_runs(CellSide& side, const Result& r, const Session& session, const std::string& process,
              CompareMetric metric) {
    side.kernel = r.kernel;
    side.imported = side.imported || !r.imported_from.empty();
    side.failed = side.failed || r.status == Status::failed;
    if (side.flags.empty()) side.flags = telemetry_flags(r);
    std::string problem = status_problem(r);
    const Unit unit = unit_of(r, session, metric);
    if (problem.empty()) problem = unit.problem;
    std::vector<double> samples = r.samples_us;
    if (samples.empty() && r.median_us) samples.push_back(*r.median_us);
    if (problem.empty() && samples.empty()) problem = "no samples";
    for (const double us : samples) {
        if (problem.empty() && !(us > 0.0)) problem = "a sample is not above zero";
    }
    if (!problem.empty()) {
        if (side.runs.empty()) side.problem = problem;
        return;
    }
    side.problem.clear();
    std::size_t at = 0;
    const auto add = [&](const std::string& name, const std::string& created, std::size_t count) {
        Run run{name, created, {}, unit.log_unit};
        for (std::size_t i = 0; i < count && at < samples.size(); ++i, ++at)
            run.log_costs.push_back(std::log(samples[at]) - unit.log_unit);
        // The same file given twice is still one run: counting it twice would feign certainty.
        // One printed number, though, is often the same in two logs.
        const auto is_same = [&](const Run& known) {
            return known.log_costs == run.log_costs &&
                   (run.log_costs.size() > 1 || known.session == run.session);
        };
        if (run.log_costs.empty() || std::any_of(side.runs.begin(), side.runs.end(), is_same)) return;
        side.runs.push_back(std::move(run));
    };
    for (const Repetition& part : r.repetitions)
        add(part.session.empty() ? process : part.session, part.created,
            static_cast<std::size_t>(std::max(0, part.samples)));
    add(process, session.created, samples.size() - at);
}

/// Collects both sides under one key for each cell, in the order in which they are met.
class Matcher {
  public:
    explicit Matcher(const CompareOptions& options) : m_options(options) {
        for (const auto& [from, to] : options.kernel_map) m_taken.insert(to);
    }

    void add(const Session& session, std::size_t index, bool is_base) {
        // Two copies of one session are still two files: the index keeps unnamed ones apart.
        const std::string process =
            session.id.empty() ? fmt::format("#{}{}", is_base ? "b" : "o", index) : session.id;
        for (const Result& r : session.results) {
            std::string name = r.kernel;
            if (is_base) {
                const auto mapped = m_options.kernel_map.find(r.kernel);
                if (mapped != m_options.kernel_map.end()) {
                    name = mapped->second;
                } else if (m_taken.contains(r.kernel)) {
                    name += " (base)";  // its namesake already stands for another kernel
                }
            }
            const std::string launch(to_string(r.launch));
            const std::string key = cell_key(r.c, name, r.cache);
            const auto [it, fresh] = m_index.try_emplace(key, m_cells.size());
            if (fresh) m_cells.push_back({fmt::format("{}|{}", key, launch), r.c, r.cache, launch, {}, {}});
            MatchedCell& cell = m_cells[it->second];
            if (cell.launch != launch) cell.launch.clear();
            add_runs(is_base ? cell.base : cell.other, r, session, process, m_options.metric);
        }
    }

    std::vector<MatchedCell> finish() {
        for (MatchedCell& cell : m_cells) {
            if (cell.base.kernel.empty()) cell.base.problem = "only in the other session";
            if (cell.other.kernel.empty()) cell.other.problem = "only in the base";
        }
        return std::move(m_cells);
    }

  private:
    const CompareOptions& m_options;
    std::set<std::string> m_taken;
    std::unordered_map<std::string, std::size_t> m_index;
    std::vector<MatchedCell> m_cells;
};

}  // namespace

std::vector<MatchedCell> match_cells(std::span<const Session> base, std::span<const Session> other,
                                     const CompareOptions& options) {
    Matcher matcher(options);
    for (std::size_t i = 0; i < base.size(); ++i) matcher.add(base[i], i, true);
    for (std::size_t i = 0; i < other.size(); ++i) matcher.add(other[i], i, false);
    return matcher.finish();
}

double log_median(const Run& run) {
    return median(run.log_costs);
}

}  // namespace moescope
