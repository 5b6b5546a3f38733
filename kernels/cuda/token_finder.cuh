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

    /// Starts reading the counts. First of all.
    template <int kWarps>
    MOESCOPE_DEVICE void fetch(const MaskedProblem& problem, int, int lane) {
        m_experts = static_cast<int>(problem.experts);
        m_count = lane < m_experts ? problem.counts[lane] : 0;
    }
    /// any_above() needs this.
    template <int kWarps>
    MOESCOPE_DEVICE void find_largest(const MaskedProblem&, int, int) {
        m_largest = device::warp_max(m_count);
    }
    /// Whether an expert has more tokens than that.
    MOESCOPE_DEVICE bool any_above(int tokens) const { return m_largest > tokens; }
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

/// Any number of experts that fits shared memory: the block sums the counts together, one thread an expert at
/// a time.
class ManyExperts {
  public:
    static constexpr int shared_bytes(std::int64_t experts, int warps) {
        return static_cast<int>(experts + 1 + warps) * 4;
    }

    template <int kWarps>
    MOESCOPE_DEVICE void fetch(const MaskedProblem& problem, int warp, int lane) {
        const int thread = warp * kLanes + lane;
        m_count = thread < static_cast<int>(problem.experts) ? problem.counts[thread] : 0;
    }
    /// Each warp reads all counts as long as they are few: sooner done than waiting for the other warps.
    template <int kWarps>
    MOESCOPE_DEVICE void find_largest(const MaskedProblem& problem, int warp, int lane) {
        m_shared_search = problem.experts > kExpertsForOneWarp;
        m_largest = m_shared_search ? largest_of<kWarps>(problem, warp * kLanes + lane)
                                    : device::warp_max(largest_of<1>(problem, lane));
    }
    /// A barrier for the whole block where experts are many.
    MOESCOPE_DEVICE bool any_above(int tokens) const {
        const bool above = m_largest > tokens;
        return m_shared_search ? device::block_any(above) : above;
    }
    MOESCOPE_DEVICE int count(const MaskedProblem& problem, int expert) const {
        return problem.counts[expert];
    }
    /// Barriers for the whole block. `shared` has shared_bytes().
    template <int kWarps>
    MOESCOPE_DEVICE void sum(const MaskedProblem& problem, int first_row, unsigned char* shared, int warp,
                             int lane) {
        int* const sums = reinterpret_cast<int*>(shared);
        int* const offsets = sums + kWarps;
        const int thread = warp * kLanes + lane;
        m_experts = static_cast<int>(problem.experts);
        m_offsets = offsets;
        m_tokens = 0;
        if (thread == 0) offsets[0] = 0;
        int count = m_count;
        MOESCOPE_NO_UNROLL
        for (int first = 0; first < m_experts; first += kWarps * kLanes) {
            const int expert = first + thread;
            const int within_warp =
                token_finder::sum_of_lower_lanes(token_finder::rows_from(first_row, count), lane);
            // Under way while the warps meet.
            const int next = expert + kWarps * kLanes;
            count = next < m_experts ? problem.counts[next] : 0;
            if (lane == kLanes - 1) sums[warp] = within_warp;
            device::block_barrier();
            const int of_warp = lane < kWarps ? sums[lane] : 0;
            const int of_warps = token_finder::sum_of_lower_lanes(of_warp, lane);
            const int before = device::shuffle_from(of_warps - of_warp, warp);
            if (expert < m_experts) offsets[expert + 1] = m_tokens + before + within_warp;
            m_tokens += device::shuffle_from(of_warps, kWarps - 1);
            device::block_barrier();
        }
    }
    MOESCOPE_DEVICE int tokens() const { return m_tokens; }

    template <int kTokens>
    MOESCOPE_DEVICE TokenPlace locate(int first, int lane) {
        if (m_expert < 0 || offset(m_expert + kLanes) <= first) {
            // 32 evenly spaced experts first, then the experts between two of them.
            const int spacing = (m_experts + kLanes - 1) / kLanes;
            m_expert = device::count_bits(device::ballot(offset((lane + 1) * spacing) <= first)) * spacing;
        }
        int ends = offset(m_expert + lane + 1);
        while (device::ballot(ends > first) == 0) {
            m_expert += kLanes;
            ends = offset(m_expert + lane + 1);
        }
        const int own = first + token_finder::token_of_lane<kTokens>(lane);
        int expert = m_expert + token_finder::passed<kTokens>(ends, first, lane);
        m_expert += device::count_bits(device::ballot(ends <= first));
        // Later tokens than the first may lie more than 32 experts on.
        while (own < m_tokens && m_offsets[expert + 1] <= own) ++expert;
        if (expert >= m_experts) expert = m_experts - 1;
        return {expert, m_offsets[expert]};
    }

  private:
    static constexpr int kExpertsForOneWarp = 512;

    /// Of the experts that this thread of `kWarps` warps looks at.
    template <int kWarps>
    MOESCOPE_DEVICE static int largest_of(const MaskedProblem& problem, int thread) {
        constexpr int kAtOnce = 4;
        constexpr int kThreads = kWarps * kLanes;
        const int experts = static_cast<int>(problem.experts);
        int largest = 0;
        MOESCOPE_NO_UNROLL
        for (int first = thread; first < experts; first += kAtOnce * kThreads) {
            int counts[kAtOnce];
            MOESCOPE_UNROLL
            for (int i = 0; i < kAtOnce; ++i) {
                const int expert = first + i * kThreads;
                counts[i] = expert < experts ? problem.counts[expert] : 0;
            }
            MOESCOPE_UNROLL
            for (int i = 0; i < kAtOnce; ++i) largest = counts[i] > largest ? counts[i] : largest;
        }
        return largest;
    }

    /// First token behind the experts before `expert`, which may be any number.
    MOESCOPE_DEVICE int offset(int expert) const {
        return m_offsets[expert < m_experts ? expert : m_experts];
    }

    const int* m_offsets;  ///< first token of each expert, then all tokens
    int m_experts;
    int m_tokens;
    int m_count;
    int m_largest;  ///< that this thread knows of; of all where the search is not shared
    bool m_shared_search;
    int m_expert = -1;  ///< of the last first token; none yet
};

}  // namespace moescope::cuda
