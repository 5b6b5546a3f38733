// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/hypothesis.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace moescope {
namespace {

constexpr std::size_t kLargestExact = 20;

struct Ranking {
    double rank_sum = 0.0;  ///< of the first side, ties sharing their mean rank
    double ties = 0.0;      ///< sum of t^3 - t over groups of equal values
};

Ranking rank(std::span<const double> a, std::span<const double> b) {
    std::vector<std::pair<double, bool>> all;  // value, whether of the first side
    all.reserve(a.size() + b.size());
    for (const double value : a) all.emplace_back(value, true);
    for (const double value : b) all.emplace_back(value, false);
    std::sort(all.begin(), all.end());
    Ranking ranking;
    for (std::size_t i = 0; i < all.size();) {
        std::size_t end = i;
        std::size_t of_first = 0;
        for (; end < all.size() && all[end].first == all[i].first; ++end) of_first += all[end].second ? 1 : 0;
        const auto t = static_cast<double>(end - i);
        ranking.rank_sum += static_cast<double>(of_first) * (static_cast<double>(i + end + 1) / 2.0);
        ranking.ties += t * t * t - t;
        i = end;
    }
    return ranking;
}

/// P(U <= u) for sizes n and m: how many of the C(n + m, n) arrangements have so few inversions.
double exact_tail(std::size_t n, std::size_t m, std::size_t u) {
    // counts[j][s]: ways to take j of the ranks seen so far with sum s, ranks counted from 0.
    const std::size_t largest = n * m;
    std::vector<std::vector<double>> counts(n + 1, std::vector<double>(largest + 1, 0.0));
    counts[0][0] = 1.0;
    for (std::size_t rank = 0; rank < n + m; ++rank) {
        for (std::size_t j = std::min(rank + 1, n); j >= 1; --j) {
            // The j-th rank taken, counted from 0, exceeds its least possible value by rank - (j - 1).
            const std::size_t inversions = rank - (j - 1);
            for (std::size_t s = largest + 1; s-- > inversions;)
                counts[j][s] += counts[j - 1][s - inversions];
        }
    }
    const double all = std::accumulate(counts[n].begin(), counts[n].end(), 0.0);
    const double tail =
        std::accumulate(counts[n].begin(), counts[n].begin() + static_cast<std::ptrdiff_t>(u) + 1, 0.0);
    return tail / all;
}

}  // namespace

double normal_two_sided_p(double z) {
    return std::erfc(std::abs(z) / std::sqrt(2.0));
}

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
    if (a.empty() || b.empty()) return 1.0;
    const auto n = static_cast<double>(a.size());
    const auto m = static_cast<double>(b.size());
    const Ranking ranking = rank(a, b);
    const double u = ranking.rank_sum - n * (n + 1.0) / 2.0;
    if (ranking.ties == 0.0 && std::max(a.size(), b.size()) <= kLargestExact) {
        const auto smaller = static_cast<std::size_t>(std::lround(std::min(u, n * m - u)));
        return std::min(1.0, 2.0 * exact_tail(a.size(), b.size(), smaller));
    }
    const double total = n + m;
    const double variance = n * m / 12.0 * (total + 1.0 - ranking.ties / (total * (total - 1.0)));
    if (variance <= 0.0) return 1.0;
    const double distance = std::max(0.0, std::abs(u - n * m / 2.0) - 0.5);
    return normal_two_sided_p(distance / std::sqrt(variance));
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return p[i] > p[j]; });
    std::vector<double> q(p.size());
    double least = 1.0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const auto place = static_cast<double>(p.size() - k);  // 1 for the smallest p
        least = std::min(least, p[order[k]] * static_cast<double>(p.size()) / place);
        q[order[k]] = least;
    }
    return q;
}

}  // namespace moescope
