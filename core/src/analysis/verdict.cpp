// SPDX-License-Identifier: Apache-2.0
#include "analysis/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace moescope {
namespace {

constexpr double kNormal95 = 1.96;
constexpr double kMostSamples = 5000.0;
constexpr double kMostSessions = 15.0;

void add_reason(std::string& reason, const std::string& text) {
    reason = reason.empty() ? text : fmt::format("{}; {}", text, reason);
}

/// How much more would pull the interval clear of the threshold, if the estimate stays where it is.
std::string advice(const ComparisonRow& row, const LogDifference& d, double threshold) {
    const double margin = std::abs(std::abs(d.estimate) - threshold);
    const double wanted = margin * margin / (kNormal95 * kNormal95);  // variance
    const double drift = std::max(0.0, d.variance - d.sample_variance);
    const int samples = std::min(row.base.samples, row.other.samples);
    if (wanted > 1.1 * drift) {
        const double more = samples * d.sample_variance / (wanted - drift);
        if (more <= kMostSamples) {
            const double wanted_samples = std::max(std::ceil(more), samples + 1.0);
            return fmt::format(
                "about {:.0f} samples a side would decide (now {}): sweep with min-samples {:.0f}",
                wanted_samples, samples, wanted_samples);
        }
    }
    const int sessions = std::min(row.base.sessions, row.other.sessions);
    const double more = wanted > 0.0 ? sessions * d.variance / wanted : kMostSessions + 1.0;
    if (more <= kMostSessions)
        return fmt::format("about {:.0f} sessions a side, taken in turns, would decide (now {})",
                           std::max(std::ceil(more), sessions + 1.0), sessions);
    return "too near the threshold for a practical number of sessions; another threshold would decide";
}

}  // namespace

void decide(ComparisonRow& row, const LogDifference& d, const CompareOptions& options) {
    const double threshold = std::log1p(options.threshold_percent / 100.0);
    const bool significant = row.q && *row.q <= options.false_discovery_rate;
    if (d.low > -threshold && d.high < threshold) {
        row.verdict = Verdict::same;
    } else if (significant && d.low >= threshold) {
        row.verdict = Verdict::slower;
    } else if (significant && d.high <= -threshold) {
        row.verdict = Verdict::faster;
    } else {
        row.verdict = Verdict::unsure;
        if (std::min(std::abs(d.low), std::abs(d.high)) >= threshold && d.low * d.high > 0.0) {
            add_reason(row.reason,
                       fmt::format("beyond the threshold, but the test finds it only at q = {:.2g}",
                                   row.q.value_or(1.0)));
        } else if (d.low > 0.0 || d.high < 0.0) {
            add_reason(row.reason, fmt::format("{}, but perhaps by less than the threshold",
                                               d.low > 0.0 ? "slower" : "faster"));
        } else {
            add_reason(row.reason, "the interval holds both no difference and one that matters");
        }
        row.advice = advice(row, d, threshold);
    }
}

}  // namespace moescope
