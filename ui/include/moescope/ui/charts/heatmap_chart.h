// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/charts/plot_chart.h"

namespace moescope::ui {

/// An axis that results can be laid out on.
struct HeatmapAxis {
    QString id;     ///< `tokens-per-expert`
    QString title;  ///< "Mean tokens per expert"
    double (*order)(const Result&);
    QString (*text)(const Result&);  ///< equal texts are one category
};
/// All that a heatmap offers.
const std::vector<HeatmapAxis>& heatmapAxes();
/// Throws Error that lists the known ids.
const HeatmapAxis& findHeatmapAxis(const QString& id);

/// A metric as colour over any two axes, a panel a kernel. Where several cases share a tile it shows their
/// median, and the subtitle says so.
class HeatmapChart : public PlotChart {
  public:
    QString title() const override { return m_title; }

  protected:
    Texts build(const ChartData& data) override;
    void placeLabels() override;

  private:
    struct TileText {
        QCPAxisRect* panel = nullptr;
        double x = 0.0;
        double y = 0.0;
        QCPItemText* item = nullptr;
    };
    struct Tiles;

    void chooseAxes(const ChartData& data);
    QCPColorScale* addScale(double lowest, double highest);
    void addSeriesPanel(const Tiles& tiles, const Series& series, QCPColorScale& scale, int row, int column);
    void placeTileTexts();

    QString m_title = QStringLiteral("Heatmap");
    const HeatmapAxis* m_x = nullptr;
    const HeatmapAxis* m_y = nullptr;
    ChartMetric m_metric;
    std::vector<QString> m_columns;
    std::vector<QString> m_rows;
    struct HeatPanel {
        QCPAxisRect* rect = nullptr;
        bool first = false;   ///< of its row
        bool lowest = false;  ///< of its column
    };
    std::vector<HeatPanel> m_heatPanels;
    std::vector<TileText> m_texts;
    QCPColorScale* m_scale = nullptr;
};

}  // namespace moescope::ui
