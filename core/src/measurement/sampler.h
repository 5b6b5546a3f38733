// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"
#include "moescope/workload/selection.h"

namespace moescope {

/// What sampling one cell gave.
struct CellSamples {
    std::vector<double> samples_us;
    int launches_per_sample = 0;
    std::string stop_reason;
    std::string error;  ///< not empty: sampling broke off
};

/// Samples the kernels of one case against each other: in blocks, in alternating order, so that whatever
/// drifts (temperature, clocks, other load) meets all of them alike, each until its stopping rule is met.
class CaseSampler {
  public:
    /// `recover` is called after a kernel has thrown, before the next one is sampled.
    CaseSampler(Backend& backend, const MeasureOptions& options, CacheMode mode,
                std::function<void()> recover);

    /// By kernel; nothing when stopped.
    std::optional<std::map<std::string, CellSamples>> run(const std::vector<std::string>& kernels,
                                                          std::stop_token stop);

  private:
    struct Cell;
    void sample_block(Cell& cell, std::stop_token stop);
    int block_size(const Cell& cell) const;
    std::string stop_reason(const Cell& cell) const;

    Backend& m_backend;
    MeasureOptions m_options;
    CacheMode m_mode;
    std::function<void()> m_recover;
};

}  // namespace moescope
