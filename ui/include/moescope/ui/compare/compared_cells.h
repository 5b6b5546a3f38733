// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "moescope/analysis/comparison.h"
#include "moescope/session/session.h"

namespace moescope::ui {

using SessionPtr = std::shared_ptr<const Session>;

/// A comparison and the sessions that it is of; A is the base. Nobody changes it any more, so it may cross
/// threads.
struct ComparedSessions {
    std::vector<SessionPtr> base;
    std::vector<SessionPtr> other;
    Comparison comparison;
};
using ComparedPtr = std::shared_ptr<const ComparedSessions>;

/// What comparison charts draw.
struct ComparedCells {
    ComparedPtr compared;
    std::vector<std::size_t> rows;        ///< of the comparison, those that the filter lets through
    std::optional<std::size_t> selected;  ///< highlighted, and what the box plots show
};
/// All rows, nothing selected.
ComparedCells allCells(ComparedPtr compared);

/// The samples of one run (process) of one side of a cell.
struct RunSamples {
    QString name;  ///< "A", or "A 2" where the side has several runs
    std::vector<double> samples_us;
};
/// Runs of the base, then of the other, in their order; a median without samples counts as one. Empty where
/// neither side has any.
struct CellSamples {
    std::vector<RunSamples> base;
    std::vector<RunSamples> other;
};
CellSamples samplesOf(const ComparedSessions& compared, const ComparisonRow& row);

/// Whole name of a cell: kernel, case, cache mode.
QString cellText(const ComparisonRow& row);
/// "1.034", four digits after the point near 1.
QString ratioText(double ratio);
/// "1.021 to 1.047"; "-" without one.
QString intervalText(const ComparisonRow& row);
/// "µs", "GB/s", "" for efficiency.
QString metricUnit(CompareMetric metric);
QString metricText(CompareMetric metric, double value);
/// "above 1: B is slower", or faster for the other metrics.
QString directionText(CompareMetric metric);
/// All that is known of a row, for the pointer over it.
QString readOut(const Comparison& comparison, const ComparisonRow& row);
/// "Seed preset, NVIDIA H100, 2026-11-24"
QString sessionText(const Session& session);
/// Whether the sides were measured on different models of device.
bool devicesDiffer(const ComparedSessions& compared);
/// Both sides know peaks and launch floor, so that efficiency can be compared.
bool efficiencyKnown(const ComparedSessions& compared);

}  // namespace moescope::ui
