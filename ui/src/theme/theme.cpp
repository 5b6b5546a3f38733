// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/theme/theme.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>

namespace moescope::ui {
namespace {

QPalette makePalette(bool dark) {
    const QColor window = dark ? QColor(0x1f, 0x22, 0x26) : QColor(0xf4, 0xf5, 0xf6);
    const QColor base = dark ? QColor(0x2a, 0x2e, 0x33) : QColor(Qt::white);
    const QColor text = dark ? QColor(0xe8, 0xea, 0xed) : QColor(0x1b, 0x1e, 0x22);
    const QColor button = dark ? QColor(0x36, 0x3b, 0x41) : QColor(0xe9, 0xeb, 0xed);
    const QColor highlight = dark ? QColor(0x2f, 0x6f, 0xab) : QColor(0x00, 0x72, 0xb2);
    const QColor disabled = dark ? QColor(0x8f, 0x95, 0x9c) : QColor(0x85, 0x8b, 0x92);

    QPalette palette(text, button, button.lighter(dark ? 140 : 106), button.darker(dark ? 180 : 150),
                     button.darker(dark ? 130 : 120), text, dark ? text : QColor(Qt::white), base, window);
    palette.setColor(QPalette::AlternateBase, dark ? QColor(0x2f, 0x34, 0x39) : QColor(0xf6, 0xf8, 0xf9));
    palette.setColor(QPalette::Highlight, highlight);
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Link, dark ? QColor(0x6c, 0xb6, 0xf0) : QColor(0x00, 0x5f, 0x96));
    palette.setColor(QPalette::ToolTipBase, dark ? QColor(0x3d, 0x39, 0x25) : QColor(0xff, 0xff, 0xf0));
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::PlaceholderText, disabled);
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, disabled);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, disabled);
    return palette;
}

Theme makeTheme(bool dark) {
    Theme theme;
    theme.dark = dark;
    theme.background = dark ? QColor(0x17, 0x19, 0x1c) : QColor(Qt::white);
    theme.text = dark ? QColor(0xe8, 0xea, 0xed) : QColor(0x1b, 0x1e, 0x22);
    theme.mutedText = dark ? QColor(0xa9, 0xb0, 0xb8) : QColor(0x55, 0x5c, 0x64);
    theme.axis = dark ? QColor(0x8b, 0x93, 0x9c) : QColor(0x6b, 0x72, 0x7a);
    theme.grid = dark ? QColor(0x30, 0x34, 0x39) : QColor(0xe3, 0xe6, 0xe9);
    theme.separator = dark ? QColor(0x55, 0x5c, 0x64) : QColor(0xb3, 0xb9, 0xc0);
    theme.reference = dark ? QColor(0xc9, 0xcf, 0xd6) : QColor(0x3c, 0x42, 0x49);
    theme.error = dark ? QColor(0xff, 0xa0, 0x7a) : QColor(0xa6, 0x3a, 0x00);
    return theme;
}

}  // namespace

const Theme& Theme::light() {
    static const Theme theme = makeTheme(false);
    return theme;
}

const Theme& Theme::darkTheme() {
    static const Theme theme = makeTheme(true);
    return theme;
}

const Theme& Theme::forPalette(const QPalette& palette) {
    return palette.color(QPalette::Window).lightness() < 128 ? darkTheme() : light();
}

void applyThemeChoice(QApplication& app, ThemeChoice choice) {
    static const QString system_style = QApplication::style()->name();
    if (choice == ThemeChoice::system) {
        QApplication::setStyle(system_style);
        app.setPalette(QPalette());  // none of its own: it follows when the system's changes
        return;
    }
    // Fusion is the one style that takes every colour of a palette.
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    app.setPalette(makePalette(choice == ThemeChoice::dark));
}

}  // namespace moescope::ui
