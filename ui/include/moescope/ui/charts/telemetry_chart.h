// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "moescope/measurement/telemetry.h"
#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {

/// Clocks, temperature and power while the cells of a session were measured, in their order: for each cell
/// the median as a line, min to max as a band; cells that are flagged have a mark from bottom to top. A panel
/// a quantity, side by side. Without a title of its own: it stands in a dock that has one.
class TelemetryChart : public PlotChart {
  public:
    QString title() const override { return {}; }
    /// Of the results of the session that show() is given next, in their order; there may be fewer. Borrowed
    /// until show() returns.
    void setCells(const std::vector<CellTelemetry>& cells) { m_cells = &cells; }

  protected:
    Texts build(const ChartData& data) override;
    void placeLabels() override;

  private:
    using Quantity = std::optional<Spread> CellTelemetry::*;
    void addQuantity(const ChartData& data, const QString& panel_title, Quantity quantity,
                     const QColor& color, const std::optional<double>& reference);
    void addFlags(QCPAxisRect& panel);

    const std::vector<CellTelemetry>* m_cells = nullptr;
    std::vector<QCPAxisRect*> m_quantityPanels;
};

/// "16 of 756 cells flagged (power_cap 16, sm_clock 2)"; "no cell flagged".
QString flaggedText(const std::vector<CellTelemetry>& cells);
/// Something to draw.
bool hasTelemetry(const std::vector<CellTelemetry>& cells);

}  // namespace moescope::ui
