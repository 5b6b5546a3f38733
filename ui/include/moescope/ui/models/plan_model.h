// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <memory>

#include "moescope/measurement/plan.h"

namespace moescope::ui {

/// One row a case of the plan, rejected ones with their reason.
class PlanModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column {
        kNumber,
        kExperts,
        kTokens,
        kStrategy,
        kState,
        kMaxOverMean,
        kGini,
        kActive,
        kMaxTokens,
        kHidden,
        kGroupSize,
        kScales,
        kInputType,
        kColumnCount
    };

    explicit PlanModel(QObject* parent = nullptr);

    void setPlan(std::shared_ptr<const Plan> plan);
    const std::shared_ptr<const Plan>& plan() const { return m_plan; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    QString text(std::size_t row, Column column) const;
    QString state(std::size_t row) const;

    std::shared_ptr<const Plan> m_plan;
};

}  // namespace moescope::ui
