// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QLineEdit>
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
    QLineEdit& filterEdit() { return *m_filter; }
    /// What the filter lets through, in the order shown.
    std::vector<Result> shownResults() const;
    /// Makes that result of the session the current row, if the filter lets it through.
    void selectResult(std::size_t result);

  signals:
    void resultSelected(const moescope::Result& result);

  private:
    void showCount();
    void chooseColumns(QPoint at);

    ResultsModel* m_model;
    ResultsProxy* m_proxy;
    QTableView* m_table;
    QLineEdit* m_filter;
    QLabel* m_count;
    bool m_fitted = false;
};

}  // namespace moescope::ui
