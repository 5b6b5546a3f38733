// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the i-th valid token lies, when only the counts of each expert are known, and those only on the
// device. All lanes of a warp ask together, for tokens that only grow.

#include "device_ops.cuh"
#include "masked_problem.h"

namespace moescope::cuda {

/// Experts whose counts fit in the lanes of a warp.
inline constexpr int kLanes = 32;

/// Where a token lies in the line of all valid ones.
struct TokenPlace {
    int expert;
    int begin;  ///< first token of that expert
};

namespace token_finder {

using namespace moescope::device;

/// Sum over this lane and the lower ones.
MOESCOPE_DEVICE int sum_of_lower_lanes(int value, int lane) {
    MOESCOPE_UNROLL
    for (int distance = 1; distance < kLanes; distance *= 2) {
        const int lower = shuffle_up(value, distance);
        if (lane >= distance) value += lower;
    }
    return value;
}

/// Of an expert's `count` rows those from `first` on.
MOESCOPE_DEVICE int rows_from(int first, int count) {
    return count > first ? count - first : 0;
}

/// Of kTokens neighbouring ones, the number that a lane has to do with: each has as many lanes.
template <int kTokens>
MOESCOPE_DEVICE int token_of_lane(int lane) {
    return lane / (kLanes / kTokens);
}

/// For the lane's token of `kTokens` from `first` on: how many of the warp's ascending `ends` are not behind
/// it.
template <int kTokens>
MOESCOPE_DEVICE int passed(int ends, int first, int lane) {
    unsigned mine = ballot(ends <= first);
    MOESCOPE_UNROLL
    for (int token = 1; token < kTokens; ++token) {
        const unsigned votes = ballot(ends <= first + token);
        if (token_of_lane<kTokens>(lane) == token) mine = votes;
    }
    return count_bits(mine);
}

}  // namespace token_finder

/// Up to 32 experts: every warp keeps all of it in registers, a lane for each expert, and no warp waits for
/// another.
class FewExperts {
  public:
    static constexpr int shared_bytes(std::int64_t, int) { return 0; }

    /// Reads the counts. Only once the warp's first loads of data are under way; and what waits for the
    /// counts stands in the same basic block as their load, as loads that later blocks wait for share one
    /// scoreboard: to wait for one of them is to wait for all.
    template <int kWarps>
    MOESCOPE_DEVICE void find_largest(const MaskedProblem& problem, int, int lane) {
        m_experts = static_cast<int>(problem.experts);
        m_count = lane < m_experts ? problem.counts[lane] : 0;
        m_largest = device::warp_max(m_count);
    }
    /// Whether no expert has more tokens than that.
    MOESCOPE_DEVICE bool none_above(int tokens) const { return m_largest <= tokens; }
    /// Tokens of an expert, which all lanes name.
    MOESCOPE_DEVICE int count(const MaskedProblem&, int expert) const {
        return device::shuffle_from(m_count, expert);
    }
    /// What follows needs this, and is about the tokens of each expert from its row `first_row` on.
    template <int kWarps>
    MOESCOPE_DEVICE void sum(const MaskedProblem&, int first_row, unsigned char*, int, int lane) {
        const int count = token_finder::rows_from(first_row, m_count);
        m_ends = count;
        MOESCOPE_NO_UNROLL
        for (int distance = 1; distance < m_experts; distance *= 2) {
            const int lower = device::shuffle_up(m_ends, distance);
            if (lane >= distance) m_ends += lower;
        }
        m_begins = m_ends - count;
        m_tokens = device::shuffle_from(m_ends, m_experts - 1);
        if (lane >= m_experts) m_ends = m_tokens;
    }
    /// Valid tokens of all experts.
    MOESCOPE_DEVICE int tokens() const { return m_tokens; }

    /// Of the lane's token of `kTokens` from `first` < tokens() on. Any place for one past the end.
    template <int kTokens>
    MOESCOPE_DEVICE TokenPlace locate(int first, int lane) const {
        const int expert = token_finder::passed<kTokens>(m_ends, first, lane) & (kLanes - 1);
        return {expert, device::shuffle_from(m_begins, expert)};
    }

  private:
    int m_experts;
    int m_largest;
    int m_count;  ///< of the lane's expert, and so on
    int m_ends;
    int m_begins;
    int m_tokens;
};

}  // namespace moescope::cuda
