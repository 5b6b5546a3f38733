// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/table.h"

#include <QHeaderView>
#include <QTableView>
#include <algorithm>
#include <set>

namespace moescope::ui {

void prepareTable(QTableView& table, const QString& accessible_name) {
    table.setAccessibleName(accessible_name);
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setAlternatingRowColors(true);
    table.setShowGrid(false);
    table.setWordWrap(false);
    table.setTabKeyNavigation(false);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() + 6);
    table.horizontalHeader()->setHighlightSections(false);
    table.horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    table.horizontalHeader()->setMaximumSectionSize(
        340);  // a long reason must not push all else out of sight
    table.setIconSize(QSize(12, 12));
    // A hundred thousand rows would take long to measure; the first screens tell enough.
    table.horizontalHeader()->setResizeContentsPrecision(50);
}

void fitColumns(QTableView& table) {
    table.resizeColumnsToContents();
}

QString selectedRowsAsText(const QTableView& table) {
    const QAbstractItemModel& model = *table.model();
    QStringList lines;
    QStringList cells;
    for (int column = 0; column < model.columnCount(); ++column)
        if (!table.isColumnHidden(column)) cells << model.headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    QModelIndexList rows = table.selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    for (const QModelIndex& row : rows) {
        cells.clear();
        for (int column = 0; column < model.columnCount(); ++column)
            if (!table.isColumnHidden(column)) cells << model.index(row.row(), column).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

QString selectedCellsAsText(const QTableView& table, int name_columns) {
    const QAbstractItemModel& model = *table.model();
    std::set<int> rows;
    std::set<int> columns;
    for (int column = 0; column < name_columns; ++column) columns.insert(column);
    const QItemSelectionModel& selection = *table.selectionModel();
    for (const QModelIndex& at : selection.selectedIndexes()) {
        rows.insert(at.row());
        columns.insert(at.column());
    }
    QStringList lines;
    QStringList cells;
    for (const int column : columns) cells << model.headerData(column, Qt::Horizontal).toString();
    lines << cells.join(QLatin1Char('\t'));
    for (const int row : rows) {
        cells.clear();
        for (const int column : columns) {
            const QModelIndex at = model.index(row, column);
            cells << (column < name_columns || selection.isSelected(at) ? at.data().toString() : QString());
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

}  // namespace moescope::ui
