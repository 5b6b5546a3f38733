// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <optional>
#include <vector>

#include "moescope/ui/panels/field.h"
#include "moescope/workload/strategy.h"

namespace moescope::ui {

/// One strategy: its kind, its parameters as text, a button to drop it.
class StrategyRow : public Field {
    Q_OBJECT

  public:
    explicit StrategyRow(const Strategy& strategy, QWidget* parent = nullptr);

    std::optional<Strategy> strategy() const { return m_strategy; }
    QComboBox& kindBox() { return *m_kind; }
    QLineEdit& parameterEdit() { return *m_parameter; }
    QToolButton& removeButton() { return *m_remove; }

  signals:
    void changed();

  private:
    void kindChosen();
    void parse();

    QComboBox* m_kind;
    QLineEdit* m_parameter;
    QToolButton* m_remove;
    std::optional<Strategy> m_strategy;
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
    QToolButton& addButton() { return *m_add; }

  signals:
    void changed();

  private:
    void addRow(const Strategy& strategy);
    void removeRow(StrategyRow* row);

    QVBoxLayout* m_layout;
    QToolButton* m_add;
    std::vector<StrategyRow*> m_rows;
};

}  // namespace moescope::ui
