// SPDX-License-Identifier: Apache-2.0
#include "analysis/disturbance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "moescope/analysis/hypothesis.h"
#include "moescope/analysis/statistics.h"

namespace moescope {
namespace {

constexpr std::size_t kFewestToJudge = 12;
/// Share of the variance that the best split into two explains: 64 % for normal samples, 75 % for uniform
/// ones.
constexpr double kTwoModes = 0.88;
constexpr double kSmallestGap = 0.005;

bool is_bimodal(const std::vector<double>& values) {
    if (values.size() < kFewestToJudge) return false;
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto n = static_cast<double>(sorted.size());
    const double sum = std::accumulate(sorted.begin(), sorted.end(), 0.0);
    double total = 0.0;
    for (const double v : sorted) total += (v - sum / n) * (v - sum / n);
    double low = 0.0;
    double best = 0.0;
    double gap = 0.0;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        low += sorted[i - 1];
        const auto k = static_cast<double>(i);
        if (k < 0.15 * n || k > 0.85 * n) continue;  // a few outliers are no mode
        const double apart = (sum - low) / (n - k) - low / k;
        const double between = k * (n - k) / n * apart * apart;
        if (between > best) {
            best = between;
            gap = apart;
        }
    }
    return total > 0.0 && best / total > kTwoModes && gap > kSmallestGap;
}

bool drifts(const std::vector<double>& values) {
    if (values.size() < kFewestToJudge) return false;
    const std::span<const double> all(values);
    const auto first = all.first(values.size() / 2);
    const auto last = all.last(values.size() / 2);
    return std::abs(median(last) - median(first)) > kSmallestGap && mann_whitney_p(first, last) < 0.001;
}

}  // namespace

std::string disturbance(const CellSide& side) {
    std::string text;
    const auto add = [&](std::string_view what) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", what);
    };
    const auto any = [&](auto test) {
        return std::any_of(side.runs.begin(), side.runs.end(),
                           [&](const Run& r) { return test(r.log_costs); });
    };
    if (!side.flags.empty()) add(fmt::format("held back while sampled ({})", side.flags));
    if (any(drifts)) {
        add("drifts while sampled");
    } else if (any(is_bimodal)) {
        add("bimodal");
    }
    return text;
}

}  // namespace moescope
