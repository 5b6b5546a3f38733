// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QSpinBox>
#include <QWidget>

#include "moescope/ui/panels/field.h"
#include "moescope/ui/panels/matrix_history.h"
#include "moescope/workload/selection.h"

namespace moescope::ui {

/// How to measure: cache mode, launches, when a cell has been sampled enough, the seed, how often a disturbed
/// case is measured again.
class MeasureEditor : public QWidget {
    Q_OBJECT

  public:
    explicit MeasureEditor(QWidget* parent = nullptr);

    /// False while a field does not hold.
    bool writeTo(Selection& selection) const;
    void readFrom(const Selection& selection);
    void saveTo(FieldState& state) const;
    void restoreFrom(const FieldState& state);
    /// No part of a selection: it says nothing of the matrix.
    int retryThrottled() const { return m_retries->value(); }

    QComboBox& cache() { return *m_cache; }
    QComboBox& launch() { return *m_launch; }
    QDoubleSpinBox& ciTarget() { return *m_ci; }
    QSpinBox& minSamples() { return *m_minSamples; }
    QSpinBox& maxSamples() { return *m_maxSamples; }
    Field& maxSamplesField() { return *m_maxSamplesField; }
    QDoubleSpinBox& maxSeconds() { return *m_maxSeconds; }
    QSpinBox& retries() { return *m_retries; }
    Field& seedField() { return *m_seedField; }

  signals:
    void changed();

  private:
    void check();
    bool samplesHold() const { return m_maxSamples->value() >= m_minSamples->value(); }

    QComboBox* m_cache;
    QComboBox* m_launch;
    QDoubleSpinBox* m_ci;
    QSpinBox* m_minSamples;
    QSpinBox* m_maxSamples;
    Field* m_maxSamplesField;
    QDoubleSpinBox* m_maxSeconds;
    QSpinBox* m_retries;
    QLineEdit* m_seed;
    Field* m_seedField;
};

}  // namespace moescope::ui
