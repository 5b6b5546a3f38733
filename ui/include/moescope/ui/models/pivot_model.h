// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <optional>
#include <vector>

#include "moescope/ui/models/pivot.h"

namespace moescope::ui {

/// A pivot for a view: first the columns that name a row, then one a category. Numbers sort as numbers
/// through ResultsModel::kSortRole.
class PivotModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    explicit PivotModel(QObject* parent = nullptr);

    void setTable(PivotTable table);
    const PivotTable& table() const { return m_table; }
    /// Emphasizes these cells of the table, one flag each; empty: none.
    void setMarked(std::vector<bool> marked);
    /// A result that lies in that cell, as an index into the session; nothing for the names of rows.
    std::optional<std::size_t> resultAt(const QModelIndex& at) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    int names() const { return static_cast<int>(m_table.rowTitles.size()); }
    const PivotCell& cellAt(const QModelIndex& at) const;
    bool isMarked(const QModelIndex& at) const;

    PivotTable m_table;
    std::vector<bool> m_marked;
};

}  // namespace moescope::ui
