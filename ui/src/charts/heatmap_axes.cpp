// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "moescope/error.h"
#include "moescope/ui/charts/heatmap_chart.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

double tokensPerExpert(const Result& r) {
    return static_cast<double>(r.c.total_tokens) / static_cast<double>(r.c.shape.experts);
}

QString number(std::int64_t value) {
    return groupedNumber(value);
}

}  // namespace

const std::vector<HeatmapAxis>& heatmapAxes() {
    using R = const Result&;
    static const std::vector<HeatmapAxis> axes{
        {"tokens-per-expert", "Mean tokens per expert", tokensPerExpert,
         [](R r) {
             const double mean = tokensPerExpert(r);
             return mean == std::floor(mean) ? fixedNumber(mean, 0) : significantNumber(mean, 4);
         }},
        {"tokens", "Total tokens", [](R r) { return static_cast<double>(r.c.total_tokens); },
         [](R r) { return number(r.c.total_tokens); }},
        {"experts", "Experts (E)", [](R r) { return static_cast<double>(r.c.shape.experts); },
         [](R r) { return number(r.c.shape.experts); }},
        {"strategy", "Strategy", [](R) { return 0.0; }, [](R r) { return qs(to_string(r.c.strategy)); }},
        {"hidden", "Columns (H)", [](R r) { return static_cast<double>(r.c.shape.hidden); },
         [](R r) { return number(r.c.shape.hidden); }},
        {"group-size", "Group size (G)", [](R r) { return static_cast<double>(r.c.shape.group_size); },
         [](R r) { return number(r.c.shape.group_size); }},
        {"max-tokens", "Capacity (T)", [](R r) { return static_cast<double>(r.c.shape.max_tokens); },
         [](R r) { return number(r.c.shape.max_tokens); }},
        {"scale-format", "Scale format", [](R r) { return static_cast<double>(r.c.shape.scale_format); },
         [](R r) { return qs(to_string(r.c.shape.scale_format)); }},
        {"input-type", "Input type", [](R r) { return static_cast<double>(r.c.shape.input_type); },
         [](R r) { return qs(to_string(r.c.shape.input_type)); }},
        {"seed", "Seed", [](R r) { return static_cast<double>(r.c.seed); },
         [](R r) { return QString::number(r.c.seed); }},
        {"cache", "Cache mode", [](R r) { return static_cast<double>(r.cache); },
         [](R r) { return qs(to_string(r.cache)); }},
    };
    return axes;
}

const HeatmapAxis& findHeatmapAxis(const QString& id) {
    QString known;
    for (const HeatmapAxis& axis : heatmapAxes()) {
        if (axis.id == id) return axis;
        known += (known.isEmpty() ? QString() : QStringLiteral(", ")) + axis.id;
    }
    throw Error("unknown axis '" + id.toStdString() + "': choose one of " + known.toStdString());
}

}  // namespace moescope::ui
