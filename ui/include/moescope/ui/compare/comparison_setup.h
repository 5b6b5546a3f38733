// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QTableView>
#include <QWidget>

#include "moescope/ui/compare/comparison_runner.h"
#include "moescope/ui/compare/sources_model.h"

namespace moescope::ui {

/// What to compare and how: sessions as A and B, metric, threshold, kernels whose names differ.
class ComparisonSetup : public QWidget {
    Q_OBJECT

  public:
    explicit ComparisonSetup(QWidget* parent = nullptr);

    /// Nothing as long as a side has no session.
    std::optional<ComparisonRunner::Request> request() const;
    void setMetric(CompareMetric metric);
    /// Compares this kernel of A with that of B, and no others.
    void matchKernels(const QString& base, const QString& other);

    SourcesModel& sources() { return *m_sources; }
    QTableView& sourcesView() { return *m_view; }
    QPushButton& addButton() { return *m_add; }
    QComboBox& metricBox() { return *m_metric; }
    QDoubleSpinBox& thresholdBox() { return *m_threshold; }
    QCheckBox& repetitionsBox() { return *m_repetitions; }
    QComboBox& baseKernelBox() { return *m_baseKernel; }
    QComboBox& otherKernelBox() { return *m_otherKernel; }

  signals:
    /// request() may be another.
    void changed();
    void fileWanted();

  private:
    void fillKernels();

    SourcesModel* m_sources;
    QTableView* m_view;
    QPushButton* m_add;
    QComboBox* m_metric;
    QDoubleSpinBox* m_threshold;
    QCheckBox* m_repetitions;
    QComboBox* m_baseKernel;
    QComboBox* m_otherKernel;
};

}  // namespace moescope::ui
