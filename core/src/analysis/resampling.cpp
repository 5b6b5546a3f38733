// SPDX-License-Identifier: Apache-2.0
#include "analysis/resampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moescope {
namespace {

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// 1 + 2 sum of autocorrelations, up to the first that is not told from none.
double autocorrelation_time(std::span<const double> values) {
    const std::size_t n = values.size();
    const double mean = mean_of(values);
    double variance = 0.0;
    for (const double v : values) variance += (v - mean) * (v - mean);
    if (variance <= 0.0) return 1.0;
    const double noise = 2.0 / std::sqrt(static_cast<double>(n));
    double time = 1.0;
    for (std::size_t lag = 1; lag < n / 2; ++lag) {
        double covariance = 0.0;
        for (std::size_t i = 0; i + lag < n; ++i) covariance += (values[i] - mean) * (values[i + lag] - mean);
        const double correlation = covariance / variance;
        if (correlation < noise) break;
        time += 2.0 * correlation;
    }
    return time;
}

double median_in_place(std::vector<double>& values) {
    const std::size_t half = values.size() / 2;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(half);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

}  // namespace

std::size_t block_length(std::span<const double> values) {
    if (values.size() < 8) return 1;
    const double wanted =
        std::max(std::cbrt(static_cast<double>(values.size())), 2.0 * (autocorrelation_time(values) - 1.0));
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(wanted)), 1, values.size() / 4);
}

SideResampler::SideResampler(const std::vector<Run>& runs, double drift_variance) : m_runs(runs) {
    for (const Run& run : runs) {
        m_medians.push_back(log_median(run));
        m_blocks.push_back(block_length(run.log_costs));
    }
    const auto k = static_cast<double>(runs.size());
    m_mean = mean_of(m_medians);
    double observed = 0.0;  // variance of the side's mean, as this cell's own runs show it
    if (runs.size() > 1) {
        m_spread = std::sqrt(k / (k - 1.0));
        for (const double m : m_medians) observed += (m - m_mean) * (m - m_mean) / (k - 1.0) / k;
    }
    m_top_up_sd = std::sqrt(std::max(0.0, drift_variance - observed));
}

double SideResampler::draw_median(const Run& run, std::size_t block, Random& random) {
    const std::size_t n = run.log_costs.size();
    m_buffer.resize(n);
    for (std::size_t filled = 0; filled < n;) {
        const std::size_t start = random.below(n);  // blocks run over the end to the beginning
        for (std::size_t i = 0; i < block && filled < n; ++i)
            m_buffer[filled++] = run.log_costs[(start + i) % n];
    }
    return median_in_place(m_buffer);
}

SideResampler::Draw SideResampler::draw(Random& random) {
    const std::size_t k = m_runs.size();
    double between = 0.0;
    double within = 0.0;
    for (std::size_t i = 0; i < k; ++i) {
        const std::size_t chosen = k == 1 ? 0 : random.below(k);
        between += m_medians[chosen] - m_mean;
        within += draw_median(m_runs[chosen], m_blocks[chosen], random) - m_medians[chosen];
    }
    const auto runs = static_cast<double>(k);
    within /= runs;
    return {m_mean + m_spread * between / runs + within + m_top_up_sd * random.normal(), within};
}

}  // namespace moescope
