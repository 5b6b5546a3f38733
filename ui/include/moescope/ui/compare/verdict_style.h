// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>
#include <array>

#include "moescope/analysis/comparison.h"
#include "moescope/ui/theme/theme.h"

namespace moescope::ui {

enum class VerdictMarker { triangleDown, triangleUp, disc, ring, dash };

/// How a verdict is drawn, the same in table, buttons and forest plot: colour and shape, so that neither is
/// needed alone. Blue and orange, not red and green.
struct VerdictStyle {
    QColor color;
    VerdictMarker marker = VerdictMarker::ring;
};
VerdictStyle verdictStyle(Verdict verdict, const Theme& theme);
/// The marker as a small picture.
QIcon verdictIcon(Verdict verdict, const Theme& theme);
/// `FASTER`, ...; "not compared" for what the command line shows as a dash.
QString verdictText(Verdict verdict);

/// In the order in which they are shown.
inline constexpr std::array kVerdicts{Verdict::slower, Verdict::faster, Verdict::unsure, Verdict::same,
                                      Verdict::not_compared};
int countOf(const VerdictCounts& counts, Verdict verdict);

}  // namespace moescope::ui
