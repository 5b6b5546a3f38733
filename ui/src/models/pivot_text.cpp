// SPDX-License-Identifier: GPL-3.0-or-later
// A pivot as text for other programs.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "moescope/ui/models/pivot.h"

namespace moescope::ui {
namespace {

QString quoted(const QString& text) {
    static const QString kSpecial = QStringLiteral(",\"\r\n");
    for (const QChar c : text)
        if (kSpecial.contains(c)) return QLatin1Char('"') + QString(text).replace(u'"', u"\"\""_qs) + u'"';
    return text;
}

/// As precise as it was measured, and no more digits than a double holds.
QString plainNumber(double value) {
    return QString::number(value, 'g', 10);
}

QString cellOfMarkdown(const QString& text) {
    return QString(text).replace(QLatin1Char('|'), QStringLiteral("\\|"));
}

QString unitInAscii(const PivotValue& value) {
    if (value.unit == QString(QChar(0xd7))) return QStringLiteral("ratio");
    return QString(value.unit).replace(QChar(0xb5), QLatin1Char('u'));
}

}  // namespace

QString pivotToCsv(const PivotTable& table) {
    const bool means = table.hasMeans();
    QStringList lines;
    QStringList fields;
    for (const QString& title : table.rowTitles) fields << quoted(title);
    for (const QString& column : table.columns) {
        fields << quoted(column);
        if (means) fields << quoted(column + QStringLiteral(" count"));
    }
    lines << fields.join(QLatin1Char(','));
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        fields.clear();
        for (const QString& text : table.rows[row]) {
            // Grouped digits are for people.
            QString digits = text;
            digits.remove(QLatin1Char(','));
            bool number = false;
            digits.toDouble(&number);
            fields << quoted(number ? digits : text);
        }
        for (std::size_t column = 0; column < static_cast<std::size_t>(table.columns.size()); ++column) {
            const PivotCell& cell = table.at(row, column);
            fields << (cell.value ? plainNumber(*cell.value) : QString());
            if (means) fields << QString::number(cell.count);
        }
        lines << fields.join(QLatin1Char(','));
    }
    return lines.join(QStringLiteral("\r\n")) + QStringLiteral("\r\n");
}

QString pivotToMarkdown(const PivotTable& table) {
    QString text = table.note() + QStringLiteral(".\n\n|");
    QString rule = QStringLiteral("|");
    for (const QString& title : table.rowTitles) {
        text += QStringLiteral(" %1 |").arg(cellOfMarkdown(title));
        rule += QStringLiteral(":--|");
    }
    for (const QString& column : table.columns) {
        text += QStringLiteral(" %1 |").arg(cellOfMarkdown(column));
        rule += QStringLiteral("--:|");
    }
    text += QLatin1Char('\n') + rule + QLatin1Char('\n');
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        text += QLatin1Char('|');
        for (const QString& each : table.rows[row]) text += QStringLiteral(" %1 |").arg(cellOfMarkdown(each));
        for (std::size_t column = 0; column < static_cast<std::size_t>(table.columns.size()); ++column)
            text += QStringLiteral(" %1 |").arg(pivotText(table, table.at(row, column)));
        text += QLatin1Char('\n');
    }
    return text;
}

QString pivotToJson(const PivotTable& table) {
    QJsonArray axes;
    axes << table.spec.rows;
    if (table.rowTitles.size() > 1) axes << table.spec.then;
    QJsonObject about{{"rows", axes},
                      {"columns", table.spec.columns},
                      {"value", table.value.id},
                      {"unit", unitInAscii(table.value)},
                      {"aggregation", "the only value, else the geometric mean of `count` values"}};
    if (!table.baseline.isEmpty()) about["baseline"] = table.baseline;
    QJsonArray cells;
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        for (std::size_t column = 0; column < static_cast<std::size_t>(table.columns.size()); ++column) {
            const PivotCell& cell = table.at(row, column);
            if (!cell.value) continue;
            QJsonObject each;
            for (qsizetype i = 0; i < axes.size(); ++i) each[axes[i].toString()] = table.rows[row][i];
            each[table.spec.columns] = table.columns[static_cast<qsizetype>(column)];
            each["value"] = *cell.value;
            each["count"] = cell.count;
            cells << each;
        }
    return QString::fromUtf8(
        QJsonDocument(QJsonObject{{"pivot", about}, {"cells", cells}}).toJson(QJsonDocument::Indented));
}

}  // namespace moescope::ui
