// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/text.h"

#include <QFontMetricsF>
#include <algorithm>
#include <array>
#include <cmath>

namespace moescope::ui {
namespace {

QString groupDigits(const QString& digits) {
    QString text = digits;
    for (qsizetype at = text.size() - 3; at > 0; at -= 3) text.insert(at, QLatin1Char(','));
    return text;
}

int decimalsFor(double value, int digits) {
    if (value == 0.0 || !std::isfinite(value)) return 0;
    const int before_point = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
    return std::clamp(digits - before_point, 0, 12);
}

}  // namespace

QString qs(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString groupedNumber(std::int64_t value) {
    const QString digits = QString::number(value);
    return value < 0 ? QLatin1Char('-') + groupDigits(digits.mid(1)) : groupDigits(digits);
}

QString compactNumber(std::int64_t value) {
    constexpr std::array<const char*, 5> kSuffixes{"", "k", "M", "G", "T"};
    double scaled = static_cast<double>(value);
    std::size_t step = 0;
    while (std::abs(scaled) >= 999.5 && step + 1 < kSuffixes.size()) {
        scaled /= 1000.0;
        ++step;
    }
    QString text = QString::number(scaled, 'f', step == 0 ? 0 : decimalsFor(scaled, 3));
    if (text.contains(QLatin1Char('.'))) {
        while (text.endsWith(QLatin1Char('0'))) text.chop(1);
        if (text.endsWith(QLatin1Char('.'))) text.chop(1);
    }
    return text + QLatin1String(kSuffixes[step]);
}

QString fixedNumber(double value, int decimals) {
    if (!std::isfinite(value)) return QStringLiteral("-");
    const QString text = QString::number(std::abs(value), 'f', decimals);
    const qsizetype point = text.indexOf(QLatin1Char('.'));
    const QString whole = point < 0 ? text : text.left(point);
    const QString rest = point < 0 ? QString() : text.mid(point);
    return (value < 0 ? QStringLiteral("-") : QString()) + groupDigits(whole) + rest;
}

QString significantNumber(double value, int digits) {
    return fixedNumber(value, decimalsFor(value, digits));
}

QString duration(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds)));
    const QLatin1Char zero('0');
    if (whole >= 3600)
        return QStringLiteral("%1:%2:%3")
            .arg(whole / 3600)
            .arg(whole / 60 % 60, 2, 10, zero)
            .arg(whole % 60, 2, 10, zero);
    return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, zero);
}

QString byteSize(std::int64_t bytes) {
    constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
    double scaled = static_cast<double>(bytes);
    std::size_t step = 0;
    while (scaled >= 999.5 && step + 1 < kUnits.size()) {
        scaled /= 1000.0;
        ++step;
    }
    const int decimals = step == 0 ? 0 : scaled < 99.95 ? 1 : 0;
    return QStringLiteral("%1 %2").arg(QString::number(scaled, 'f', decimals), QLatin1String(kUnits[step]));
}

QString counted(std::int64_t count, const QString& noun) {
    return QStringLiteral("%1 %2%3").arg(groupedNumber(count), noun,
                                         count == 1 ? QString() : QStringLiteral("s"));
}

QStringList wrapText(const QString& text, const QFont& font, double width) {
    const QFontMetricsF metrics(font);
    QStringList lines;
    QString line;
    // "T = 1,024" is one word.
    const QString glue = QStringLiteral("\u00a0=\u00a0");
    QString glued = text;
    const QStringList words =
        glued.replace(QStringLiteral(" = "), glue).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString& word : words) {
        const QString longer = line.isEmpty() ? word : line + QLatin1Char(' ') + word;
        if (!line.isEmpty() && metrics.horizontalAdvance(longer) > width) {
            lines << line;
            line = word;
        } else {
            line = longer;
        }
    }
    if (!line.isEmpty()) lines << line;
    lines.replaceInStrings(glue, QStringLiteral(" = "));
    return lines;
}

}  // namespace moescope::ui
