// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QTableView;

namespace moescope::ui {

/// Look and behaviour that all tables of the program share: rows are selected, cells are not edited.
void prepareTable(QTableView& table, const QString& accessible_name);
/// As wide as headers and the first rows ask for.
void fitColumns(QTableView& table);
/// The selected rows, shown columns, with headers, tabs between cells: what spreadsheets paste.
QString selectedRowsAsText(const QTableView& table);
/// The selected cells with headers, the first `name_columns` columns always with them; empty where a row has
/// others selected.
QString selectedCellsAsText(const QTableView& table, int name_columns);

}  // namespace moescope::ui
