// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>
#include <QWidget>
#include <memory>

#include "moescope/ui/models/plan_model.h"

namespace moescope::ui {

/// The cases of the plan as a table.
class PlanPanel : public QWidget {
    Q_OBJECT

  public:
    explicit PlanPanel(QWidget* parent = nullptr);

    void setPlan(const std::shared_ptr<const Plan>& plan);
    QTableView& table() { return *m_table; }
    PlanModel& model() { return *m_model; }

  signals:
    void caseSelected(const moescope::PlannedCase& planned);

  private:
    void placeKernels();

    PlanModel* m_model;
    QTableView* m_table;
};

}  // namespace moescope::ui
