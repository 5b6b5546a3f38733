// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {

/// Any metric over how uneven the load is, a point a cell; cases that differ in strategy only are joined.
class ImbalanceChart : public PlotChart {
  public:
    QString title() const override { return m_title; }

  protected:
    Texts build(const ChartData& data) override;
    void placeLabels() override;

  private:
    void addKernel(const ChartData& data, const std::string& kernel);
    void setRanges();

    QString m_title = QStringLiteral("Imbalance");
    ChartMetric m_metric;
    LoadMeasure m_over = LoadMeasure::gini;
    QCPAxisRect* m_panel = nullptr;
    double m_leastLoad = 0.0;
    double m_mostLoad = 0.0;
    double m_lowest = 0.0;
    double m_highest = 0.0;
};

}  // namespace moescope::ui
