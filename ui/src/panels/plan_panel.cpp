// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/plan_panel.h"

#include <QHeaderView>
#include <QVBoxLayout>
#include <algorithm>

#include "moescope/ui/support/table.h"

namespace moescope::ui {

PlanPanel::PlanPanel(QWidget* parent)
    : QWidget(parent), m_model(new PlanModel(this)), m_table(new QTableView(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table);
    prepareTable(*m_table, QStringLiteral("Cases of the plan"));
    m_table->setModel(m_model);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& at) {
                if (!at.isValid() || m_following) return;
                const PlannedCase& planned = m_model->plan()->cases[static_cast<std::size_t>(at.row())];
                emit caseSelected(planned);
                if (m_planChanges) return;
                m_selected = planned.c;
                emit casePicked(planned.c);
            });
}

/// How far each kernel is stands beside the state of the case, not past the right edge.
void PlanPanel::placeKernels() {
    QHeaderView& header = *m_table->horizontalHeader();
    for (int column = PlanModel::kColumnCount; column < m_model->columnCount(); ++column)
        header.moveSection(header.visualIndex(column),
                           header.visualIndex(PlanModel::kState) + 1 + column - PlanModel::kColumnCount);
}

void PlanPanel::setPlan(const std::shared_ptr<const Plan>& plan) {
    const int row = m_table->currentIndex().row();
    m_model->setPlan(plan);
    placeKernels();
    fitColumns(*m_table);
    m_planChanges = true;
    if (m_model->rowCount() > 0 && !(m_selected && selectRowOf(*m_selected)))
        m_table->selectRow(row >= 0 && row < m_model->rowCount() ? row : 0);
    m_planChanges = false;
}

void PlanPanel::selectCase(const Case& wanted) {
    m_selected = wanted;
    m_following = true;
    selectRowOf(wanted);
    m_following = false;
}

/// False: the plan has no such case.
bool PlanPanel::selectRowOf(const Case& wanted) {
    if (!m_model->plan()) return false;
    const std::vector<PlannedCase>& cases = m_model->plan()->cases;
    const auto found = std::find_if(cases.begin(), cases.end(),
                                    [&](const PlannedCase& planned) { return planned.c == wanted; });
    if (found == cases.end()) return false;
    const auto row = static_cast<int>(found - cases.begin());
    if (m_table->currentIndex().row() == row) return true;
    m_table->selectRow(row);
    m_table->scrollTo(m_model->index(row, 0));
    return true;
}

}  // namespace moescope::ui
