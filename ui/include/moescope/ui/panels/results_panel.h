// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QToolButton>
#include <QWidget>
#include <set>
#include <string>
#include <vector>

#include "moescope/ui/models/results_model.h"

class QHBoxLayout;

namespace moescope::ui {

/// All results as a table that sorts by any column.
class ResultsPanel : public QWidget {
    Q_OBJECT

  public:
    explicit ResultsPanel(SessionDocument& document, QWidget* parent = nullptr);

    QTableView& table() { return *m_table; }
    QLineEdit& filterEdit() { return *m_filter; }
    QComboBox& timeBox() { return *m_time; }
    QComboBox& bandwidthBox() { return *m_bandwidth; }
    /// What the filter lets through, in the order shown, as indices into the session.
    std::vector<std::size_t> shownIndices() const;
    std::vector<Result> shownResults() const;
    /// Selected rows, as indices into the session, ascending.
    std::vector<std::size_t> selectedIndices() const;
    /// Makes that result of the session the current row, if the filter lets it through.
    void selectResult(std::size_t result);
    /// The same for the first result of that case, unless one of them is current.
    void selectCase(const Case& wanted);

  signals:
    /// The filter lets others through.
    void filterChanged();
    void resultSelected(const moescope::Result& result);

  private:
    void showCount();
    /// Those of m_selectedCells that are there.
    void selectCells();
    void chooseColumns(QPoint global);
    void addUnits(QHBoxLayout& bar);
    void keepColumns() const;

    ResultsModel* m_model;
    ResultsProxy* m_proxy;
    QTableView* m_table;
    QLineEdit* m_filter;
    QLabel* m_count;
    QComboBox* m_time;
    QComboBox* m_bandwidth;
    QToolButton* m_columns;
    bool m_fitted = false;
    std::set<std::string> m_selectedCells;  ///< their keys, before the last reset
};

}  // namespace moescope::ui
