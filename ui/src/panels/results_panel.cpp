// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/results_panel.h"

#include <QHeaderView>
#include <QVBoxLayout>

#include "moescope/ui/support/table.h"

namespace moescope::ui {

ResultsPanel::ResultsPanel(SessionDocument& document, QWidget* parent)
    : QWidget(parent),
      m_model(new ResultsModel(document, this)),
      m_proxy(new ResultsProxy(this)),
      m_table(new QTableView(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table);
    m_proxy->setSourceModel(m_model);
    prepareTable(*m_table, QStringLiteral("Results"));
    m_table->setModel(m_proxy);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);  // as measured, until somebody sorts
    fitColumns(*m_table);

    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& at) {
                if (at.isValid()) emit resultSelected(m_model->resultAt(m_proxy->mapToSource(at).row()));
            });
    // Once, when there is something to measure: later results must not move columns under the pointer.
    connect(&document, &SessionDocument::reset, this, [this] {
        m_fitted = m_model->rowCount() > 0;
        if (m_fitted) fitColumns(*m_table);
    });
    connect(&document, &SessionDocument::appended, this, [this] {
        if (!m_fitted) fitColumns(*m_table);
        m_fitted = true;
    });
}

}  // namespace moescope::ui
