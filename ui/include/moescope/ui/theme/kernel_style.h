// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <string_view>

#include "moescope/ui/theme/theme.h"

namespace moescope::ui {

enum class Marker { disc, square, diamond, triangle, triangleInverted, plus, cross, star };

/// How a kernel is drawn, the same in every chart, table and session.
struct KernelStyle {
    QColor color;
    Marker marker = Marker::disc;
    Qt::PenStyle dash = Qt::SolidLine;
    bool hollow = false;  ///< markers and bars are outlines: the hot sister of a cold series
};

/// Okabe-Ito colours (Okabe, Ito: Color Universal Design, 2008), the blue raised on dark ground. Kernels this
/// program ships have fixed styles; for others the id decides, so that they keep theirs from run to run. Of a
/// series that stands for a session's kernel (series_id.h) the hue is the kernel's, and the session's number
/// picks shade, marker and dash; number 1 is as without other sessions.
KernelStyle kernelStyle(std::string_view kernel, const Theme& theme);

}  // namespace moescope::ui
