// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "moescope/ui/charts/line_chart.h"

namespace moescope::ui {

/// Median time of a launch over total tokens, both axes logarithmic, with the limit that no kernel can pass.
class TimeChart : public StrategyLineChart {
  public:
    QString title() const override { return QStringLiteral("Time per launch"); }

  protected:
    Texts build(const ChartData& data) override;
    std::optional<double> pointValue(const Result& cell) const override;
    std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const override;
    void setValueRange(QCPAxis& axis, std::optional<double> lowest,
                       std::optional<double> highest) const override;

  private:
    void addLimits(const Peaks& peaks);
    std::optional<double> m_lowestLimit;
};

}  // namespace moescope::ui
