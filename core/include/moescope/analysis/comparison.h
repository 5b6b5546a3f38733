// SPDX-License-Identifier: Apache-2.0
#pragma once

// Two sides, each one or more sessions (repetitions), compared cell by cell. docs/comparing.md has the
// method, its formulas, its limits and how often it is right.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

enum class CompareMetric { time, bandwidth, efficiency };
std::string_view to_string(CompareMetric metric);
/// Throws Error for a name that is none of `time`, `bandwidth`, `efficiency`.
CompareMetric parse_compare_metric(std::string_view text);

enum class Verdict {
    faster,        ///< the whole interval lies beyond the threshold, and the test agrees
    slower,        ///< likewise, on the other side
    same,          ///< the whole interval lies inside the threshold
    unsure,        ///< neither; `reason` and `advice` say more
    not_compared,  ///< no ratio: one side is missing, failed or has no such metric
};
/// `FASTER`, `SLOWER`, `SAME`, `UNSURE`, `-`.
std::string_view to_string(Verdict verdict);

/// Fewer samples on a side than this never decide.
inline constexpr int kFewestSamplesToCompare = 6;

struct CompareOptions {
    CompareMetric metric = CompareMetric::time;
    double threshold_percent = 1.0;  ///< what matters in practice
    double false_discovery_rate = 0.05;
    /// Kernels of the base whose counterpart has another id: silu_v2 -> silu_v3. Others match by their own
    /// id; a counterpart named here matches nothing else.
    std::map<std::string, std::string> kernel_map{};
    int resamples = 2000;    ///< of the bootstrap
    std::uint64_t seed = 1;  ///< of the bootstrap: the same sessions give the same interval
};

/// One side of a row.
struct ComparedSide {
    int sessions = 0;  ///< runs that have this cell
    int samples = 0;
    std::optional<double> median_us{};  ///< geometric mean of the runs' medians
    std::optional<double> value{};      ///< the metric: us, GB/s or efficiency
};

struct ComparisonRow {
    Case c;
    std::string base_kernel;
    std::string other_kernel;
    CacheMode cache = CacheMode::cold;
    std::string launch;  ///< launch mode; empty where the sides were launched differently
    ComparedSide base;
    ComparedSide other;
    /// Metric of the other over metric of the base: above 1 is slower for time, faster for the other two.
    std::optional<double> ratio{};
    std::optional<std::array<double, 2>> interval{};  ///< 95 %, of the ratio, drift between runs included
    std::optional<double> p{};                        ///< the larger of Mann-Whitney's and the interval's
    std::optional<double> q{};                        ///< Benjamini-Hochberg over all cells with a p
    Verdict verdict = Verdict::not_compared;
    std::string reason{};  ///< why it is not compared or unsure, and what disturbed the samples; may be empty
    std::string advice{};  ///< what would decide an unsure cell; may be empty
    bool broken = false;   ///< ok in the base and failed in another session: a regression, whatever the times

    /// `silu_v2`, or `silu_v2 -> silu_v3`.
    std::string kernel_label() const;
    /// Only the base has this cell, or only the other.
    bool one_sided() const { return base_kernel.empty() || other_kernel.empty(); }
};

struct VerdictCounts {
    int faster = 0;
    int slower = 0;
    int same = 0;
    int unsure = 0;
    int not_compared = 0;
};

/// Geometric mean of the ratios of some rows: all of one kernel, or its rows of one strategy, and so on.
struct GroupMean {
    std::string kernel;     ///< `silu_v2`, or `silu_v2 -> silu_v3`
    std::string dimension;  ///< `all`, `strategy`, `experts`, `size`
    std::string value;      ///< `uniform`, `8`, `1k to 8k tokens`; empty for `all`
    double ratio = 1.0;
    VerdictCounts counts;
};

struct Comparison {
    std::string base_name;
    std::string other_name;
    int base_sessions = 0;
    int other_sessions = 0;
    CompareOptions options;
    double drift_percent = 0.0;  ///< standard deviation allowed for between two runs of one cell
    std::string drift_source;    ///< where that figure comes from, in words
    std::vector<std::string> warnings;
    std::vector<ComparisonRow> rows;  ///< in the base's order, then what only the other has
    std::vector<GroupMean> groups;
    VerdictCounts counts;
    int broken = 0;  ///< rows that are
};

/// For programs that must stay responsive: a thousand cells take seconds.
struct CompareWatch {
    std::stop_token stop{};
    std::function<void(std::size_t done, std::size_t cells)>
        progress{};  ///< after each cell, on the caller's thread
};

/// Throws Error when a side is empty or the options make no sense, and when it is stopped. A merged session
/// counts as the runs that it holds.
Comparison compare_sessions(std::span<const Session> base, std::span<const Session> other,
                            const CompareOptions& options = {}, const CompareWatch& watch = {});

}  // namespace moescope
