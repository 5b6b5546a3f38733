// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <functional>
#include <optional>
#include <vector>

#include "moescope/session/session.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

/// The metric of a heatmap or imbalance chart, read off results that core has filled.
struct ChartMetric {
    QString id;
    QString title;       ///< "Utilization"
    QString unit;        ///< "%"; empty for ratios
    QString subtitle;    ///< what it means: "Percent of the theoretical peak"
    bool ratio = false;  ///< around 1: speedup
    bool from_zero = false;
    std::function<std::optional<double>(const Result&)> value;

    QString axisTitle() const { return unit.isEmpty() ? title : QStringLiteral("%1 (%2)").arg(title, unit); }
};

/// data.metric, or utilization where that is empty. Throws Error for an id that is not known. Borrows the
/// session.
ChartMetric chartMetric(const ChartData& data);

struct MetricName {
    QString id;
    QString title;
};
/// What can be chosen: utilization (empty id), core's metrics(), speedup.
std::vector<MetricName> chartMetricNames();

}  // namespace moescope::ui
