// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/cell_match.h"
#include "analysis/comparison_groups.h"
#include "analysis/disturbance.h"
#include "analysis/environment_differences.h"
#include "analysis/resampling.h"
#include "analysis/run_drift.h"
#include "analysis/session_title.h"
#include "analysis/verdict.h"
#include "moescope/analysis/hypothesis.h"
#include "moescope/analysis/statistics.h"
#include "moescope/error.h"
#include "text/hash.h"

namespace moescope {
namespace {

/// Draws are lessened for cells with very many samples: their intervals are narrow anyway.
constexpr double kMostDrawnSamples = 4e6;
constexpr int kFewestResamples = 400;

void check(std::span<const Session> base, std::span<const Session> other, const CompareOptions& options) {
    if (base.empty() || other.empty()) throw Error("compare: a side has no session");
    if (!(options.threshold_percent > 0.0) || options.threshold_percent > 100.0)
        throw Error(fmt::format("threshold {} is out of range: give percent, above 0, at most 100",
                                options.threshold_percent));
    if (options.resamples < 100) throw Error("fewer than 100 resamples give no interval");
}

std::vector<double> pooled(const CellSide& side) {
    std::vector<double> all;
    for (const Run& run : side.runs) all.insert(all.end(), run.log_costs.begin(), run.log_costs.end());
    return all;
}

double value_of(double log_cost, CompareMetric metric) {
    switch (metric) {
        case CompareMetric::time:
            return std::exp(log_cost);
        case CompareMetric::bandwidth:
            return std::exp(-log_cost) * 1e-3;  // bytes per microsecond to GB/s
        case CompareMetric::efficiency:
            return std::exp(-log_cost);
    }
    return 0.0;
}

ComparedSide summary_of(const CellSide& side, CompareMetric metric) {
    ComparedSide s;
    if (side.runs.empty()) return s;
    double log_us = 0.0;
    double log_cost = 0.0;
    for (const Run& run : side.runs) {
        s.samples += static_cast<int>(run.log_costs.size());
        log_cost += log_median(run);
        log_us += log_median(run) + run.log_unit;
    }
    const auto k = static_cast<double>(side.runs.size());
    s.sessions = static_cast<int>(side.runs.size());
    s.median_us = std::exp(log_us / k);
    s.value = value_of(log_cost / k, metric);
    return s;
}

LogDifference bootstrap(const MatchedCell& cell, const DriftModel& drift, const CompareOptions& options) {
    SideResampler base(cell.base.runs, drift.side_variance(cell, cell.base.runs.size()));
    SideResampler other(cell.other.runs, drift.side_variance(cell, cell.other.runs.size()));
    const auto size = static_cast<double>(pooled(cell.base).size() + pooled(cell.other).size());
    const int draws =
        std::max(std::min(options.resamples, kFewestResamples),
                 std::min(options.resamples, static_cast<int>(std::min(kMostDrawnSamples / size, 1e9))));
    // A cell's draws depend on its key and the seed only, not on the cells around it.
    Random random(text::fnv1a(cell.key, text::kHashStart ^ options.seed));
    LogDifference d;
    d.estimate = other.estimate() - base.estimate();
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(draws));
    for (int i = 0; i < draws; ++i) {
        const auto a = base.draw(random);
        const auto b = other.draw(random);
        values.push_back(b.value - a.value);
        const double error = b.value - a.value - d.estimate;
        const double sample_error = b.sample_part - a.sample_part;
        d.variance += error * error / draws;
        d.sample_variance += sample_error * sample_error / draws;
    }
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
        return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(draws - 1)))];
    };
    d.low = at(0.025);
    d.high = at(0.975);
    return d;
}

std::string sides_problem(const MatchedCell& cell) {
    if (cell.base.kernel.empty()) return cell.base.problem;
    if (cell.other.kernel.empty()) return cell.other.problem;
    if (!cell.base.problem.empty() && !cell.other.problem.empty())
        return fmt::format("base {}; other {}", cell.base.problem, cell.other.problem);
    if (!cell.base.problem.empty()) return fmt::format("base {}", cell.base.problem);
    return cell.other.problem.empty() ? std::string() : fmt::format("other {}", cell.other.problem);
}

/// A cell with too few samples has a ratio but no interval.
std::string few_samples(const ComparisonRow& row, const MatchedCell& cell) {
    const std::string counts = fmt::format("{} and {} samples", row.base.samples, row.other.samples);
    if (cell.base.imported || cell.other.imported)
        return fmt::format("{}, timed from the host by another program: no interval", counts);
    return fmt::format("{}: no interval", counts);
}

std::string disturbances(const MatchedCell& cell, const DriftModel& drift) {
    std::string text;
    const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
    if (const double shift = drift.disturbance_of(cell); shift != 0.0)
        add(fmt::format("stream41 in the same case moved by {:+.1f} %: the machine was disturbed",
                        100.0 * std::expm1(shift)));
    if (const std::string base = disturbance(cell.base); !base.empty()) add("base " + base);
    if (const std::string other = disturbance(cell.other); !other.empty()) add("other " + other);
    return text;
}

ComparisonRow start_row(const MatchedCell& cell, CompareMetric metric) {
    ComparisonRow row;
    row.c = cell.c;
    row.base_kernel = cell.base.kernel;
    row.other_kernel = cell.other.kernel;
    row.cache = cell.cache;
    row.launch = cell.launch;
    row.base = summary_of(cell.base, metric);
    row.other = summary_of(cell.other, metric);
    row.reason = sides_problem(cell);
    row.broken = !cell.base.runs.empty() && !cell.base.failed && cell.other.failed && !cell.other.imported;
    return row;
}

/// A row and what its verdict is made of: the verdict waits for the q of all rows.
struct Evaluated {
    ComparisonRow row;
    std::optional<LogDifference> difference;
};

Evaluated evaluate(const MatchedCell& cell, const DriftModel& drift, const CompareOptions& options) {
    Evaluated e{start_row(cell, options.metric), {}};
    ComparisonRow& row = e.row;
    if (!row.reason.empty()) return e;
    row.verdict = Verdict::unsure;
    row.ratio = *row.other.value / *row.base.value;
    if (cell.base.imported != cell.other.imported) {
        row.reason = fmt::format("{} timed from the host by another program, with call overhead",
                                 cell.base.imported ? "base" : "other");
        row.advice = "measure both with one program";
        return e;
    }
    if (std::min(row.base.samples, row.other.samples) < kFewestSamplesToCompare) {
        row.reason = few_samples(row, cell);
        row.advice = fmt::format("take at least {} samples a side", kFewestSamplesToCompare);
        return e;
    }
    row.reason = disturbances(cell, drift);
    e.difference = bootstrap(cell, drift, options);
    const LogDifference& d = *e.difference;
    row.interval = options.metric == CompareMetric::time
                       ? std::array<double, 2>{std::exp(d.low), std::exp(d.high)}
                       : std::array<double, 2>{std::exp(-d.high), std::exp(-d.low)};
    const double of_interval = normal_two_sided_p(d.estimate / std::sqrt(d.variance));
    row.p = std::max(of_interval, mann_whitney_p(pooled(cell.base), pooled(cell.other)));
    return e;
}

void fill_q(std::vector<Evaluated>& all) {
    std::vector<double> p;
    for (const Evaluated& e : all) {
        if (e.row.p) p.push_back(*e.row.p);
    }
    const std::vector<double> q = benjamini_hochberg(p);
    std::size_t next = 0;
    for (Evaluated& e : all) {
        if (e.row.p) e.row.q = q[next++];
    }
}

std::string name_of(std::span<const Session> side) {
    const std::string& name = title_of(side.front());
    return side.size() == 1 ? name : fmt::format("{} and {} more", name, side.size() - 1);
}

/// A merged session counts as the runs that it holds.
int count_runs(std::span<const ComparisonRow> rows, ComparedSide ComparisonRow::*side) {
    int most = 0;
    for (const ComparisonRow& row : rows) most = std::max(most, (row.*side).sessions);
    return most;
}

}  // namespace

std::string_view to_string(CompareMetric metric) {
    switch (metric) {
        case CompareMetric::time:
            return "time";
        case CompareMetric::bandwidth:
            return "bandwidth";
        case CompareMetric::efficiency:
            return "efficiency";
    }
    return "?";
}

CompareMetric parse_compare_metric(std::string_view text) {
    for (const CompareMetric metric :
         {CompareMetric::time, CompareMetric::bandwidth, CompareMetric::efficiency}) {
        if (text == to_string(metric)) return metric;
    }
    throw Error(fmt::format("unknown metric '{}': use time, bandwidth or efficiency", text));
}

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::faster:
            return "FASTER";
        case Verdict::slower:
            return "SLOWER";
        case Verdict::same:
            return "SAME";
        case Verdict::unsure:
            return "UNSURE";
        case Verdict::not_compared:
            return "-";
    }
    return "?";
}

std::string ComparisonRow::kernel_label() const {
    if (base_kernel.empty() || base_kernel == other_kernel) return other_kernel;
    return other_kernel.empty() ? base_kernel : fmt::format("{} -> {}", base_kernel, other_kernel);
}

Comparison compare_sessions(std::span<const Session> base, std::span<const Session> other,
                            const CompareOptions& options, const CompareWatch& watch) {
    check(base, other, options);
    const std::vector<MatchedCell> cells = match_cells(base, other, options);
    const DriftModel drift = estimate_drift(cells, base, other);
    std::vector<Evaluated> all;
    for (const MatchedCell& cell : cells) {
        if (watch.stop.stop_requested()) throw Error("the comparison was stopped");
        all.push_back(evaluate(cell, drift, options));
        if (watch.progress) watch.progress(all.size(), cells.size());
    }
    fill_q(all);

    Comparison comparison;
    comparison.base_name = name_of(base);
    comparison.other_name = name_of(other);
    comparison.options = options;
    comparison.warnings = environment_differences(base, other, options, drift);
    for (Evaluated& e : all) {
        if (e.difference) decide(e.row, *e.difference, options);
        count_verdict(comparison.counts, e.row.verdict);
        comparison.broken += e.row.broken ? 1 : 0;
        comparison.rows.push_back(std::move(e.row));
    }
    if (comparison.counts.not_compared == static_cast<int>(comparison.rows.size()))
        comparison.warnings.insert(comparison.warnings.begin(),
                                   "nothing was compared: no cell has times on both sides");
    comparison.base_sessions = count_runs(comparison.rows, &ComparisonRow::base);
    comparison.other_sessions = count_runs(comparison.rows, &ComparisonRow::other);
    comparison.drift_percent = 100.0 * std::sqrt(drift.side_variance(1));
    comparison.drift_source = drift.source();
    comparison.groups = group_means(comparison.rows);
    return comparison;
}

}  // namespace moescope
