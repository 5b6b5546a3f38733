// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QTableView>
#include <QTimer>
#include <QWidget>
#include <functional>
#include <optional>

#include "moescope/ui/models/pivot_model.h"
#include "moescope/ui/session/session_document.h"

class QHBoxLayout;
class QPushButton;

namespace moescope::ui {

class ResultsProxy;

/// The results that the table shows, laid out on any axes: rows, columns and value to choose. Made only while
/// it is visible.
class PivotPanel : public QWidget {
    Q_OBJECT

  public:
    explicit PivotPanel(SessionDocument& document, QWidget* parent = nullptr);

    /// What the results table lets through, as indices into the session. Without it, all.
    void setShown(std::function<std::vector<std::size_t>()> shown) { m_shown = std::move(shown); }
    /// The results, or which of them are shown, have changed.
    void scheduleUpdate();
    /// Now, whether visible or not.
    void updateNow();

    /// Emphasizes the cells with results of the case, which was picked here or elsewhere.
    void selectCase(const Case& selected);

    PivotSpec spec() const;
    void setSpec(const PivotSpec& spec);
    const PivotTable& pivot() const { return m_model->table(); }

    /// The selected cells with the names of their rows and columns, for the clipboard.
    QString selectionAsText() const;

    QTableView& table() { return *m_table; }
    QComboBox& rowsBox() { return *m_rows; }
    QComboBox& thenBox() { return *m_then; }
    QComboBox& columnsBox() { return *m_columns; }
    QComboBox& valueBox() { return *m_value; }
    QLabel& note() { return *m_note; }
    QPushButton& exportButton() { return *m_export; }

  signals:
    /// A cell was clicked or reached by key: a result in it, as an index into the session.
    void resultPicked(std::size_t result);
    void exportRequested();

  protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

  private:
    void markSelected();
    QComboBox* addBox(QHBoxLayout& bar, const QString& label, const QString& name);

    SessionDocument& m_document;
    std::function<std::vector<std::size_t>()> m_shown;
    PivotModel* m_model;
    ResultsProxy* m_proxy;
    QTableView* m_table;
    QComboBox* m_rows;
    QComboBox* m_then;
    QComboBox* m_columns;
    QComboBox* m_value;
    QLabel* m_note;
    QPushButton* m_export;
    QTimer m_update;
    std::optional<Case> m_selected;
};

}  // namespace moescope::ui
