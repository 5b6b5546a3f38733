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

/// Up to kMostExperts: each warp reads all counts at once, four neighbouring experts a lane and vector. That
/// is sooner done than waiting for other warps, and leaves one barrier, behind which the table is complete.
class ManyExperts : public ExpertOffsets {
    static constexpr int kVectors = 4;
    static constexpr int kVectorExperts = 4 * kLanes;

  public:
    static constexpr int kMostExperts = kVectors * kVectorExperts;
    /// Whole vectors of a warp, and the sum of all.
    static constexpr int shared_bytes(std::int64_t experts, int) {
        return static_cast<int>((experts + kVectorExperts - 1) / kVectorExperts * kVectorExperts + 1) * 4;
    }

    template <int kWarps>
    MOESCOPE_DEVICE void find_largest(const MaskedProblem& problem, int, int lane) {
        m_experts = static_cast<int>(problem.experts);
        const auto begin = reinterpret_cast<std::uintptr_t>(problem.counts);
        const auto end = reinterpret_cast<std::uintptr_t>(problem.counts + m_experts);
        if ((begin | end) % sizeof(Counts) == 0) [[likely]] {
            m_largest = largest_read<true>(problem.counts, lane);
        } else {
            m_largest = largest_read<false>(problem.counts, lane);
        }
    }
    MOESCOPE_DEVICE bool any_above(int tokens) const { return m_largest > tokens; }
    /// A barrier for the whole block. `shared` has shared_bytes().
    template <int kWarps>
    MOESCOPE_DEVICE void sum(const MaskedProblem&, int first_row, unsigned char* shared, int warp, int lane) {
        int* const offsets = reinterpret_cast<int*>(shared);
        m_offsets = offsets;
        int of_lane[kVectors];
        int sums[kVectors];
        MOESCOPE_UNROLL
        for (int i = 0; i < kVectors; ++i) {
            Counts& c = m_counts[i];
            c = {token_finder::rows_from(first_row, c.x), token_finder::rows_from(first_row, c.y),
                 token_finder::rows_from(first_row, c.z), token_finder::rows_from(first_row, c.w)};
            sums[i] = of_lane[i] = c.x + c.y + c.z + c.w;
        }
        MOESCOPE_UNROLL
        for (int distance = 1; distance < kLanes; distance *= 2) {
            MOESCOPE_UNROLL
            for (int& sum : sums) {
                const int lower = device::shuffle_up(sum, distance);
                if (lane >= distance) sum += lower;
            }
        }
        m_tokens = 0;
        MOESCOPE_UNROLL
        for (int i = 0; i < kVectors; ++i) {
            // All warps know all; they share the storing.
            if (i % kWarps == warp && i * kVectorExperts < m_experts) {
                const Counts& c = m_counts[i];
                const int begin = m_tokens + sums[i] - of_lane[i];
                reinterpret_cast<Counts*>(offsets + i * kVectorExperts)[lane] = {
                    begin, begin + c.x, begin + c.x + c.y, begin + c.x + c.y + c.z};
            }
            m_tokens += device::shuffle_from(sums[i], kLanes - 1);
        }
        // Else stored with the last vector, whose experts behind the last one have no tokens.
        if (m_experts % kVectorExperts == 0 && warp == 0 && lane == 0) offsets[m_experts] = m_tokens;
        device::block_barrier();
    }

  private:
    struct alignas(16) Counts {
        int x, y, z, w;
    };

    MOESCOPE_DEVICE static int larger(int a, int b) { return a > b ? a : b; }
    /// Reads the counts, whole vectors if `kWhole`: they begin and end with one. All loads are started before
    /// any is waited for, and are waited for here: FewExperts::find_largest().
    template <bool kWhole>
    MOESCOPE_DEVICE int largest_read(const std::int32_t* counts, int lane) {
        MOESCOPE_UNROLL
        for (int i = 0; i < kVectors; ++i) {
            Counts& c = m_counts[i];
            c = {0, 0, 0, 0};
            const int expert = i * kVectorExperts + 4 * lane;
            const std::int32_t* const from = counts + expert;
            if constexpr (kWhole) {
                if (expert < m_experts) c = *reinterpret_cast<const Counts*>(from);
            } else {
                if (expert < m_experts) c.x = from[0];
                if (expert + 1 < m_experts) c.y = from[1];
                if (expert + 2 < m_experts) c.z = from[2];
                if (expert + 3 < m_experts) c.w = from[3];
            }
        }
        int largest = 0;
        MOESCOPE_UNROLL
        for (const Counts& c : m_counts)
            largest = larger(largest, larger(larger(c.x, c.y), larger(c.z, c.w)));
        return device::warp_max(largest);
    }

    int m_largest;
    Counts m_counts[kVectors];  ///< of experts 128 i + 4 lane and the three behind
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
    MOESCOPE_DEVICE bool any_above(int tokens) const { return device::block_any(m_largest > tokens); }
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
