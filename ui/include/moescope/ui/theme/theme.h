// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

class QApplication;

namespace moescope::ui {

/// Colours of charts and of what the window draws itself. Text on background has a contrast of 7:1 or more,
/// muted text 4.5:1 (WCAG 2.1, 1.4.3 and 1.4.6).
struct Theme {
    bool dark = false;
    QColor background;  ///< of a chart
    QColor text;        ///< titles, axis labels
    QColor mutedText;   ///< subtitles, footers, hints
    QColor axis;
    QColor grid;
    QColor separator;  ///< between groups of one axis
    QColor reference;  ///< parity and peak lines
    QColor error;      ///< message of a field that does not hold

    static const Theme& light();
    static const Theme& darkTheme();
    /// The one that suits a palette, by the lightness of its window colour.
    static const Theme& forPalette(const QPalette& palette);
};

enum class ThemeChoice { system, light, dark };

/// Gives the whole program the palette of `choice`; `system` puts back the style it started
/// with and the palette that the system has, also when that changes later.
void applyThemeChoice(QApplication& app, ThemeChoice choice);

}  // namespace moescope::ui
