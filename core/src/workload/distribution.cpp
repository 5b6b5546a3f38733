// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "moescope/message.h"
#include "workload/apportion.h"
#include "workload/gini.h"
#include "workload/random.h"

namespace moescope {
namespace {

using Counts = std::vector<std::int32_t>;

std::vector<double> uniform_weights(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::vector<double> weights(n);
    for (double& w : weights) w = random.uniform();
    return weights;
}

Counts imbalanced_counts(double ratio, std::size_t n, std::int64_t cap, std::int64_t total,
                         std::uint64_t seed) {
    if (n == 1) return {static_cast<std::int32_t>(total)};
    const auto rest_room = static_cast<std::int64_t>(n - 1) * cap;
    const auto wanted =
        static_cast<std::int64_t>(std::llround(static_cast<double>(total) / static_cast<double>(n) / ratio));
    const std::int64_t first =
        std::clamp(wanted, std::max(std::int64_t{0}, total - rest_room), std::min(total, cap));
    Counts counts = apportion(uniform_weights(n - 1, seed), total - first, cap);
    counts.insert(counts.begin(), static_cast<std::int32_t>(first));
    return counts;
}

std::vector<std::size_t> shuffled_indices(std::size_t n, std::uint64_t seed) {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t{0});
    Random(seed).shuffle(order);
    return order;
}

Counts zipf_counts(double exponent, std::size_t n, std::int64_t cap, std::int64_t total, std::uint64_t seed) {
    const std::vector<std::size_t> order = shuffled_indices(n, seed);
    std::vector<double> weights(n);
    for (std::size_t rank = 0; rank < n; ++rank) {
        weights[order[rank]] = portable::exp(-exponent * portable::log(static_cast<double>(rank + 1)));
    }
    return apportion(weights, total, cap);
}

Counts hot_counts(const Strategy& s, std::size_t n, std::int64_t cap, std::int64_t total,
                  std::uint64_t seed) {
    const auto hot = static_cast<std::size_t>(s.hot_experts);
    if (s.hot_experts > static_cast<std::int64_t>(n)) {
        throw Error(fmt::format("{}: there are only {} experts; choose K from 1 to {}", to_string(s), n, n));
    }
    const std::int64_t cold_room = static_cast<std::int64_t>(n - hot) * cap;
    const std::int64_t hot_room = static_cast<std::int64_t>(hot) * cap;
    const auto wanted = static_cast<std::int64_t>(std::llround(static_cast<double>(total) * s.parameter));
    const std::int64_t hot_total =
        std::clamp(wanted, std::max(std::int64_t{0}, total - cold_room), std::min(total, hot_room));
    const Counts hot_part = apportion(std::vector<double>(hot, 1.0), hot_total, cap);
    const Counts cold_part = apportion(std::vector<double>(n - hot, 1.0), total - hot_total, cap);
    const std::vector<std::size_t> order = shuffled_indices(n, seed);
    Counts counts(n, 0);
    for (std::size_t k = 0; k < n; ++k) counts[order[k]] = k < hot ? hot_part[k] : cold_part[k - hot];
    return counts;
}

Counts custom_counts(const Strategy& s, std::int64_t experts, std::int64_t cap) {
    const std::vector<Counts> rows = read_counts_file(s.file);
    const auto row = static_cast<std::size_t>(std::max(s.step, std::int64_t{0}));
    if (row >= rows.size()) {
        throw Error(fmt::format("{}: step {} is not there; the file has steps 0 to {}", s.file, row,
                                rows.size() - 1));
    }
    const Counts& counts = rows[row];
    if (static_cast<std::int64_t>(counts.size()) != experts) {
        throw SettingError(fmt::format("{}: step {} has {} experts, the case {}; set {} {}", s.file, row,
                                       counts.size(), experts, mention(Setting::experts), counts.size()));
    }
    const std::int32_t largest = *std::max_element(counts.begin(), counts.end());
    if (largest > cap) {
        throw SettingError(
            fmt::format("{}: step {} gives an expert {} tokens, room is for {}; set {} {} or more", s.file,
                        row, largest, cap, mention(Setting::max_tokens), largest));
    }
    return counts;
}

}  // namespace

LoadStats load_stats(std::span<const std::int32_t> counts) {
    LoadStats stats;
    if (counts.empty()) return stats;
    const auto [low, high] = std::minmax_element(counts.begin(), counts.end());
    stats.min = *low;
    stats.max = *high;
    const std::int64_t total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    stats.mean = static_cast<double>(total) / static_cast<double>(counts.size());
    stats.max_over_mean = total > 0 ? static_cast<double>(stats.max) / stats.mean : 0.0;
    stats.gini = gini_coefficient(counts);
    stats.active = std::count_if(counts.begin(), counts.end(), [](std::int32_t c) { return c > 0; });
    return stats;
}

std::vector<std::int32_t> tokens_per_expert(const Strategy& strategy, std::int64_t experts,
                                            std::int64_t max_tokens, std::int64_t total, std::uint64_t seed) {
    if (strategy.kind == Strategy::Kind::custom) return custom_counts(strategy, experts, max_tokens);
    if (total < 0) throw Error(fmt::format("total tokens {} is negative; use 0 or more", total));
    if (experts < 1 || max_tokens < 1)
        throw SettingError(fmt::format("{} and {} must be 1 or more", mention(Setting::experts),
                                       mention(Setting::max_tokens)));
    if (total > experts * max_tokens) {
        throw SettingError(fmt::format(
            "{} tokens do not fit {} experts with room for {} each: at most {}; raise {} to {} or lower the "
            "tokens",
            total, experts, max_tokens, experts * max_tokens, mention(Setting::max_tokens),
            total / experts + (total % experts != 0 ? 1 : 0)));
    }
    const auto n = static_cast<std::size_t>(experts);
    switch (strategy.kind) {
        case Strategy::Kind::even:
            return apportion(std::vector<double>(n, 1.0), total, max_tokens);
        case Strategy::Kind::uniform:
            return apportion(uniform_weights(n, seed), total, max_tokens);
        case Strategy::Kind::imbalanced:
            return imbalanced_counts(strategy.parameter, n, max_tokens, total, seed);
        case Strategy::Kind::first:
            return fill_in_order(n, total, max_tokens);
        case Strategy::Kind::zipf:
            return zipf_counts(strategy.parameter, n, max_tokens, total, seed);
        case Strategy::Kind::gini:
            return gini_counts(strategy.parameter, experts, max_tokens, total, seed);
        case Strategy::Kind::hot:
            return hot_counts(strategy, n, max_tokens, total, seed);
        case Strategy::Kind::custom:
            break;
    }
    throw Error("strategy of an unknown kind");
}

}  // namespace moescope
