// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unordered_map>

#include "moescope/ui/charts/category_chart.h"

namespace moescope::ui {

/// Speedup of every kernel over the baseline, as bars up and down from parity on a logarithmic axis, where
/// twice as fast and half as fast are equally far away.
class SpeedupChart : public CategoryChart {
  public:
    QString title() const override;

  protected:
    Texts build(const ChartData& data) override;
    std::optional<double> barValue(const Result& cell) const override;
    QString barLabel(double value) const override;
    QString panelTitle(const Panel& panel) const override;
    std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const override;
    QStringList valueTitles() const override { return {"Speedup (\u00d7, log)", "Speedup", "\u00d7"}; }
    void setValueRange(QCPAxis& axis, double lowest, double highest) const override;

  private:
    QString meansText(const std::vector<Group>& groups) const;

    std::string m_baseline;
    std::unordered_map<const Result*, double> m_ratios;
    std::vector<Series> m_series;        ///< compared ones
    std::vector<std::size_t> m_columns;  ///< their indices in a leaf's cells
};

}  // namespace moescope::ui
