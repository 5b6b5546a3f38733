// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/chart_texts.h"

#include <QStringList>

#include "moescope/ui/charts/peak.h"
#include "moescope/ui/support/text.h"

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

QString footerText(const Session& session, std::optional<CacheMode> shown) {
    const Device& device = session.environment.device;
    QStringList parts;
    parts << (device.name.empty() ? qs(device.id) : qs(device.name));
    if (!device.isa.empty()) parts << qs(device.isa);
    if (!device.driver.empty()) parts << QStringLiteral("driver %1").arg(qs(device.driver));
    if (!device.runtime.empty()) parts << QStringLiteral("CUDA %1").arg(qs(device.runtime));
    parts << QStringLiteral("%1 cache")
                 .arg(shown                                        ? qs(to_string(*shown))
                      : session.spec.cache == CacheSelection::both ? QStringLiteral("cold and hot")
                                                                   : qs(to_string(session.spec.cache)));
    // What was asked for; a cell that ended at its time limit may be wider.
    parts << QStringLiteral("median per launch, 95 % interval aimed at \u00b1%1 %")
                 .arg(significantNumber(session.spec.measure.ci_percent, 2));
    QStringList dates = qs(session.created).split(QStringLiteral(" / "));  // of several sessions
    for (QString& date : dates) date = date.left(10);
    parts << dates.join(QStringLiteral(" / "));
    parts << QStringLiteral("moescope %1").arg(qs(session.tool_version));
    return parts.join(QStringLiteral(" \u00b7 "));
}

}  // namespace moescope::ui
