// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QSpinBox>
#include <cstdint>
#include <optional>
#include <vector>

#include "moescope/ui/panels/field.h"

namespace moescope::ui {

/// Over how many devices an axis of the model is divided, with what is left for one: "256 / EP 8 = 32".
class DivisorField : public Field {
    Q_OBJECT

  public:
    /// `symbol`: EP or TP. `name`: what it stands for.
    DivisorField(const QString& symbol, const QString& name, const QString& tip, QWidget* parent = nullptr);

    QString name() const { return m_spin->accessibleName(); }
    int divisor() const { return m_spin->value(); }
    void setDivisor(int divisor) { m_spin->setValue(divisor); }
    QSpinBox& spin() { return *m_spin; }
    QString note() const { return m_note->text(); }

    /// The quotients. Nothing where `values` are missing or one of them cannot be divided; the latter is said
    /// beneath the field. Without a divisor (1) they are the values.
    std::optional<std::vector<std::int64_t>> divide(const std::optional<std::vector<std::int64_t>>& values,
                                                    const QString& axis);

  signals:
    void changed();

  private:
    QString m_symbol;
    QSpinBox* m_spin;
    QLabel* m_note;
};

}  // namespace moescope::ui
