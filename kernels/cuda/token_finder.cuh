// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the i-th valid token lies, when only the counts of each expert are known, and those only on the
// device. All lanes of a warp ask together, for tokens that only grow.

#include "device_ops.cuh"
#include "masked_problem.h"

namespace moescope::cuda {

/// Experts whose counts fit in the lanes of a warp.
inline constexpr int kLanes = 32;

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

}  // namespace token_finder

/// Up to 32 experts: every warp keeps all of it in registers, a lane for each expert, and no warp waits for
/// another.
class FewExperts {
  public:
    static constexpr int shared_bytes(std::int64_t, int) { return 0; }

    template <int kWarps>
    MOESCOPE_DEVICE void load(const MaskedProblem& problem, unsigned char*, int, int lane) {
        const int count = lane < static_cast<int>(problem.experts) ? problem.counts[lane] : 0;
        m_ends = token_finder::sum_of_lower_lanes(count, lane);
        m_begins = m_ends - count;
        m_tokens = device::shuffle_from(m_ends, kLanes - 1);
    }
    /// Valid tokens of all experts.
    MOESCOPE_DEVICE int tokens() const { return m_tokens; }
    /// Goes to a token in the line of all valid ones.
    MOESCOPE_DEVICE void start(int token, int lane) { advance(token, lane); }
    MOESCOPE_DEVICE void advance(int token, int) {
        m_expert = device::count_bits(device::ballot(m_ends <= token));
        m_begin = device::shuffle_from(m_begins, m_expert);
    }
    MOESCOPE_DEVICE int expert() const { return m_expert; }
    /// First token of that expert.
    MOESCOPE_DEVICE int begin() const { return m_begin; }

  private:
    int m_ends;
    int m_begins;
    int m_tokens;
    int m_expert;
    int m_begin;
};

/// Any number of experts that fits shared memory: the block sums the counts together, one thread an expert at
/// a time.
class ManyExperts {
  public:
    static constexpr int shared_bytes(std::int64_t experts, int warps) {
        return static_cast<int>(experts + 1 + warps) * 4;
    }

    /// A barrier for the whole block. `shared` has shared_bytes().
    template <int kWarps>
    MOESCOPE_DEVICE void load(const MaskedProblem& problem, unsigned char* shared, int warp, int lane) {
        int* const sums = reinterpret_cast<int*>(shared);
        int* const offsets = sums + kWarps;
        const int thread = warp * kLanes + lane;
        m_experts = static_cast<int>(problem.experts);
        m_offsets = offsets;
        m_tokens = 0;
        if (thread == 0) offsets[0] = 0;
        int count = thread < m_experts ? problem.counts[thread] : 0;
        MOESCOPE_NO_UNROLL
        for (int first = 0; first < m_experts; first += kWarps * kLanes) {
            const int expert = first + thread;
            const int within_warp = token_finder::sum_of_lower_lanes(count, lane);
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
    /// Needs token < tokens().
    MOESCOPE_DEVICE void start(int token, int lane) {
        // 32 evenly spaced experts first, then the experts between two of them.
        const int spacing = (m_experts + kLanes - 1) / kLanes;
        const int probe = (lane + 1) * spacing;
        m_expert =
            device::count_bits(device::ballot(m_offsets[probe < m_experts ? probe : m_experts] <= token)) *
            spacing;
        seek(token, lane);
    }
    MOESCOPE_DEVICE void advance(int token, int lane) {
        if (token >= m_end) seek(token, lane);
    }
    MOESCOPE_DEVICE int expert() const { return m_expert; }
    MOESCOPE_DEVICE int begin() const { return m_begin; }

  private:
    /// Forward from m_expert, 32 experts at a time.
    MOESCOPE_DEVICE void seek(int token, int lane) {
        int passed = 0;
        do {
            const int next = m_expert + lane + 1;
            passed =
                device::count_bits(device::ballot(m_offsets[next < m_experts ? next : m_experts] <= token));
            m_expert += passed;
        } while (passed == kLanes);
        m_begin = m_offsets[m_expert];
        m_end = m_offsets[m_expert + 1];
    }

    const int* m_offsets;  ///< first token of each expert, then all tokens
    int m_experts;
    int m_tokens;
    int m_expert;
    int m_begin;
    int m_end;
};

}  // namespace moescope::cuda
