// SPDX-License-Identifier: Apache-2.0
#include "analysis/run_drift.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "moescope/analysis/statistics.h"

namespace moescope {
namespace {

constexpr std::string_view kReference = "stream41";
constexpr std::size_t kFewestReferenceCells = 6;

double square(double x) {
    return x * x;
}

double floor_percent(std::span<const Session> base, std::span<const Session> other) {
    const Device& first = base.front().environment.device;
    bool one_machine = true;
    for (const auto side : {base, other}) {
        for (const Session& s : side) {
            if (s.environment.device.kind == "cpu") return kDriftFloorCpuPercent;
            one_machine = one_machine && s.environment.device.uuid == first.uuid &&
                          s.environment.device.name == first.name;
        }
    }
    return one_machine ? kDriftFloorPercent : kDriftFloorOtherMachinePercent;
}

bool one_model(std::span<const Session> base, std::span<const Session> other) {
    const std::string& name = base.front().environment.device.name;
    const auto same = [&](const Session& s) { return s.environment.device.name == name; };
    return std::all_of(base.begin(), base.end(), same) && std::all_of(other.begin(), other.end(), same);
}

/// Median of s^2 over chi^2's median: robust, and right for normal noise (Wilson and Hilferty 1931).
void add_variance(const CellSide& side, std::vector<double>& variances) {
    if (side.runs.size() < 2) return;
    const auto freedom = static_cast<double>(side.runs.size() - 1);
    double mean = 0.0;
    for (const Run& run : side.runs) mean += log_median(run) / (freedom + 1.0);
    double variance = 0.0;
    for (const Run& run : side.runs) variance += square(log_median(run) - mean) / freedom;
    const double median_of_chi2 = freedom == 1.0 ? 0.4549 : std::pow(1.0 - 2.0 / (9.0 * freedom), 3);
    variances.push_back(variance / median_of_chi2);
}

double side_mean(const CellSide& side) {
    double mean = 0.0;
    for (const Run& run : side.runs) mean += log_median(run) / static_cast<double>(side.runs.size());
    return mean;
}

/// Do the runs of the two sides alternate, or did one side come first as a whole?
bool taken_in_turns(const std::vector<MatchedCell>& cells) {
    for (const MatchedCell& cell : cells) {
        if (cell.base.runs.size() < 2 || cell.other.runs.size() < 2) continue;
        const auto range = [](const CellSide& side) {
            const auto [first, last] =
                std::minmax_element(side.runs.begin(), side.runs.end(),
                                    [](const Run& a, const Run& b) { return a.created < b.created; });
            return std::pair(first->created, last->created);
        };
        const auto base = range(cell.base);
        const auto other = range(cell.other);
        if (base.first.empty() || other.first.empty()) return false;
        return base.first < other.second && other.first < base.second;  // ISO 8601 sorts as text
    }
    return false;
}

/// A cell's place, whatever the kernel.
std::string place_of(const MatchedCell& cell) {
    return fmt::format("{}|{}", cell_key(cell.c, "", cell.cache), cell.launch);
}

void read_reference(const std::vector<MatchedCell>& cells, DriftModel& model) {
    std::vector<double> shifts;
    std::vector<std::string> places;
    for (const MatchedCell& cell : cells) {
        if (cell.base.kernel != kReference || cell.other.kernel != kReference) continue;
        if (cell.base.runs.empty() || cell.other.runs.empty()) continue;
        shifts.push_back(side_mean(cell.other) - side_mean(cell.base));
        places.push_back(place_of(cell));
    }
    if (shifts.size() < kFewestReferenceCells) return;
    model.reference_cells = static_cast<int>(shifts.size());
    model.reference_shift = median(shifts);
    for (std::size_t i = 0; i < shifts.size(); ++i) {
        shifts[i] -= model.reference_shift;
        if (std::abs(shifts[i]) > kDisturbedShift) model.disturbed_cases[places[i]] = shifts[i];
        shifts[i] = std::abs(shifts[i]);
    }
    const double scatter = 1.4826 * median(shifts);
    const double shift = std::min(std::abs(model.reference_shift), kLargestReferenceShift);
    model.reference = std::max(square(scatter), square(shift)) / 2.0;  // two sides share it
}

}  // namespace

double DriftModel::side_variance(std::size_t runs) const {
    const auto k = static_cast<double>(std::max<std::size_t>(runs, 1));
    return std::max({replicates / k, in_turns ? floor / k : floor, reference});
}

double DriftModel::disturbance_of(const MatchedCell& cell) const {
    if (disturbed_cases.empty()) return 0.0;
    const auto it = disturbed_cases.find(place_of(cell));
    return it == disturbed_cases.end() ? 0.0 : it->second;
}

double DriftModel::side_variance(const MatchedCell& cell, std::size_t runs) const {
    return std::max(side_variance(runs), square(disturbance_of(cell)) / 2.0);
}

std::string DriftModel::source() const {
    if (replicates >= std::max(floor, reference)) return "the spread between the runs given";
    if (reference > floor) return "how far stream41, the same code, lies apart on the two sides";
    return "experience: the least that separate runs differ by";
}

DriftModel estimate_drift(const std::vector<MatchedCell>& cells, std::span<const Session> base,
                          std::span<const Session> other) {
    DriftModel model;
    model.floor = square(floor_percent(base, other) / 100.0);
    model.in_turns = taken_in_turns(cells);
    std::vector<double> variances;
    for (const MatchedCell& cell : cells) {
        add_variance(cell.base, variances);
        add_variance(cell.other, variances);
    }
    if (!variances.empty()) model.replicates = median(variances);
    // Two models of GPU differ for other reasons than noise.
    if (one_model(base, other)) read_reference(cells, model);
    return model;
}

}  // namespace moescope
