// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QSpinBox>
#include <QWidget>

#include "moescope/ui/panels/field.h"
#include "moescope/workload/selection.h"

namespace moescope::ui {

/// How to measure: cache mode, when a cell has been sampled enough, the seed.
class MeasureEditor : public QWidget {
    Q_OBJECT

  public:
    explicit MeasureEditor(QWidget* parent = nullptr);

    /// False while a field does not hold.
    bool writeTo(Selection& selection) const;
    void readFrom(const Selection& selection);

    QComboBox& cache() { return *m_cache; }
    QDoubleSpinBox& ciTarget() { return *m_ci; }
    Field& seedField() { return *m_seedField; }

  signals:
    void changed();

  private:
    void checkSeed();

    QComboBox* m_cache;
    QDoubleSpinBox* m_ci;
    QSpinBox* m_minSamples;
    QDoubleSpinBox* m_maxSeconds;
    QLineEdit* m_seed;
    Field* m_seedField;
    int m_maxSamples = MeasureOptions{}.max_samples;  ///< has no editor; kept from what was read
};

}  // namespace moescope::ui
