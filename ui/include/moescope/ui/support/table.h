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

}  // namespace moescope::ui
