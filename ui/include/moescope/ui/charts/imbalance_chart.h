// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {

/// Any metric over how uneven the load is, a point a cell; cases that differ in strategy only are joined.
/// More than a few kernels have a panel each, on shared axes.
class ImbalanceChart : public PlotChart {
  public:
    QString title() const override { return m_title; }

  protected:
    Texts build(const ChartData& data) override;
    void placeLabels() override;

  private:
    void addPanels(const std::vector<Series>& series);
    void addSeries(const ChartData& data, const Series& series);
    QCPAxisRect& panelOf(const Series& series);
    void setRanges(QCPAxisRect& panel);

    QString m_title = QStringLiteral("Imbalance");
    ChartMetric m_metric;
    LoadMeasure m_over = LoadMeasure::gini;
    bool m_joined = false;  ///< some cases are joined by lines
    struct LoadPanel {
        QCPAxisRect* rect = nullptr;
        bool first = false;    ///< of its row
        bool lowest = false;   ///< of its column
        std::string kernel{};  ///< empty: all in one
    };
    std::vector<LoadPanel> m_loadPanels;
    double m_leastLoad = 0.0;
    double m_mostLoad = 0.0;
    double m_lowest = 0.0;
    double m_highest = 0.0;
};

}  // namespace moescope::ui
