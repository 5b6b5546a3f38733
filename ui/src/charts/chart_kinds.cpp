// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/error.h"
#include "moescope/ui/charts/bandwidth_bars_chart.h"
#include "moescope/ui/charts/bandwidth_chart.h"
#include "moescope/ui/charts/chart.h"
#include "moescope/ui/charts/facets_chart.h"
#include "moescope/ui/charts/heatmap_chart.h"
#include "moescope/ui/charts/imbalance_chart.h"
#include "moescope/ui/charts/samples_chart.h"
#include "moescope/ui/charts/speedup_chart.h"
#include "moescope/ui/charts/time_chart.h"

namespace moescope::ui {

const std::vector<ChartKind>& chartKinds() {
    static const std::vector<ChartKind> kinds{
        {"bandwidth",
         "Bandwidth",
         "utilization over total tokens, a panel a strategy, with the peaks",
         {1280, 640},
         [] { return std::unique_ptr<Chart>(std::make_unique<BandwidthChart>()); }},
        {"bandwidth-bars",
         "Bandwidth by case",
         "utilization of every case as grouped bars",
         {1280, 900},
         [] { return std::unique_ptr<Chart>(std::make_unique<BandwidthBarsChart>()); }},
        {"speedup",
         "Speedup",
         "speedup of every case over a baseline, with parity and geometric means",
         {1280, 900},
         [] { return std::unique_ptr<Chart>(std::make_unique<SpeedupChart>()); }},
        {"facets",
         "Facets",
         "utilization over tokens, strategies by experts, on shared axes",
         {1280, 900},
         [] {
             return std::unique_ptr<Chart>(std::make_unique<FacetsChart>(FacetsChart::Metric::utilization));
         }},
        {"facets-speedup",
         "Speedup facets",
         "speedup over tokens, strategies by experts, on shared axes",
         {1280, 900},
         [] { return std::unique_ptr<Chart>(std::make_unique<FacetsChart>(FacetsChart::Metric::speedup)); }},
        {"time",
         "Time",
         "median time over total tokens, log-log, with the limit",
         {1280, 640},
         [] { return std::unique_ptr<Chart>(std::make_unique<TimeChart>()); }},
        {"heatmap",
         "Heatmap",
         "any metric as colour over any two axes, a panel a kernel",
         {1280, 640},
         [] { return std::unique_ptr<Chart>(std::make_unique<HeatmapChart>()); }},
        {"imbalance",
         "Imbalance",
         "any metric over the Gini coefficient or max/mean of the load",
         {1280, 640},
         [] { return std::unique_ptr<Chart>(std::make_unique<ImbalanceChart>()); }},
        {"samples",
         "Samples",
         "every sample of one case: in order, as histogram, as box",
         {1280, 800},
         [] { return std::unique_ptr<Chart>(std::make_unique<SamplesChart>()); }},
    };
    return kinds;
}

const ChartKind& findChartKind(const QString& id) {
    QString known;
    for (const auto* kinds : {&chartKinds(), &comparisonChartKinds()}) {
        for (const ChartKind& kind : *kinds) {
            if (kind.id == id) return kind;
            known += (known.isEmpty() ? QString() : QStringLiteral(", ")) + kind.id;
        }
    }
    throw Error("unknown chart '" + id.toStdString() + "': choose one of " + known.toStdString());
}

}  // namespace moescope::ui
