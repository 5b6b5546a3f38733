// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// Cases to measure again because one of their cells is flagged, and what is known of all their timed cells.
/// A case is measured again as a whole: one kernel alone would be compared with others of another hour.
class RetryList {
  public:
    /// `times`: how often a case may be measured again. With 0 nothing is kept.
    explicit RetryList(int times) : m_times(times) {}

    /// A finished cell. Those that failed or were skipped are left alone.
    void add(std::size_t case_index, const Result& result);
    /// Indices of cases to run now, in order. A case is due while a cell is flagged and retries are left.
    std::vector<std::size_t> due() const;
    /// Cells of a case, the cold ones first.
    const std::vector<Result>& cells(std::size_t case_index) const { return m_cases.at(case_index); }
    /// Takes the outcome of a retry (as cells(), in the same order), unless a cell failed or more are flagged
    /// than before: the old samples then stay. Times never decide. Returns what the session is to keep, the
    /// retry counted in either case.
    const std::vector<Result>& settle(std::size_t case_index, std::vector<Result> again);

  private:
    int m_times;
    std::map<std::size_t, std::vector<Result>> m_cases;
};

}  // namespace moescope
