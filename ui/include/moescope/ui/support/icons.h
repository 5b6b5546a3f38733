// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QPolygonF>

namespace moescope::ui {

/// Icons that the program draws itself, on a grid of 16 by 16 logical pixels, sharp on screens of up to 300
/// %.

/// A shape in the palette's text colour, also for disabled actions. The style's own icons are black in the
/// dark theme.
QIcon shapeIcon(const QPolygonF& shape, const QPalette& palette);
/// A square of that colour.
QIcon colorIcon(const QColor& color);
/// The outline of that square: what has the colour is not shown.
QIcon hollowColorIcon(const QColor& color);

}  // namespace moescope::ui
