// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/chart_texts.h"

#include "moescope/ui/charts/peak.h"

namespace moescope::ui {

QString utilizationSubtitle(const Arrangement& arrangement, PeakKind peak) {
    const QString unit = QStringLiteral("Percent of the %1").arg(peakName(peak));
    return arrangement.common.isEmpty() ? unit : unit + QStringLiteral("; ") + arrangement.common;
}

QString missingNote(const Arrangement& arrangement) {
    if (arrangement.missing.isEmpty()) return {};
    return QStringLiteral("%1: drawn as \u00d7 or as a gap, not as zero. The results table says why.")
        .arg(arrangement.missing);
}

}  // namespace moescope::ui
