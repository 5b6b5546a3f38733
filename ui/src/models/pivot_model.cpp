// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/models/pivot_model.h"

#include <QBrush>
#include <QColor>
#include <QFont>
#include <QGuiApplication>
#include <QPalette>
#include <utility>

#include "moescope/ui/models/results_model.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/kernel_style.h"

namespace moescope::ui {
namespace {

QFont boldFont() {
    QFont font;
    font.setBold(true);
    return font;
}

/// The selection's, as far as text stays readable on it in both themes.
QColor markColor() {
    QColor color = QGuiApplication::palette().color(QPalette::Highlight);
    color.setAlpha(64);
    return color;
}

}  // namespace

PivotModel::PivotModel(QObject* parent) : QAbstractTableModel(parent) {}

void PivotModel::setTable(PivotTable table) {
    beginResetModel();
    m_table = std::move(table);
    m_marked.clear();
    endResetModel();
}

void PivotModel::setMarked(std::vector<bool> marked) {
    if (marked == m_marked) return;
    m_marked = std::move(marked);
    if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1),
                         {Qt::FontRole, Qt::BackgroundRole});
}

bool PivotModel::isMarked(const QModelIndex& at) const {
    const std::size_t cell =
        static_cast<std::size_t>(at.row()) * static_cast<std::size_t>(m_table.columns.size()) +
        static_cast<std::size_t>(at.column() - names());
    return cell < m_marked.size() && m_marked[cell];
}

int PivotModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
}

int PivotModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() || m_table.rows.empty() ? 0 : names() + static_cast<int>(m_table.columns.size());
}

const PivotCell& PivotModel::cellAt(const QModelIndex& at) const {
    return m_table.at(static_cast<std::size_t>(at.row()), static_cast<std::size_t>(at.column() - names()));
}

std::optional<std::size_t> PivotModel::resultAt(const QModelIndex& at) const {
    if (!at.isValid() || at.column() < names() || cellAt(at).results == 0) return std::nullopt;
    return cellAt(at).first;
}

QVariant PivotModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    if (index.column() < names()) {
        const QString& name = m_table.rows[static_cast<std::size_t>(index.row())][index.column()];
        // The rows come in the order of their axes, which is no order of texts.
        if (role == ResultsModel::kSortRole) return static_cast<double>(index.row());
        if (role == Qt::TextAlignmentRole) {
            const bool number = !name.isEmpty() && name.front().isDigit();
            return QVariant::fromValue(
                Qt::Alignment(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft)));
        }
        return role == Qt::DisplayRole ? QVariant(name) : QVariant();
    }
    const PivotCell& cell = cellAt(index);
    switch (role) {
        case Qt::DisplayRole:
            return pivotText(m_table, cell);
        case ResultsModel::kSortRole:
            return cell.value ? QVariant(*cell.value) : QVariant();
        case Qt::TextAlignmentRole:
            return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | Qt::AlignRight));
        case Qt::FontRole:
            return isMarked(index) ? QVariant(boldFont()) : QVariant();
        case Qt::BackgroundRole:
            return isMarked(index) ? QVariant(QBrush(markColor())) : QVariant();
        case Qt::ToolTipRole:
            if (cell.results == 0) return QStringLiteral("Not measured");
            return QStringLiteral("%1 of %2 with a value")
                .arg(groupedNumber(cell.count), counted(cell.results, QStringLiteral("result")));
        default:
            return {};
    }
}

QVariant PivotModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Vertical) return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (section < 0 || section >= columnCount()) return {};
    const bool name = section < names();
    const QString text = name ? m_table.rowTitles[section] : m_table.columns[section - names()];
    if (role == Qt::DisplayRole) return text;
    if (role == Qt::ToolTipRole && !name) return QStringLiteral("%1: %2").arg(m_table.columnTitle, text);
    if (role == Qt::DecorationRole && !name && m_table.spec.columns == QLatin1String("kernel"))
        return kernelStyle(text.section(QLatin1Char(','), 0, 0).toStdString(),
                           Theme::forPalette(QGuiApplication::palette()))
            .color;
    return {};
}

}  // namespace moescope::ui
