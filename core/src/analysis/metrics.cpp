// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <map>

#include "moescope/analysis/statistics.h"
#include "moescope/error.h"

namespace moescope {
namespace {

constexpr std::string_view kStream = "stream41";
constexpr std::string_view kFieldBaseline = "silu_v2";

std::optional<double> percent(double value, std::optional<double> peak) {
    if (!peak || *peak <= 0.0) return std::nullopt;
    return 100.0 * value / *peak;
}

std::optional<double> half_width_percent(const Result& r) {
    if (!r.median_us || !r.ci95_us || *r.median_us <= 0.0) return std::nullopt;
    return 50.0 * ((*r.ci95_us)[1] - (*r.ci95_us)[0]) / *r.median_us;
}

}  // namespace

std::int64_t moved_bytes(const Shape& shape, std::int64_t tokens) {
    return tokens * shape.bytes_per_token();
}

std::int64_t moved_bytes(const Result& result) {
    if (result.kernel == kStream) return result.c.total_tokens * result.c.shape.hidden * 5;
    return moved_bytes(result.c.shape, result.c.total_tokens);
}

double bandwidth_gbps(std::int64_t bytes, double median_us) {
    return static_cast<double>(bytes) / median_us * 1e-3;
}

double operations_gflops(const Shape& shape, std::int64_t tokens, double median_us) {
    return 8.0 * static_cast<double>(tokens) * static_cast<double>(shape.hidden) / median_us * 1e-3;
}

std::optional<double> limit_us(std::int64_t bytes, const Peaks& peaks) {
    if (!peaks.measured_gbps || *peaks.measured_gbps <= 0.0 || !peaks.launch_floor_us) return std::nullopt;
    return *peaks.launch_floor_us + static_cast<double>(bytes) / *peaks.measured_gbps * 1e-3;
}

void fill_metrics(Result& r, const Peaks& peaks) {
    if (r.samples_us.empty()) return;
    r.median_us = median(r.samples_us);
    r.ci95_us = median_ci95(r.samples_us);
    if (*r.median_us <= 0.0) return;
    const std::int64_t bytes = moved_bytes(r);
    r.gbps = bandwidth_gbps(bytes, *r.median_us);
    if (r.kernel != kStream) r.gflops = operations_gflops(r.c.shape, r.c.total_tokens, *r.median_us);
    r.percent_of_peak.theoretical = percent(*r.gbps, peaks.theoretical_gbps);
    r.percent_of_peak.measured = percent(*r.gbps, peaks.measured_gbps);
    r.percent_of_peak.seed = percent(*r.gbps, kSeedPeakGbps);
    if (const auto limit = limit_us(bytes, peaks)) r.efficiency = *limit / *r.median_us;
}

double geometric_mean(std::span<const double> values) {
    double sum = 0.0;
    for (const double value : values) sum += std::log(value);
    return std::exp(sum / static_cast<double>(values.size()));
}

std::vector<Speedup> speedups(const std::vector<Result>& results, const std::string& baseline) {
    const auto usable = [](const Result& r) {
        return r.status == Status::ok && r.median_us && *r.median_us > 0.0;
    };
    std::map<std::string, std::size_t> base;  // by the cell's place, kernel left out
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Result& r = results[i];
        if (r.kernel == baseline && usable(r)) base[cell_key(r.c, "", r.cache)] = i;
    }
    std::vector<Speedup> found;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Result& r = results[i];
        if (!usable(r)) continue;
        const auto it = base.find(cell_key(r.c, "", r.cache));
        if (it == base.end()) continue;
        found.push_back({i, it->second, *results[it->second].median_us / *r.median_us});
    }
    return found;
}

std::string default_baseline(const std::vector<Result>& results) {
    std::string first;
    for (const Result& r : results) {
        if (r.kernel == kFieldBaseline) return r.kernel;
        if (first.empty() && r.kernel != kStream) first = r.kernel;
    }
    if (first.empty() && !results.empty()) first = results.front().kernel;
    return first;
}

const std::vector<MetricInfo>& metrics() {
    using R = const Result&;
    static const std::vector<MetricInfo> all{
        {"median_us", "Time", "us", "median of one launch", [](R r) { return r.median_us; }},
        {"ci_percent", "Uncertainty", "%", "half-width of the median's 95 % interval", half_width_percent},
        {"gbps", "Bandwidth", "GB/s", "bytes that must move over the median time",
         [](R r) { return r.gbps; }},
        {"gflops", "Throughput", "GFLOPS", "eight operations per output element over the median time",
         [](R r) { return r.gflops; }},
        {"percent_of_peak.theoretical", "Of theoretical peak", "%",
         "bandwidth over memory clock x bus width x 2", [](R r) { return r.percent_of_peak.theoretical; }},
        {"percent_of_peak.measured", "Of measured peak", "%",
         "bandwidth over stream41 at the start of the session",
         [](R r) { return r.percent_of_peak.measured; }},
        {"percent_of_peak.seed", "Of seed peak", "%",
         "bandwidth over 3.35 x 1024 GB/s, the seed document's constant",
         [](R r) { return r.percent_of_peak.seed; }},
        {"efficiency", "Efficiency", "",
         "limit time over median time; limit = launch floor + bytes / stream41 bandwidth",
         [](R r) { return r.efficiency; }},
    };
    return all;
}

const MetricInfo& find_metric(const std::string& id) {
    std::vector<std::string> known;
    for (const MetricInfo& metric : metrics()) {
        if (metric.id == id) return metric;
        known.push_back(metric.id);
    }
    throw Error(fmt::format("unknown metric '{}': use one of {}", id, fmt::join(known, ", ")));
}

}  // namespace moescope
