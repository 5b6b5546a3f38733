// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <vector>

#include "moescope/measurement/backend.h"
#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"

namespace moescope {

/// Keys (cell_key) of what need not be measured when the session's sweep goes on: cells that are ok, and
/// those that cannot be measured. Failed and cancelled ones are tried again.
std::unordered_set<std::string> finished_cells(const Session& session);

/// Where a sweep is.
struct Progress {
    std::int64_t done = 0;  ///< cells
    std::int64_t total = 0;
    double elapsed_seconds = 0.0;
    double eta_seconds = 0.0;  ///< from what was measured so far; 0 at the end
    double cells_per_second = 0.0;
    std::string current;  ///< label of the case in work
};

/// Called on the thread that runs the sweep.
class SweepObserver {
  public:
    virtual ~SweepObserver() = default;
    /// Once the ceilings are known, and again with those of the end.
    virtual void on_peaks(const Peaks& peaks) { (void)peaks; }
    /// Clocks while the ceilings were taken, where the device tells them.
    virtual void on_clocks(const ReferenceClocks& clocks) { (void)clocks; }
    /// A finished cell. With retries a cell can come again: the newest counts.
    virtual void on_result(const Result& result) = 0;
    virtual void on_progress(const Progress& progress) { (void)progress; }
};

struct SweepOptions {
    bool verify_only = false;
    /// What verify_only verifies with; everything is timed with normal values.
    InputKind input = InputKind::normal;
    /// Cells that are there already (--resume), by cell_key; they are not measured again.
    std::unordered_set<std::string> done{};
    /// Only these cells, by cell_key, and nothing else of the plan: some of a session once more. All if
    /// empty.
    std::optional<std::unordered_set<std::string>> only{};
    /// This run's share of the cells: cases with index % shard_count == shard_index.
    int shard_index = 0;
    int shard_count = 1;
    /// Peaks of the session that is resumed: its old and new results then share one scale. Measured when
    /// empty.
    std::optional<Peaks> known_peaks{};
    /// Likewise, what the clocks of its cells are held against.
    ReferenceClocks known_clocks{};
    /// Cases with a flagged cell (CellTelemetry) are measured again at the end of the sweep, at most this
    /// many times: all their cells, so that kernels stay compared side by side. The new samples replace the
    /// old ones as a whole, unless more cells are flagged than before.
    int retry_throttled = 0;
    /// Results of the session that is resumed; those flagged count as candidates for a retry too.
    std::vector<Result> earlier{};
};

enum class SweepEnd { completed, cancelled };

/// Runs every cell of the plan. A cell that fails is a result with status `failed`; a cell that a kernel
/// cannot do, and every case the plan rejected, a result with status `skipped`. After a stop request the cell
/// in work is dropped and nothing more is reported; with verify_only, what of the case was verified still is.
/// Throws Error only when the device cannot be used at all.
SweepEnd run_sweep(const Plan& plan, Backend& backend, const SweepOptions& options, SweepObserver& observer,
                   std::stop_token stop);

}  // namespace moescope
