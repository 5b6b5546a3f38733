// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>
#include <QWidget>

#include "moescope/ui/models/results_model.h"

namespace moescope::ui {

/// All results as a table that sorts by any column.
class ResultsPanel : public QWidget {
    Q_OBJECT

  public:
    explicit ResultsPanel(SessionDocument& document, QWidget* parent = nullptr);

    QTableView& table() { return *m_table; }

  signals:
    void resultSelected(const moescope::Result& result);

  private:
    ResultsModel* m_model;
    ResultsProxy* m_proxy;
    QTableView* m_table;
    bool m_fitted = false;
};

}  // namespace moescope::ui
