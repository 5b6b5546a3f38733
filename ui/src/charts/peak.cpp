// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/peak.h"

#include "moescope/analysis/metrics.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

QString peakName(PeakKind kind) {
    switch (kind) {
        case PeakKind::theoretical:
            return QStringLiteral("theoretical peak");
        case PeakKind::measured:
            return QStringLiteral("measured peak (stream41)");
        case PeakKind::seed:
            return QStringLiteral("seed document's peak");
    }
    return {};
}

std::optional<double> peakGbps(const Session& session, PeakKind kind) {
    std::optional<double> gbps;
    switch (kind) {
        case PeakKind::theoretical:
            gbps = session.peaks.theoretical_gbps;
            break;
        case PeakKind::measured:
            gbps = session.peaks.measured_gbps;
            break;
        case PeakKind::seed:
            gbps = kSeedPeakGbps;
            break;
    }
    if (gbps && *gbps <= 0.0) gbps.reset();
    return gbps;
}

std::optional<double> percentOfPeak(const Result& result, PeakKind kind) {
    if (result.status != Status::ok) return std::nullopt;
    switch (kind) {
        case PeakKind::theoretical:
            return result.percent_of_peak.theoretical;
        case PeakKind::measured:
            return result.percent_of_peak.measured;
        case PeakKind::seed:
            return result.percent_of_peak.seed;
    }
    return std::nullopt;
}

std::optional<PeakKind> usablePeak(const Session& session, PeakKind wanted) {
    for (const PeakKind kind : {wanted, PeakKind::theoretical, PeakKind::measured})
        if (peakGbps(session, kind)) return kind;
    return std::nullopt;
}

std::vector<PeakLevel> peakLevels(const Session& session, PeakKind axis) {
    std::vector<PeakLevel> levels;
    const std::optional<double> full = peakGbps(session, axis);
    if (!full) return levels;
    const auto add = [&](PeakKind kind, Qt::PenStyle dash) {
        const std::optional<double> gbps = peakGbps(session, kind);
        if (!gbps) return;
        levels.push_back({100.0 * *gbps / *full,
                          QStringLiteral("%1: %2 GB/s").arg(peakName(kind), significantNumber(*gbps, 3)),
                          dash});
    };
    add(PeakKind::theoretical, Qt::SolidLine);
    add(PeakKind::measured, Qt::DashLine);
    if (axis == PeakKind::seed) add(PeakKind::seed, Qt::DotLine);
    return levels;
}

}  // namespace moescope::ui
