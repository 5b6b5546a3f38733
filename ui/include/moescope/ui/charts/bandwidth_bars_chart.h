// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "moescope/ui/charts/category_chart.h"

namespace moescope::ui {

/// Bandwidth utilization of every case, grouped bars.
class BandwidthBarsChart : public CategoryChart {
  public:
    QString title() const override { return QStringLiteral("Bandwidth utilization by case"); }

  protected:
    Texts build(const ChartData& data) override;
    std::optional<double> barValue(const Result& cell) const override;
    std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const override;
    QStringList valueTitles() const override { return {"Utilization (%)", "%"}; }
    void setValueRange(QCPAxis& axis, double lowest, double highest) const override;

  private:
    PeakKind m_peak = PeakKind::theoretical;
    double m_highestPeak = 100.0;
};

}  // namespace moescope::ui
