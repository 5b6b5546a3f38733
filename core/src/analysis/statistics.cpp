// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace moescope {
namespace {

constexpr std::size_t kFewestForInterval = 6;  // 2 * 0.5^6 = 3.1 % outside; with five 6.3 %

double median_of_sorted(const std::vector<double>& sorted) {
    const std::size_t n = sorted.size();
    if (n == 0) return std::numeric_limits<double>::quiet_NaN();
    return n % 2 == 1 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

/// How many order statistics lie outside the interval at each end: the largest k with
/// P(Binomial(n, 1/2) <= k - 1) <= 2.5 %.
std::size_t outside(std::size_t n) {
    const auto size = static_cast<double>(n);
    double cumulative = 0.0;
    double log_term = -size * std::log(2.0);  // log of C(n, i) / 2^n
    for (std::size_t i = 0; i < n; ++i) {
        cumulative += std::exp(log_term);
        if (cumulative > 0.025) return i;
        log_term += std::log((size - static_cast<double>(i)) / static_cast<double>(i + 1));
    }
    return 0;
}

std::array<double, 2> interval_of_sorted(const std::vector<double>& sorted) {
    if (sorted.empty()) return {median_of_sorted(sorted), median_of_sorted(sorted)};
    const std::size_t n = sorted.size();
    const std::size_t k = n < kFewestForInterval ? 0 : outside(n) - 1;
    return {sorted[k], sorted[n - 1 - k]};
}

std::vector<double> sorted_copy(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

}  // namespace

double median(std::span<const double> values) {
    return median_of_sorted(sorted_copy(values));
}

std::array<double, 2> median_ci95(std::span<const double> values) {
    return interval_of_sorted(sorted_copy(values));
}

std::array<double, 5> five_numbers(std::span<const double> values) {
    const std::vector<double> sorted = sorted_copy(values);
    std::array<double, 5> numbers{};
    numbers.fill(std::numeric_limits<double>::quiet_NaN());
    if (sorted.empty()) return numbers;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double at = 0.25 * static_cast<double>(i) * static_cast<double>(sorted.size() - 1);
        const auto below = static_cast<std::size_t>(at);
        const std::size_t above = std::min(below + 1, sorted.size() - 1);
        numbers[i] = sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
    }
    return numbers;
}

double relative_half_width_percent(std::span<const double> values) {
    if (values.size() < kFewestForInterval) return std::numeric_limits<double>::infinity();
    const std::vector<double> sorted = sorted_copy(values);
    const std::array<double, 2> interval = interval_of_sorted(sorted);
    return 50.0 * (interval[1] - interval[0]) / median_of_sorted(sorted);
}

}  // namespace moescope
