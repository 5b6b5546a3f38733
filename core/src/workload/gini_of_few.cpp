// SPDX-License-Identifier: Apache-2.0
#include "workload/gini_of_few.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moescope {
namespace {

/// Counts seen sideways: row by row, a row is as long as there are experts with that many tokens or more. So
/// counts of n experts, none over the cap, are rows of at most n, as many as the largest count, and the Gini
/// is 1 - (sum of squared lengths) / (n * total). Which sums of squares can be had is a knapsack.
class Rows {
  public:
    Rows(std::int64_t total, std::int64_t longest)
        : m_longest(std::min(longest, total)),
          m_width(static_cast<std::size_t>(total * m_longest) + 1),
          m_fewest((static_cast<std::size_t>(total) + 1) * m_width, kNone),
          m_last(m_fewest.size(), 0) {
        m_fewest[0] = 0;
        for (std::int64_t sum = 1; sum <= total; ++sum) {
            for (std::int64_t row = 1; row <= std::min(m_longest, sum); ++row) {
                for (std::int64_t squares = row * row; squares < static_cast<std::int64_t>(m_width);
                     ++squares)
                    add(sum, squares, row);
            }
        }
    }

    /// How many rows are needed at least; kNone where these sums cannot be had.
    int fewest(std::int64_t sum, std::int64_t squares) const { return m_fewest[at(sum, squares)]; }

    std::vector<std::int64_t> lengths(std::int64_t sum, std::int64_t squares) const {
        std::vector<std::int64_t> rows;
        while (sum > 0) {
            const std::int64_t row = m_last[at(sum, squares)];
            rows.push_back(row);
            sum -= row;
            squares -= row * row;
        }
        return rows;
    }

    std::int64_t most_squares() const { return static_cast<std::int64_t>(m_width) - 1; }

  private:
    static constexpr int kNone = std::numeric_limits<int>::max() - 1;

    std::size_t at(std::int64_t sum, std::int64_t squares) const {
        return static_cast<std::size_t>(sum) * m_width + static_cast<std::size_t>(squares);
    }

    void add(std::int64_t sum, std::int64_t squares, std::int64_t row) {
        const int rows = m_fewest[at(sum - row, squares - row * row)] + 1;
        int& fewest = m_fewest[at(sum, squares)];
        if (rows >= fewest) return;
        fewest = rows;
        m_last[at(sum, squares)] = static_cast<std::int32_t>(row);
    }

    std::int64_t m_longest;
    std::size_t m_width;
    std::vector<int> m_fewest;
    std::vector<std::int32_t> m_last;  ///< the length of one of these rows
};

}  // namespace

std::vector<std::int32_t> nearest_gini_counts(double target, std::int64_t experts, std::int64_t cap,
                                              std::int64_t total) {
    const Rows rows(total, experts);
    const double whole = static_cast<double>(experts) * static_cast<double>(total);
    std::int64_t best = -1;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::int64_t squares = 1; squares <= rows.most_squares(); ++squares) {
        if (rows.fewest(total, squares) > cap) continue;
        const double gap = std::abs(1.0 - static_cast<double>(squares) / whole - target);
        if (gap < nearest) {
            nearest = gap;
            best = squares;
        }
    }
    std::vector<std::int32_t> counts(static_cast<std::size_t>(experts), 0);
    for (const std::int64_t length : rows.lengths(total, best)) {
        for (std::int64_t i = 0; i < length; ++i) ++counts[static_cast<std::size_t>(i)];
    }
    return counts;
}

}  // namespace moescope
