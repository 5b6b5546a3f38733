// SPDX-License-Identifier: Apache-2.0
#include "measurement/retry_list.h"

#include <algorithm>

#include "measurement/cell_result.h"

namespace moescope {
namespace {

std::ptrdiff_t flagged(const std::vector<Result>& cells) {
    return std::count_if(cells.begin(), cells.end(), is_flagged);
}

int retries(const std::vector<Result>& cells) {
    int most = 0;
    for (const Result& cell : cells) most = std::max(most, retries_of(cell));
    return most;
}

}  // namespace

void RetryList::add(std::size_t case_index, const Result& result) {
    if (m_times <= 0 || result.status != Status::ok || result.samples_us.empty()) return;
    std::vector<Result>& cells = m_cases[case_index];
    cells.push_back(result);
    std::stable_sort(cells.begin(), cells.end(),
                     [](const Result& a, const Result& b) { return a.cache < b.cache; });
}

std::vector<std::size_t> RetryList::due() const {
    std::vector<std::size_t> indices;
    for (const auto& [index, cells] : m_cases) {
        if (flagged(cells) > 0 && retries(cells) < m_times) indices.push_back(index);
    }
    return indices;
}

const std::vector<Result>& RetryList::settle(std::size_t case_index, std::vector<Result> again) {
    std::vector<Result>& kept = m_cases.at(case_index);
    const int counted = retries(kept) + 1;
    const bool all_ok =
        std::all_of(again.begin(), again.end(), [](const Result& cell) { return cell.status == Status::ok; });
    if (all_ok && flagged(again) <= flagged(kept)) kept = std::move(again);
    for (Result& cell : kept) set_retries(counted, cell);
    return kept;
}

}  // namespace moescope
