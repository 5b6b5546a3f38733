// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRegularExpression>

#include "moescope/ui/models/results_model.h"

namespace moescope::ui {
namespace {

/// Letters and digits only, so that "median" finds "Median \u00b5s" and "%theor" finds "% theor.".
QString plain(const QString& header) {
    QString text;
    for (const QChar c : header.toLower())
        if (c.isLetterOrNumber() || c == QLatin1Char('%')) text += c;
    return text;
}

}  // namespace

ResultsProxy::ResultsProxy(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(ResultsModel::kSortRole);
    setDynamicSortFilter(true);
}

bool ResultsProxy::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const QVariant a = left.data(sortRole());
    const QVariant b = right.data(sortRole());
    if (a.isValid() != b.isValid()) return a.isValid() == (sortOrder() == Qt::AscendingOrder);
    if (!a.isValid()) return false;
    if (a.userType() == QMetaType::Double) return a.toDouble() < b.toDouble();
    return a.toString() < b.toString();
}

void ResultsProxy::setFilter(const QString& text) {
    m_conditions.clear();
    for (const QString& word : text.split(QRegularExpression(QStringLiteral("\\s+")), Qt::SkipEmptyParts))
        m_conditions.push_back(parseCondition(word).value_or(Condition{-1, {}, word, {}}));
    invalidateFilter();
}

std::optional<ResultsProxy::Condition> ResultsProxy::parseCondition(const QString& word) const {
    static const QRegularExpression kPattern(QStringLiteral("^([^=<>!]+)(!=|<=|>=|=|<|>)(.+)$"));
    const QRegularExpressionMatch match = kPattern.match(word);
    if (!match.hasMatch() || sourceModel() == nullptr) return std::nullopt;
    Condition condition{-1, match.captured(2), match.captured(3), {}};
    const QString name = plain(match.captured(1));
    // The whole name before the beginning of one: E is Experts, not Efficiency.
    for (const bool whole : {true, false})
        for (int column = 0; column < sourceModel()->columnCount() && condition.column < 0; ++column) {
            const QString header = plain(sourceModel()->headerData(column, Qt::Horizontal).toString());
            if (whole ? header == name : header.startsWith(name)) condition.column = column;
        }
    if (condition.column < 0) return std::nullopt;
    bool is_number = false;
    const double number = QString(condition.text).remove(QLatin1Char(',')).toDouble(&is_number);
    if (is_number) condition.number = number;
    return condition;
}

bool ResultsProxy::holds(const Condition& condition, int row) const {
    const QAbstractItemModel& model = *sourceModel();
    if (condition.column < 0) {
        for (int column = 0; column < model.columnCount(); ++column)
            if (model.index(row, column).data().toString().contains(condition.text, Qt::CaseInsensitive))
                return true;
        return false;
    }
    const QModelIndex cell = model.index(row, condition.column);
    const QVariant key = cell.data(ResultsModel::kSortRole);
    const QString& comparison = condition.comparison;
    if (condition.number && key.userType() == QMetaType::Double) {
        const double value = key.toDouble();
        if (comparison == QLatin1String("=")) return value == *condition.number;
        if (comparison == QLatin1String("!=")) return value != *condition.number;
        if (comparison == QLatin1String("<")) return value < *condition.number;
        if (comparison == QLatin1String("<=")) return value <= *condition.number;
        if (comparison == QLatin1String(">")) return value > *condition.number;
        return value >= *condition.number;
    }
    const bool equal = cell.data().toString().compare(condition.text, Qt::CaseInsensitive) == 0;
    return comparison == QLatin1String("!=") ? !equal : comparison == QLatin1String("=") && equal;
}

bool ResultsProxy::filterAcceptsRow(int row, const QModelIndex&) const {
    for (const Condition& condition : m_conditions)
        if (!holds(condition, row)) return false;
    return true;
}

}  // namespace moescope::ui
