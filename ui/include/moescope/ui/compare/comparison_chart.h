// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPen>
#include <QString>

#include "moescope/ui/charts/plot_chart.h"
#include "moescope/ui/compare/compared_cells.h"
#include "moescope/ui/compare/verdict_style.h"

class QCPAxisRect;
class QCPScatterStyle;

namespace moescope::ui {

/// What the charts of a comparison have in common. The listener is told rows of the comparison.
class ComparisonChart : public PlotChart {
  protected:
    Texts build(const ChartData& data) final;
    virtual Texts buildCells(const ComparedCells& cells) = 0;
    /// The selected cell is highlighted by each chart itself: marks stand for rows here.
    bool highlightsSelection() const override { return false; }

    QCPScatterStyle verdictScatter(Verdict verdict, double size) const;
    /// An entry of the legend that nothing is switched with.
    void addLegendMark(const QString& text, const QPen& pen, const QCPScatterStyle& scatter_style);
    /// A rectangle behind everything, across the panel in one direction.
    void addBand(QCPAxisRect& panel, double from, double to, Qt::Orientation across, const QColor& color);
};

/// The data that a comparison chart is given; both must outlive show().
ChartData comparisonData(const ComparedCells& cells);

}  // namespace moescope::ui
