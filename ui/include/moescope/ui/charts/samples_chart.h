// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {

/// Every sample of one case: in the order taken, as histogram and as box, a row a kernel. The selected case,
/// or the first of the session.
class SamplesChart : public PlotChart {
  public:
    QString title() const override { return QStringLiteral("Samples of one case"); }

  protected:
    Texts build(const ChartData& data) override;
    void placeLabels() override;
    bool highlightsSelection() const override { return false; }

  private:
    struct Row {
        QCPAxisRect* times = nullptr;
        QCPAxisRect* histogram = nullptr;
        QCPAxisRect* box = nullptr;
    };
    void addRow(const Result& result, const Series& series);
    QCPAxisRect* addTimes(const Result& result, int row, const QString& panel_title);
    QCPAxisRect* addHistogram(const Result& result, int row);
    QCPAxisRect* addBox(const Result& result, int row);

    std::vector<Row> m_rows;
};

}  // namespace moescope::ui
