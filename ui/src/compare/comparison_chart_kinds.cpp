// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "moescope/ui/charts/chart.h"
#include "moescope/ui/compare/cell_boxes_chart.h"
#include "moescope/ui/compare/forest_chart.h"
#include "moescope/ui/compare/overlay_chart.h"

namespace moescope::ui {

const std::vector<ChartKind>& comparisonChartKinds() {
    static const std::vector<ChartKind> kinds{
        {"compare-forest",
         "Forest plot",
         "the ratio of every cell with its interval, sorted by size",
         {1280, 900},
         [] { return std::unique_ptr<Chart>(std::make_unique<ForestChart>()); }},
        {"compare-bandwidth",
         "Bandwidth",
         "bandwidth of both sides over total tokens, A solid, B dashed",
         {1280, 900},
         [] {
             return std::unique_ptr<Chart>(std::make_unique<OverlayChart>(OverlayChart::Quantity::bandwidth));
         }},
        {"compare-time",
         "Time",
         "median time of both sides over total tokens, A solid, B dashed",
         {1280, 900},
         [] { return std::unique_ptr<Chart>(std::make_unique<OverlayChart>(OverlayChart::Quantity::time)); }},
        {"compare-boxes",
         "Box plots",
         "the samples of one cell, A against B",
         {800, 600},
         [] { return std::unique_ptr<Chart>(std::make_unique<CellBoxesChart>()); }},
    };
    return kinds;
}

bool isComparisonChart(const QString& id) {
    const std::vector<ChartKind>& kinds = comparisonChartKinds();
    return std::any_of(kinds.begin(), kinds.end(), [&](const ChartKind& kind) { return kind.id == id; });
}

}  // namespace moescope::ui
