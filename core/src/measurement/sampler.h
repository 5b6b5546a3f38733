// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"
#include "moescope/workload/selection.h"

namespace moescope {

/// What to sample: a kernel on the current case, in one cache mode.
struct CellToSample {
    std::string kernel;
    CacheMode mode = CacheMode::cold;
};

/// What sampling one cell gave.
struct CellSamples {
    std::vector<double> samples_us;
    int launches_per_sample = 0;
    std::string stop_reason;
    std::string error;  ///< not empty: sampling broke off
    std::vector<TelemetryReading> readings;
};

/// Samples the cells of one case against each other: in blocks, in alternating order, so that whatever
/// drifts (temperature, clocks, other load) meets all of them alike, each until its stopping rule is met.
class CaseSampler {
  public:
    /// `recover` is called after a kernel has thrown, before the next one is sampled.
    CaseSampler(Backend& backend, const MeasureOptions& options, LaunchMode launch,
                std::function<void()> recover);

    /// One entry a cell, in the same order; nothing when stopped. Cells of one mode should be neighbours:
    /// each change of mode costs an untimed sample.
    std::optional<std::vector<CellSamples>> run(const std::vector<CellToSample>& wanted,
                                                std::stop_token stop);

  private:
    struct Cell;
    void sample_block(Cell& cell, std::stop_token stop);
    int block_size(const Cell& cell) const;
    std::string stop_reason(const Cell& cell) const;

    Backend& m_backend;
    MeasureOptions m_options;
    LaunchMode m_launch;
    std::function<void()> m_recover;
};

}  // namespace moescope
