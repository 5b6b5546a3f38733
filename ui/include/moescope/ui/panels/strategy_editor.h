// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <optional>
#include <vector>

#include "moescope/ui/panels/counts_picker.h"
#include "moescope/ui/panels/field.h"
#include "moescope/ui/panels/matrix_history.h"
#include "moescope/workload/strategy.h"

namespace moescope::ui {

/// One strategy: its kind, its parameters as text, a button to drop it. Recorded counts have a button to
/// choose their file and a picture of its steps.
class StrategyRow : public Field {
    Q_OBJECT

  public:
    explicit StrategyRow(const Strategy& strategy, QWidget* parent = nullptr);

    std::optional<Strategy> strategy() const { return m_strategy; }
    QComboBox& kindBox() { return *m_kind; }
    QLineEdit& parameterEdit() { return *m_parameter; }
    QToolButton& removeButton() { return *m_remove; }
    QToolButton& browseButton() { return *m_browse; }
    CountsPicker& counts() { return *m_counts; }
    /// Kind and parameters, a tab between them.
    QString state() const;
    void restore(const QString& state);

  signals:
    void changed();

  private:
    void kindChosen();
    void parse();
    void checkCounts();
    void browse();

    QComboBox* m_kind;
    QLineEdit* m_parameter;
    QToolButton* m_browse;
    QToolButton* m_remove;
    QHBoxLayout* m_row;
    CountsPicker* m_counts;
    std::optional<Strategy> m_strategy;
    /// The file that m_counts shows, as it was when it was read.
    QString m_countsFile;
    QDateTime m_countsTime;
    std::size_t m_countsSteps = 0;
};

/// The strategies of the matrix, one a row.
class StrategyEditor : public QWidget {
    Q_OBJECT

  public:
    explicit StrategyEditor(QWidget* parent = nullptr);

    /// Nothing while a row does not hold, or there is none.
    std::optional<std::vector<Strategy>> strategies() const;
    void setStrategies(const std::vector<Strategy>& strategies);
    std::vector<StrategyRow*> rows() const { return m_rows; }
    /// All rows hold recorded counts, which say themselves how many tokens and experts there are.
    bool allCustom() const;
    void saveTo(FieldState& state) const;
    void restoreFrom(const FieldState& state);
    QToolButton& addButton() { return *m_add; }

  signals:
    void changed();
    /// A row came or went.
    void rowsChanged();

  private:
    void addRow(const Strategy& strategy);
    void removeRow(StrategyRow* row);

    QVBoxLayout* m_layout;
    QToolButton* m_add;
    std::vector<StrategyRow*> m_rows;
};

}  // namespace moescope::ui
