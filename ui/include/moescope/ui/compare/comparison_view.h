// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QWidget>
#include <map>
#include <optional>

#include "moescope/ui/compare/comparison_chart_pane.h"
#include "moescope/ui/compare/comparison_model.h"
#include "moescope/ui/compare/group_means_model.h"

class QScrollArea;

namespace moescope::ui {

/// One comparison: warnings on top, a button a verdict, charts, the samples of the selected cell, tables of
/// cells and of geometric means. A cell selected in one of them is selected in all.
class ComparisonView : public QWidget {
    Q_OBJECT

  public:
    explicit ComparisonView(QWidget* parent = nullptr);

    /// Null: nothing is compared.
    void setCompared(ComparedPtr compared);
    const ComparedPtr& compared() const { return m_model->compared(); }
    void setFooterShown(bool shown);

    /// A row of the comparison; nothing: none.
    void select(std::optional<std::size_t> row);
    std::optional<std::size_t> selected() const { return m_selected; }
    /// What the filters let through, as rows of the comparison.
    std::vector<std::size_t> shownRows() const { return m_proxy->shownRows(); }
    /// The selected rows of the table that has the focus, with headers; empty if neither has it.
    QString selectedText() const;

    QTableView& table() { return *m_table; }
    QTableView& meansTable() { return *m_means; }
    QTabWidget& tables() { return *m_tables; }
    QLineEdit& filterEdit() { return *m_filter; }
    QToolButton& verdictButton(Verdict verdict) { return *m_verdicts.at(verdict); }
    QToolButton& efficiencyButton() { return *m_efficiency; }
    QLabel& warningsLabel() { return *m_warnings; }
    QLabel& summaryLabel() { return *m_summary; }
    ComparisonChartPane& charts() { return *m_charts; }
    ComparisonChartPane& boxes() { return *m_boxes; }

  signals:
    void efficiencyWanted();

  protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    QWidget* buildWarnings();
    QWidget* buildFilters();
    QWidget* buildTables();
    void applyVerdicts();
    void showWarnings();
    void fitWarnings();
    void showCounts();
    void showCells();

    ComparisonModel* m_model;
    ComparisonProxy* m_proxy;
    GroupMeansModel* m_meansModel;
    QWidget* m_warningsBox = nullptr;
    QScrollArea* m_warningsScroll = nullptr;
    QLabel* m_warnings = nullptr;
    QToolButton* m_efficiency = nullptr;
    QLabel* m_summary = nullptr;
    QLabel* m_count = nullptr;
    QLineEdit* m_filter = nullptr;
    std::map<Verdict, QToolButton*> m_verdicts;
    ComparisonChartPane* m_charts;
    ComparisonChartPane* m_boxes;
    QTableView* m_table = nullptr;
    QTableView* m_means = nullptr;
    QTabWidget* m_tables = nullptr;
    std::optional<std::size_t> m_selected;
    bool m_selecting = false;  ///< the table is told, it does not tell
};

}  // namespace moescope::ui
