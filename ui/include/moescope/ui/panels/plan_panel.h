// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>
#include <QWidget>
#include <memory>
#include <optional>

#include "moescope/ui/models/plan_model.h"

namespace moescope::ui {

/// The cases of the plan as a table.
class PlanPanel : public QWidget {
    Q_OBJECT

  public:
    explicit PlanPanel(QWidget* parent = nullptr);

    void setPlan(const std::shared_ptr<const Plan>& plan);
    /// Highlights the case, which was picked elsewhere, if the plan has it.
    void selectCase(const Case& wanted);
    QTableView& table() { return *m_table; }
    PlanModel& model() { return *m_model; }

  signals:
    /// By the reader, or because the plan is another now.
    void caseSelected(const moescope::PlannedCase& planned);
    /// By the reader.
    void casePicked(const moescope::Case& picked);

  private:
    void placeKernels();
    bool selectRowOf(const Case& wanted);

    PlanModel* m_model;
    QTableView* m_table;
    std::optional<Case> m_selected;  ///< picked here or elsewhere
    bool m_following = false;        ///< what was picked elsewhere, and is shown already
    bool m_planChanges = false;
};

}  // namespace moescope::ui
