// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "moescope/ui/charts/line_chart.h"

namespace moescope::ui {

/// Bandwidth utilization over total tokens, with the peaks as lines.
class BandwidthChart : public StrategyLineChart {
  public:
    QString title() const override { return QStringLiteral("Bandwidth utilization"); }

  protected:
    Texts build(const ChartData& data) override;
    std::optional<double> pointValue(const Result& cell) const override;
    std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const override;
    void setValueRange(QCPAxis& axis, std::optional<double> lowest,
                       std::optional<double> highest) const override;

  private:
    PeakKind m_peak = PeakKind::theoretical;
    double m_highestPeak = 100.0;
};

}  // namespace moescope::ui
