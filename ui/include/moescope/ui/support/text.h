// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <cstdint>
#include <string>
#include <string_view>

class QFont;

namespace moescope::ui {

/// Numbers as the program shows them. Always with a decimal point and commas between thousands, whatever the
/// locale, so that what is copied out of a window or chart reads the same everywhere.

QString qs(std::string_view text);

/// "131,072"
QString groupedNumber(std::int64_t value);
/// "131k", "8.19k", "512": three digits, k = 1,000; for axes without room for the whole number.
QString compactNumber(std::int64_t value);
/// With that many decimals, thousands grouped.
QString fixedNumber(double value, int decimals);
/// With about that many significant digits, never an exponent: "3,352", "12.3", "0.0123".
QString significantNumber(double value, int digits = 3);
/// "0:12", "1:02:03"
QString duration(double seconds);
/// "9.5 GB", powers of 1,000
QString byteSize(std::int64_t bytes);
/// "1 case", "63 cases"
QString counted(std::int64_t count, const QString& noun);

/// Breaks at blanks so that no line is wider than `width` pixels (a single long word may be).
QStringList wrapText(const QString& text, const QFont& font, double width);

}  // namespace moescope::ui
