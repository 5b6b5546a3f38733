// SPDX-License-Identifier: Apache-2.0
#include "workload/apportion.h"

#include <algorithm>
#include <cmath>

namespace moescope {
namespace {

using Indices = std::vector<std::size_t>;

double sum_of(std::span<const double> weights, const Indices& open) {
    double sum = 0.0;
    for (const std::size_t i : open) sum += weights[i];
    return sum;
}

/// Fixes at the cap everybody whose share reaches it, until nobody's does. Returns what is left to give.
std::int64_t fill_capped(std::span<const double> weights, std::int64_t left, std::int64_t cap, Indices& open,
                         std::vector<std::int32_t>& counts) {
    while (!open.empty()) {
        const double unit = static_cast<double>(left) / sum_of(weights, open);
        const auto capped = [&](std::size_t i) { return weights[i] * unit >= static_cast<double>(cap); };
        const auto first_capped =
            std::stable_partition(open.begin(), open.end(), [&](std::size_t i) { return !capped(i); });
        if (first_capped == open.end()) break;
        for (auto it = first_capped; it != open.end(); ++it) {
            const std::int64_t given =
                std::min(cap, left);  // rounding may make the last share a little too large
            counts[*it] = static_cast<std::int32_t>(given);
            left -= given;
        }
        open.erase(first_capped, open.end());
    }
    return left;
}

/// Floors, then one more to the largest remainders. Every share is below the cap.
void share_rest(std::span<const double> weights, std::int64_t left, const Indices& open,
                std::vector<std::int32_t>& counts) {
    struct Share {
        double remainder;
        std::size_t index;
    };
    const double unit = static_cast<double>(left) / sum_of(weights, open);
    std::vector<Share> shares;
    for (const std::size_t i : open) {
        const double exact = weights[i] * unit;
        const double whole = std::floor(exact);
        counts[i] = static_cast<std::int32_t>(whole);
        left -= counts[i];
        shares.push_back({exact - whole, i});
    }
    std::stable_sort(shares.begin(), shares.end(),
                     [](const Share& a, const Share& b) { return a.remainder > b.remainder; });
    for (std::size_t k = 0; left > 0; k = (k + 1) % shares.size(), --left) ++counts[shares[k].index];
    for (std::size_t k = shares.size();
         left < 0;) {  // floors above the total: only by rounding, one or two tokens
        k = k == 0 ? shares.size() - 1 : k - 1;
        if (counts[shares[k].index] > 0) {
            --counts[shares[k].index];
            ++left;
        }
    }
}

}  // namespace

std::vector<std::int32_t> apportion(std::span<const double> weights, std::int64_t total, std::int64_t cap) {
    std::vector<std::int32_t> counts(weights.size(), 0);
    Indices positive;
    Indices zero;
    for (std::size_t i = 0; i < weights.size(); ++i) (weights[i] > 0.0 ? positive : zero).push_back(i);

    const std::int64_t room = cap * static_cast<std::int64_t>(positive.size());
    const std::int64_t first = std::min(total, room);
    if (!positive.empty()) {
        const std::int64_t left = fill_capped(weights, first, cap, positive, counts);
        if (left > 0) share_rest(weights, left, positive, counts);
    }
    if (total > first) {
        const std::vector<double> ones(zero.size(), 1.0);
        const std::vector<std::int32_t> rest = apportion(ones, total - first, cap);
        for (std::size_t k = 0; k < zero.size(); ++k) counts[zero[k]] = rest[k];
    }
    return counts;
}

std::vector<std::int32_t> fill_in_order(std::size_t n, std::int64_t total, std::int64_t cap) {
    std::vector<std::int32_t> counts(n, 0);
    for (std::int32_t& count : counts) {
        count = static_cast<std::int32_t>(std::min(cap, total));
        total -= count;
    }
    return counts;
}

}  // namespace moescope
