// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPen>

namespace moescope::ui {

/// What the sources of PlotChart share.

inline constexpr int kMargin = 10;
inline constexpr int kLegendIconWidth = 30;
inline constexpr int kLegendSpacing = 14;  ///< between its columns
inline constexpr int kColorScaleWidth = 220;

/// What stands in the row of the legend, left to right.
enum LegendColumn { kKernels, kReferencesBeside, kFiller, kScale };

inline QPen linePen(const QColor& color, double width, Qt::PenStyle dash = Qt::SolidLine) {
    QPen pen(color, width, dash);
    pen.setCapStyle(Qt::FlatCap);
    return pen;
}

}  // namespace moescope::ui
