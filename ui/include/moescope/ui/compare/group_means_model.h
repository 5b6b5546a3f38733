// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui {

/// Geometric means of the ratios, by kernel and by group of cases.
class GroupMeansModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { kKernel, kGroup, kMean, kSlower, kFaster, kUnsure, kSame, kColumnCount };

    explicit GroupMeansModel(QObject* parent = nullptr);
    void setCompared(ComparedPtr compared);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    ComparedPtr m_compared;
};

}  // namespace moescope::ui
