// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "moescope/ui/compare/cell_names.h"
#include "moescope/ui/compare/comparison_chart.h"

namespace moescope::ui {

/// The ratio of every cell with its 95 % interval, a row a cell, the largest on top; with parity, and the
/// band of what does not matter in practice.
class ForestChart : public ComparisonChart {
  public:
    QString title() const override;

  protected:
    Texts buildCells(const ComparedCells& cells) override;
    void placeLabels() override;

  private:
    void addRatios(QCPAxisRect& panel, const Comparison& comparison, Verdict verdict);
    void addParity(QCPAxisRect& panel);
    void setRatioRange(QCPAxisRect& panel, const Comparison& comparison);
    Texts texts(const ComparedCells& cells) const;
    QString axisTitle() const;

    CompareMetric m_metric = CompareMetric::time;
    QCPAxisRect* m_panel = nullptr;
    ComparedPtr m_compared;
    std::vector<std::size_t> m_order;       ///< rows of the comparison, from the top
    std::optional<CellNames> m_names;       ///< of all cells, also those that a filter leaves out
    std::optional<std::size_t> m_selected;  ///< place in m_order
};

}  // namespace moescope::ui
