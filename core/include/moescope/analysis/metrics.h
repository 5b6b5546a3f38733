// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// The seed document's peak, 3.35 * 1024 GB/s, for like-for-like numbers.
inline constexpr double kSeedPeakGbps = 3.35 * 1024;

/// Formulas of SPEC section 3: n valid tokens of shape S, t the median microseconds of one launch.
/// Bytes moved by the operation: n * (4H + H + scale bytes).
std::int64_t moved_bytes(const Shape& shape, std::int64_t tokens);
/// bytes / t, 1e9 bytes per second.
double bandwidth_gbps(std::int64_t bytes, double median_us);
/// 8 * n * H / t, 1e9 operations per second.
double operations_gflops(const Shape& shape, std::int64_t tokens, double median_us);
/// launch floor + bytes / stream41 bandwidth, microseconds; nothing when either peak is unknown.
std::optional<double> limit_us(std::int64_t bytes, const Peaks& peaks);

/// Fills median, interval, gflops, gbps, percents and efficiency of an `ok` result from its samples.
void fill_metrics(Result& result, const Peaks& peaks);

double geometric_mean(std::span<const double> values);

/// Speedup of every kernel over `baseline` in the same case and cache mode: t_baseline / t_kernel. Pairs in
/// which either is missing or not ok are left out. Indices point into `results`.
struct Speedup {
    std::size_t result_index = 0;
    std::size_t baseline_index = 0;
    double ratio = 0.0;
};
std::vector<Speedup> speedups(const std::vector<Result>& results, const std::string& baseline);

/// The kernel that comparisons start from: silu_v2 where it was swept, else the first operation.
std::string default_baseline(const std::vector<Result>& results);

/// A metric that tables, CSV and charts share: name, unit, description and how to read it off a result.
struct MetricInfo {
    std::string id;     ///< `gbps`, `percent_of_peak.measured`
    std::string title;  ///< `Bandwidth`
    std::string unit;   ///< `GB/s`; empty for ratios
    std::string description;
    std::optional<double> (*value)(const Result&);
};
const std::vector<MetricInfo>& metrics();
/// Throws Error listing the known ids.
const MetricInfo& find_metric(const std::string& id);

}  // namespace moescope
