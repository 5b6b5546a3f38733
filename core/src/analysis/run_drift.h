// SPDX-License-Identifier: Apache-2.0
#pragma once

// How far two runs of the same code may lie apart: clocks, temperature, where buffers lie. One process cannot
// tell that from its own samples.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "analysis/cell_match.h"

namespace moescope {

/// Variances are of natural logarithms.
struct DriftModel {
    double floor = 0.0;            ///< of a run, from experience
    double replicates = 0.0;       ///< of a run, pooled over cells that have several
    double reference = 0.0;        ///< of a side, from how far stream41 lies apart between the sides
    bool in_turns = false;         ///< the sides' runs alternate in time, so that drift averages out
    double reference_shift = 0.0;  ///< median log ratio of stream41, other over base; 0 where not known
    int reference_cells = 0;
    /// Log shift of stream41 in single cases, against its median shift, where it is too large to be noise.
    /// It takes turns with the kernels of its case, so what disturbed it disturbed them.
    std::map<std::string, double> disturbed_cases;

    /// Variance to allow the mean of `runs` runs of one side.
    double side_variance(std::size_t runs) const;
    /// The same in a given case.
    double side_variance(const MatchedCell& cell, std::size_t runs) const;
    /// Shift of stream41 in this cell's case if that was disturbed, else 0.
    double disturbance_of(const MatchedCell& cell) const;
    /// Which of the figures decides, in words.
    std::string source() const;
};

/// Standard deviations of a run to allow at least, percent (docs/comparing.md has the recordings).
inline constexpr double kDriftFloorPercent = 0.2;
inline constexpr double kDriftFloorOtherMachinePercent = 0.5;
inline constexpr double kDriftFloorCpuPercent = 1.0;
/// Beyond this the machines are not alike, and stream41 says nothing about noise.
inline constexpr double kLargestReferenceShift = 0.02;
/// stream41 in one case moving by more than this against the other cases: that case was disturbed.
inline constexpr double kDisturbedShift = 0.01;

DriftModel estimate_drift(const std::vector<MatchedCell>& cells, std::span<const Session> base,
                          std::span<const Session> other);

}  // namespace moescope
