// SPDX-License-Identifier: Apache-2.0
#include "measurement/sampler.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "moescope/analysis/statistics.h"
#include "moescope/error.h"

namespace moescope {
namespace {

constexpr int kBlock = 10;
constexpr int kHostBlock =
    50;  // samples of one launch each: more of them, or turning over costs more than they

/// Tenths of a nanosecond are below every clock here; more digits would only fatten the session file.
double rounded(double us) {
    return std::round(us * 1e4) / 1e4;
}

}  // namespace

struct CaseSampler::Cell {
    CellToSample what;
    CellSamples result;
    double seconds = 0.0;  ///< spent on it, warm-up included
    bool done = false;
};

CaseSampler::CaseSampler(Backend& backend, const MeasureOptions& options, LaunchMode launch,
                         std::function<void()> recover)
    : m_backend(backend), m_options(options), m_launch(launch), m_recover(std::move(recover)) {}

/// Small enough to stop soon after the rule is met or the time is up.
int CaseSampler::block_size(const Cell& cell) const {
    const int taken = static_cast<int>(cell.result.samples_us.size());
    int size = std::min(m_launch == LaunchMode::host ? kHostBlock : kBlock, m_options.max_samples - taken);
    // Most cells are done once they have as many as they must.
    if (taken < m_options.min_samples) size = std::min(size, m_options.min_samples - taken);
    if (taken == 0) return std::min(size, 3);  // how long one takes is not known yet
    const double each = cell.seconds / taken;
    const double left = m_options.max_seconds - cell.seconds;
    return std::max(1, std::min(size, static_cast<int>(std::min(left / std::max(each, 1e-9), 1e6))));
}

std::string CaseSampler::stop_reason(const Cell& cell) const {
    const auto taken = static_cast<int>(cell.result.samples_us.size());
    if (taken >= m_options.min_samples &&
        relative_half_width_percent(cell.result.samples_us) <= m_options.ci_percent)
        return "ci";
    if (taken >= m_options.max_samples) return "max_samples";
    if (cell.seconds >= m_options.max_seconds) return "max_time";
    return {};
}

void CaseSampler::sample_block(Cell& cell, std::stop_token stop) {
    const auto start = std::chrono::steady_clock::now();
    try {
        const std::vector<double> block =
            m_backend.sample(cell.what.kernel, cell.what.mode, block_size(cell), stop);
        for (const double us : block) cell.result.samples_us.push_back(rounded(us));
        cell.result.launches_per_sample = m_backend.launches_per_sample();
        if (auto reading = m_backend.take_telemetry()) cell.result.readings.push_back(std::move(*reading));
    } catch (const Error& e) {
        cell.result.error = e.what();
        cell.done = true;
        m_recover();
        return;
    }
    cell.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    cell.result.stop_reason = stop_reason(cell);
    cell.done = !cell.result.stop_reason.empty();
}

std::optional<std::vector<CellSamples>> CaseSampler::run(const std::vector<CellToSample>& wanted,
                                                         std::stop_token stop) {
    std::vector<Cell> cells;
    for (const CellToSample& what : wanted) cells.push_back({what, {}, 0.0, false});
    const auto all_done = [&] {
        return std::all_of(cells.begin(), cells.end(), [](const Cell& c) { return c.done; });
    };
    for (bool forward = true; !all_done(); forward = !forward) {
        for (std::size_t k = 0; k < cells.size(); ++k) {
            if (stop.stop_requested()) return std::nullopt;
            Cell& cell = cells[forward ? k : cells.size() - 1 - k];
            if (!cell.done) sample_block(cell, stop);
        }
    }
    if (stop.stop_requested()) return std::nullopt;
    std::vector<CellSamples> results;
    for (Cell& cell : cells) results.push_back(std::move(cell.result));
    return results;
}

}  // namespace moescope
