// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/chart_metric.h"

#include <memory>
#include <unordered_map>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/charts/peak.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kSpeedup = "speedup";

ChartMetric utilization(const ChartData& data) {
    const PeakKind peak = usablePeak(*data.session, data.peak).value_or(data.peak);
    ChartMetric metric;
    metric.title = QStringLiteral("Utilization");
    metric.unit = QStringLiteral("%");
    metric.subtitle = QStringLiteral("Percent of the %1").arg(peakName(peak));
    metric.from_zero = true;
    metric.value = [peak](const Result& r) { return percentOfPeak(r, peak); };
    return metric;
}

ChartMetric speedup(const ChartData& data) {
    const std::vector<Result>& results = data.session->results;
    const std::string baseline = data.baseline.empty() ? default_baseline(results) : data.baseline;
    auto ratios = std::make_shared<std::unordered_map<const Result*, double>>();
    for (const Speedup& each : speedups(results, baseline))
        if (results[each.result_index].kernel != baseline)
            (*ratios)[&results[each.result_index]] = each.ratio;
    ChartMetric metric;
    metric.id = QLatin1String(kSpeedup);
    metric.title = QStringLiteral("Speedup over %1").arg(qs(baseline));
    metric.unit = QChar(0xd7);
    metric.subtitle =
        QStringLiteral("Time of %1 / time of the kernel: above 1\u00d7 is faster").arg(qs(baseline));
    metric.ratio = true;
    metric.value = [ratios](const Result& r) -> std::optional<double> {
        const auto at = ratios->find(&r);
        if (at == ratios->end()) return std::nullopt;
        return at->second;
    };
    return metric;
}

QString sentence(const std::string& text) {
    QString upper = qs(text);
    if (!upper.isEmpty()) upper[0] = upper[0].toUpper();
    return upper;
}

}  // namespace

ChartMetric chartMetric(const ChartData& data) {
    if (data.metric.empty()) return utilization(data);
    if (data.metric == kSpeedup) return speedup(data);
    const MetricInfo& info = find_metric(data.metric);
    ChartMetric metric;
    metric.id = qs(info.id);
    metric.title = qs(info.title);
    metric.unit = info.unit == "us" ? QStringLiteral("\u00b5s") : qs(info.unit);
    metric.subtitle = sentence(info.description);
    metric.from_zero = info.unit == "%" || info.unit.empty();
    metric.value = [value = info.value](const Result& r) -> std::optional<double> {
        if (r.status != Status::ok) return std::nullopt;
        return value(r);
    };
    return metric;
}

std::vector<MetricName> chartMetricNames() {
    std::vector<MetricName> names{{QString(), QStringLiteral("Utilization")},
                                  {QLatin1String(kSpeedup), QStringLiteral("Speedup")}};
    for (const MetricInfo& info : metrics())
        if (info.id.find("percent_of_peak") == std::string::npos)  // utilization and its peak say that
            names.push_back({qs(info.id), qs(info.title)});
    return names;
}

}  // namespace moescope::ui
