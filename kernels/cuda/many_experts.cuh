// SPDX-License-Identifier: Apache-2.0
#pragma once

// More experts than a warp has lanes: where each one's tokens begin is kept in shared memory, one table a
// block.

#include "token_finder.cuh"

namespace moescope::cuda {

/// The table, and what is found in it.
class ExpertOffsets {
  public:
    /// Valid tokens of all experts.
    MOESCOPE_DEVICE int tokens() const { return m_tokens; }
    MOESCOPE_DEVICE int count(const MaskedProblem& problem, int expert) const {
        return problem.counts[expert];
    }

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

  protected:
    const int* m_offsets;  ///< first token of each expert, then all tokens
    int m_experts;
    int m_tokens;

  private:
    /// First token behind the experts before `expert`, which may be any number.
    MOESCOPE_DEVICE int offset(int expert) const {
        return m_offsets[expert < m_experts ? expert : m_experts];
    }

    int m_expert = -1;  ///< of the last first token; none yet
};

/// Two neighbouring experts a thread of the block. All warps of a multiprocessor do this at the same time, so
/// its instructions count once for each of them: one load, one sum over a warp's lanes and two barriers are
/// far fewer than each warp takes to read all counts and sum them alone.
class ManyExperts : public ExpertOffsets {
  public:
    static constexpr int most_experts(int warps) { return 2 * warps * kLanes; }
    static constexpr int shared_bytes(std::int64_t experts, int warps) {
        return static_cast<int>(warps + warps % 2 + experts + experts % 2 + 1) * 4;
    }

    template <int kWarps>
    MOESCOPE_DEVICE void find_largest(const MaskedProblem& problem, int warp, int lane) {
        m_experts = static_cast<int>(problem.experts);
        m_expert_of_thread = 2 * (warp * kLanes + lane);
        const std::int32_t* const counts = problem.counts + m_expert_of_thread;
        m_first = m_expert_of_thread < m_experts ? counts[0] : 0;
        m_second = m_expert_of_thread + 1 < m_experts ? counts[1] : 0;
        m_largest = m_first > m_second ? m_first : m_second;
    }
    /// A barrier for the whole block.
    MOESCOPE_DEVICE bool none_above(int tokens) const { return device::block_all(m_largest <= tokens); }
    /// Barriers for the whole block. `shared` has shared_bytes().
    template <int kWarps>
    MOESCOPE_DEVICE void sum(const MaskedProblem&, int first_row, unsigned char* shared, int warp, int lane) {
        int* const sums = reinterpret_cast<int*>(shared);
        constexpr int kSums = kWarps + kWarps % 2;  // pairs of words follow
        int* const offsets = sums + kSums;
        m_offsets = offsets;
        const int first = token_finder::rows_from(first_row, m_first);
        const int second = token_finder::rows_from(first_row, m_second);
        const int within_warp = token_finder::sum_of_lower_lanes(first + second, lane);
        if (lane == kLanes - 1) sums[warp] = within_warp;
        device::block_barrier();
        const int of_warp = lane < kWarps ? sums[lane] : 0;
        m_tokens = device::warp_sum(of_warp);
        const int before = device::warp_sum(lane < warp ? of_warp : 0);
        const int begin = before + within_warp - first - second;
        if (m_expert_of_thread < m_experts)
            *reinterpret_cast<Pair*>(offsets + m_expert_of_thread) = {begin, begin + first};
        // Where experts are odd in number, the last pair has done this.
        if (m_experts % 2 == 0 && warp == 0 && lane == 0) offsets[m_experts] = m_tokens;
        device::block_barrier();
    }

  private:
    struct alignas(8) Pair {
        int first, second;
    };

    int m_expert_of_thread;  ///< and the one behind it
    int m_first;             ///< tokens of those
    int m_second;
    int m_largest;
};

/// Any number that fits shared memory: the block reads and sums the counts together, one thread an expert at
/// a time.
class AnyExperts : public ExpertOffsets {
  public:
    static constexpr int shared_bytes(std::int64_t experts, int warps) {
        return static_cast<int>(experts + 1 + warps) * 4;
    }

    template <int kWarps>
    MOESCOPE_DEVICE void find_largest(const MaskedProblem& problem, int warp, int lane) {
        m_experts = static_cast<int>(problem.experts);
        constexpr int kAtOnce = 4;
        constexpr int kThreads = kWarps * kLanes;
        m_largest = 0;
        MOESCOPE_NO_UNROLL
        for (int first = warp * kLanes + lane; first < m_experts; first += kAtOnce * kThreads) {
            int counts[kAtOnce];
            MOESCOPE_UNROLL
            for (int i = 0; i < kAtOnce; ++i) {
                const int expert = first + i * kThreads;
                counts[i] = expert < m_experts ? problem.counts[expert] : 0;
            }
            MOESCOPE_UNROLL
            for (const int count : counts) m_largest = count > m_largest ? count : m_largest;
        }
    }
    /// A barrier for the whole block.
    MOESCOPE_DEVICE bool none_above(int tokens) const { return device::block_all(m_largest <= tokens); }
    /// Barriers for the whole block. `shared` has shared_bytes().
    template <int kWarps>
    MOESCOPE_DEVICE void sum(const MaskedProblem& problem, int first_row, unsigned char* shared, int warp,
                             int lane) {
        int* const sums = reinterpret_cast<int*>(shared);
        int* const offsets = sums + kWarps;
        const int thread = warp * kLanes + lane;
        m_offsets = offsets;
        m_tokens = 0;
        if (thread == 0) offsets[0] = 0;
        int count = thread < m_experts ? problem.counts[thread] : 0;
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

  private:
    int m_largest;  ///< that this thread knows of
};

}  // namespace moescope::cuda
