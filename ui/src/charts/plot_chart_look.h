// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPen>

namespace moescope::ui {

/// What the sources of PlotChart share.

inline constexpr int kMargin = 10;
inline constexpr int kLegendIconWidth = 30;

inline QPen linePen(const QColor& color, double width, Qt::PenStyle dash = Qt::SolidLine) {
    QPen pen(color, width, dash);
    pen.setCapStyle(Qt::FlatCap);
    return pen;
}

}  // namespace moescope::ui
