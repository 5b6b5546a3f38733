// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <cstdint>
#include <memory>
#include <vector>

#include "moescope/ui/charts/chart.h"

class QChart;
class QChartView;

namespace moescope::ui {

/// Tokens of every expert in one case, with the mean. Small and static, so drawn with Qt Charts. Over 128
/// experts, neighbours share a bar that shows the largest of them.
class LoadChart : public Chart {
  public:
    LoadChart();
    ~LoadChart() override;

    QString title() const override { return QStringLiteral("Tokens per expert"); }
    QWidget* widget() override;
    /// Draws data.load.
    void show(const ChartData& data, const ChartOptions& options) override;
    void paint(QPaintDevice& device, QSize size, double scale) override;
    /// "Expert 3: 120 tokens", of the bar under this place on the widget, however short; empty beside the
    /// bars.
    QString readOut(QPoint place) const;

  private:
    QPointer<QWidget> m_widget;
    QChartView* m_view;
    QChart* m_chart;
    std::vector<std::int32_t> m_counts;  ///< to read out
};

/// "min 3, mean 8.0, max 21, max/mean 2.63, Gini 0.31, 8 of 8 active"
QString loadText(const LoadStats& stats, std::int64_t experts);

}  // namespace moescope::ui
