// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include "moescope/ui/charts/chart.h"
#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui {

/// What a report contains beside its summary and environment.
struct ReportOptions {
    std::string baseline;  ///< of speedups; empty: the one core proposes
    PeakKind peak = PeakKind::theoretical;
    bool all_results = true;  ///< the table of every result
    ComparedPtr compared{};   ///< a section of its own; null: none
};

/// One HTML page that needs nothing else: summary, charts as SVG, a table of all results, the environment.
/// It follows the reader's light or dark setting; charts are always on white, as on paper.
QByteArray htmlReport(const Session& session, const ReportOptions& options);

/// The same into a file, through a temporary one. Throws Error.
void writeHtmlReport(const Session& session, const ReportOptions& options, const QString& path);

}  // namespace moescope::ui
