// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <unordered_map>

#include "moescope/ui/charts/line_chart.h"

namespace moescope::ui {

/// Small multiples: a row a strategy, a column a group (experts), all on the same axes.
class FacetsChart : public LineChart {
  public:
    enum class Metric { utilization, speedup };
    explicit FacetsChart(Metric metric) : m_metric(metric) {}

    QString title() const override;

  protected:
    Texts build(const ChartData& data) override;
    std::optional<double> pointValue(const Result& cell) const override;
    std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const override;
    void setValueRange(QCPAxis& axis, std::optional<double> lowest,
                       std::optional<double> highest) const override;

  private:
    void readSpeedups(const ChartData& data);
    void addReferences(const Session& session);
    QString addGrid(const Arrangement& arrangement);

    Metric m_metric;
    PeakKind m_peak = PeakKind::theoretical;
    double m_highestPeak = 100.0;
    std::string m_baseline;
    QString m_facets = QStringLiteral("strategy");  ///< "strategy and experts (E)"
    std::unordered_map<const Result*, double> m_ratios;
};

}  // namespace moescope::ui
