// SPDX-License-Identifier: Apache-2.0
#pragma once

// Which results of two sides belong together, and the runs behind them.

#include <span>
#include <string>
#include <vector>

#include "moescope/analysis/comparison.h"

namespace moescope {

/// What one process measured of one cell. Samples are natural logarithms of the cost: microseconds over the
/// metric's unit of work (1, bytes moved, limit time), so that more is slower whatever the metric.
struct Run {
    std::string session;  ///< names the process: equal for the cells that shared it
    std::string created;  ///< when it began, ISO 8601, UTC; may be empty
    std::vector<double> log_costs;
    double log_unit = 0.0;
};

struct CellSide {
    std::vector<Run> runs;
    std::string kernel;
    std::string problem;    ///< why there are no runs; empty otherwise
    bool imported = false;  ///< timed by another program, from the host
    bool failed = false;    ///< in at least one of the sessions
    std::string flags;      ///< of the telemetry
};

struct MatchedCell {
    std::string key;
    Case c;
    CacheMode cache = CacheMode::cold;
    std::string launch;  ///< empty where the sides were launched differently
    CellSide base;
    CellSide other;
};

std::vector<MatchedCell> match_cells(std::span<const Session> base, std::span<const Session> other,
                                     const CompareOptions& options);

/// Median of the log costs of a run.
double log_median(const Run& run);

}  // namespace moescope
