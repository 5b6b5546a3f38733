// SPDX-License-Identifier: Apache-2.0
#include "workload/gini.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "moescope/error.h"
#include "workload/apportion.h"
#include "workload/gini_of_few.h"
#include "workload/random.h"

namespace moescope {
namespace {

using Counts = std::vector<std::int32_t>;

constexpr double kTolerance = 0.02;  // what the SPEC promises
constexpr std::int64_t kMaxTries = 64;
constexpr double kGoodEnough = 0.002;  // what a draw is refined to, where tokens are fine enough

/// Expected Gini of Dirichlet weights of concentration `a`. std::lgamma only steers the search for `a`, whose
/// result is then rounded to a few digits, so platform differences do not reach the counts.
double dirichlet_gini(double a) {
    return std::exp(std::lgamma(a + 0.5) - std::lgamma(a + 1.0)) / std::sqrt(3.14159265358979323846);
}

double concentration_for(double target) {
    double low = std::log(1e-3);
    double high = std::log(1e6);
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (dirichlet_gini(std::exp(middle)) > target ? low : high) = middle;
    }
    const double exponent = std::round(low * 1000.0) / 1000.0;
    return portable::exp(exponent);
}

/// The draw, raised to `power`, shared out.
Counts counts_at(const std::vector<double>& log_weights, double power, std::int64_t total, std::int64_t cap) {
    const double top = *std::max_element(log_weights.begin(), log_weights.end());
    std::vector<double> weights(log_weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = portable::exp(power * (log_weights[i] - top));
    return apportion(weights, total, cap);
}

Counts even_counts(std::size_t experts, std::int64_t total, std::int64_t cap) {
    return apportion(std::vector<double>(experts, 1.0), total, cap);
}

/// Moves single tokens between experts until the Gini is near the target. Moving one token from rank i to a
/// richer rank j (ascending) changes the Gini by 2 (j - i) / (n * total), so the pair is chosen by that
/// distance.
void refine(Counts& counts, double target, std::int64_t total, std::int64_t cap) {
    const auto n = static_cast<std::int64_t>(counts.size());
    std::vector<std::size_t> order(counts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const double unit = 2.0 / (static_cast<double>(n) * static_cast<double>(total));
    for (int round = 0; round < 20'000; ++round) {
        const double gap = target - gini_coefficient(counts);
        if (std::abs(gap) <= kGoodEnough) return;
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return counts[a] < counts[b]; });
        const auto wanted =
            std::clamp(static_cast<std::int64_t>(std::abs(gap) / unit), std::int64_t{1}, n - 1);
        bool moved = false;
        for (std::int64_t distance = wanted; distance >= 1 && !moved;
             distance = distance == 1 ? 0 : distance / 2) {
            // Different places each round, so that the change is spread over the experts.
            const std::int64_t tries = std::min(n - distance, kMaxTries);
            for (std::int64_t k = 0; k < tries && !moved; ++k) {
                const std::int64_t i = (k + std::int64_t{7} * round) % (n - distance);
                std::int32_t& poor = counts[order[static_cast<std::size_t>(i)]];
                std::int32_t& rich = counts[order[static_cast<std::size_t>(i + distance)]];
                std::int32_t& from = gap > 0 ? poor : rich;
                std::int32_t& to = gap > 0 ? rich : poor;
                const bool useful = gap > 0 ? (poor > 0 && rich < cap) : rich - poor >= 2;
                if (!useful) continue;
                --from;
                ++to;
                if (std::abs(target - gini_coefficient(counts)) < std::abs(gap)) {
                    moved = true;
                } else {
                    ++from;
                    --to;
                }
            }
        }
        if (!moved) return;
    }
}

void check_reachable(double target, std::size_t experts, std::int64_t total, std::int64_t cap) {
    const double lowest = gini_coefficient(even_counts(experts, total, cap));
    const double highest = gini_coefficient(fill_in_order(experts, total, cap));
    if (target >= lowest - kTolerance && target <= highest + kTolerance) return;
    throw Error(fmt::format(
        "gini {}: {} tokens over {} experts of at most {} can only have {:.3f} to {:.3f}; change the tokens, "
        "max-tokens or the coefficient",
        target, total, experts, cap, lowest, highest));
}

}  // namespace

double gini_coefficient(std::span<const std::int32_t> counts) {
    std::vector<std::int32_t> sorted(counts.begin(), counts.end());
    std::sort(sorted.begin(), sorted.end());
    const auto n = static_cast<std::int64_t>(sorted.size());
    double weighted = 0.0;
    double sum = 0.0;
    for (std::int64_t i = 0; i < n; ++i) {
        const double x = sorted[static_cast<std::size_t>(i)];
        weighted += static_cast<double>(2 * (i + 1) - n - 1) * x;
        sum += x;
    }
    return sum > 0.0 ? weighted / (static_cast<double>(n) * sum) : 0.0;
}

std::vector<std::int32_t> gini_counts(double target, std::int64_t experts, std::int64_t cap,
                                      std::int64_t total, std::uint64_t seed) {
    const auto n = static_cast<std::size_t>(experts);
    if (total == 0) return std::vector<std::int32_t>(n, 0);
    check_reachable(target, n, total, cap);

    Random random(seed);
    const double concentration = concentration_for(std::clamp(target, 0.001, 0.98));
    std::vector<double> log_weights(n);
    for (double& w : log_weights) w = random.log_gamma_variate(concentration);

    double low = 0.0;  // power 0: even
    double high = 1.0;
    while (high < 1e6 && gini_coefficient(counts_at(log_weights, high, total, cap)) < target) high *= 2.0;
    for (int i = 0; i < 40; ++i) {
        const double middle = 0.5 * (low + high);
        (gini_coefficient(counts_at(log_weights, middle, total, cap)) < target ? low : high) = middle;
    }
    Counts counts = counts_at(log_weights, high, total, cap);
    refine(counts, target, total, cap);
    // With few tokens, moves of single ones can end short of what there is.
    if (std::abs(gini_coefficient(counts) - target) > kTolerance && total <= kFewTokens) {
        counts = nearest_gini_counts(target, experts, cap, total);
        random.shuffle(counts);
    }
    if (const double got = gini_coefficient(counts); std::abs(got - target) > kTolerance) {
        throw Error(fmt::format(
            "gini {}: {} tokens over {} experts are too few to come nearer than {:.3f}; use more tokens",
            target, total, experts, got));
    }
    return counts;
}

}  // namespace moescope
