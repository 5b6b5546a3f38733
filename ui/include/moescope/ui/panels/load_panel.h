// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QWidget>
#include <memory>

#include "moescope/measurement/plan.h"
#include "moescope/ui/charts/load_chart.h"

namespace moescope::ui {

/// Tokens per expert of the case that is selected in the plan or in the results.
class LoadPanel : public QWidget {
    Q_OBJECT

  public:
    explicit LoadPanel(QWidget* parent = nullptr);
    ~LoadPanel() override;

    void showPlanned(const PlannedCase& planned);
    /// Makes the counts of the case again; they follow from it.
    void showCase(const Case& c);
    QLabel& statistics() { return *m_statistics; }

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void showLoad(ExpertLoad load, std::int64_t experts);
    void showReason(const QString& label, const QString& reason);
    void redraw();

    LoadChart m_chart;
    QLabel* m_statistics;
    ExpertLoad m_load;
};

}  // namespace moescope::ui
