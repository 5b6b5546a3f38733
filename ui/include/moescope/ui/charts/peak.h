// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <Qt>
#include <optional>
#include <vector>

#include "moescope/session/session.h"
#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

/// "theoretical peak", "measured peak (stream41)", "seed document's peak"
QString peakName(PeakKind kind);
/// Nothing where the session does not know that peak.
std::optional<double> peakGbps(const Session& session, PeakKind kind);
/// Percent of that peak which core put into the result.
std::optional<double> percentOfPeak(const Result& result, PeakKind kind);
/// `wanted` where the session knows it, else the first that it knows, else nothing.
std::optional<PeakKind> usablePeak(const Session& session, PeakKind wanted);

/// A peak as a line in a chart whose axis is percent of another.
struct PeakLevel {
    double percent = 0.0;
    QString text;  ///< "measured peak (stream41): 3,014 GB/s"
    Qt::PenStyle dash = Qt::SolidLine;
};
std::vector<PeakLevel> peakLevels(const Session& session, PeakKind axis);

}  // namespace moescope::ui
