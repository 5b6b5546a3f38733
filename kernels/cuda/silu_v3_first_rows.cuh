// SPDX-License-Identifier: Apache-2.0
#pragma once

// The first rows of all experts, which silu_v3 shares out among its warps without the sum over the counts:
// row by row over the experts, spread over the blocks.

#include <type_traits>

#include "silu_v3_config.cuh"

namespace moescope::cuda::silu_v3 {

/// One step of a row of an expert.
struct FirstRowItem {
    int row;  ///< counted from the first of the shared out ones
    int expert;
    int step;

    MOESCOPE_DEVICE static FirstRowItem of(std::uint32_t number, const SiluV3Launch& launch,
                                           const Divisor& steps) {
        const std::uint32_t row_of_all = steps.quotient(number);
        const std::uint32_t row = launch.experts.quotient(row_of_all);
        return {static_cast<int>(row), static_cast<int>(row_of_all - row * launch.experts.value()),
                static_cast<int>(number - row_of_all * steps.value())};
    }
};

/// A warp's number where neighbours are to lie on different multiprocessors.
MOESCOPE_DEVICE std::uint32_t spread_number(int warp) {
    return static_cast<std::uint32_t>(warp) * block_count() + block_index();
}
/// The same, from the first warp on that has no step of the first rows: for what comes beside those.
template <class Config>
MOESCOPE_DEVICE std::uint32_t spread_number_behind(const SiluV3Launch& launch, int warp) {
    const std::uint32_t number = spread_number(warp);
    const std::uint32_t before = launch.first_items;
    return number >= before ? number - before : number + block_count() * Config::kWarps - before;
}

/// A warp's step of the first rows. Of the speculative ones it is read before it is known whether they hold
/// tokens: a trip to memory takes four times as long as one to the counts, and this way does not wait for
/// that.
template <class Config>
class FirstRows {
  public:
    using Steps = Tensors<Config, 1, Config::kFirstParts>;

    /// Starts reading.
    MOESCOPE_DEVICE FirstRows(const SiluV3Launch& launch, int warp, int lane)
        : m_steps(launch.problem, lane),
          m_item(FirstRowItem::of(spread_number(warp), launch, launch.first_steps)),
          m_target(m_steps.target(m_item.expert, m_item.row, m_item.step, is_read_first(launch))),
          m_columns(m_steps.load(m_target, 0)) {}
    /// Once `finder` has found the largest count. Few experts: starts reading the rows behind the speculative
    /// ones.
    MOESCOPE_DEVICE void keep_valid(const SiluV3Launch& launch, const typename Config::Finder& finder) {
        m_is_valid =
            m_item.row < launch.first_rows && m_item.row < finder.count(launch.problem, m_item.expert);
        if (Config::kFewExperts && m_is_valid && m_item.row >= launch.speculative_rows) {
            m_target.inside = m_steps.is_inside(m_item.step);
            m_columns = m_steps.load(m_target, 0);
        } else {
            m_target.inside = m_target.inside && m_is_valid;
        }
    }
    /// 0, once what was read has come. Loads that are to follow add it to their address: all loads that later
    /// blocks wait for share one scoreboard, so that finish() would wait for those too if they were started
    /// before.
    MOESCOPE_DEVICE std::uint32_t arrival(const SiluV3Launch& launch) const {
        return m_columns.part[0].up.x & launch.zero;
    }
    MOESCOPE_DEVICE void finish(int lane) const {
        if (m_is_valid) m_steps.finish(m_target, m_columns, lane);
    }

  private:
    /// Few experts' counts come together, and the others wait for those. Of many, a warp reads its own
    /// expert's.
    MOESCOPE_DEVICE bool is_read_first(const SiluV3Launch& launch) const {
        if (m_item.row < launch.speculative_rows) return true;
        return !Config::kFewExperts && m_item.row < launch.first_rows &&
               m_item.row < launch.problem.counts[m_item.expert];
    }

    Steps m_steps;
    FirstRowItem m_item;
    Target m_target;
    LaneColumns<Config::kFirstParts> m_columns;
    bool m_is_valid = false;
};

/// In place of those where there are none: what the body reads first is brought into the L2 cache while
/// memory has nothing else to do, which is as long as the counts are read and summed.
template <class Config>
class NoFirstRows {
  public:
    MOESCOPE_DEVICE NoFirstRows(const SiluV3Launch& launch, int warp, int lane) {
        const std::uint32_t number = spread_number(warp);
        if (number >= launch.prefetched_steps || lane != 0) return;
        const FirstRowItem item = FirstRowItem::of(number, launch, launch.first_steps);
        const std::uint32_t row_bytes = static_cast<std::uint32_t>(launch.problem.hidden) * 4;
        const std::uint32_t begin =
            static_cast<std::uint32_t>(item.step) * launch.kPrefetchedStepBytes<Config>;
        const std::uint32_t left = row_bytes - begin;
        const auto* const input = reinterpret_cast<const unsigned char*>(launch.problem.input);
        prefetch_to_l2(
            input + launch.problem.max_tokens * item.expert * row_bytes + begin,
            left < launch.kPrefetchedStepBytes<Config> ? left : launch.kPrefetchedStepBytes<Config>);
    }
    MOESCOPE_DEVICE void keep_valid(const SiluV3Launch&, const typename Config::Finder&) {}
    MOESCOPE_DEVICE std::uint32_t arrival(const SiluV3Launch&) const { return 0; }
    MOESCOPE_DEVICE void finish(int) const {}
};

/// A warp's steps of the rows that follow, where no expert has more of them than the grid has warps for: all
/// read at once.
template <class Config>
class HeadRows {
  public:
    using Steps = Tensors<Config, 1, Config::kHeadParts>;

    /// Starts reading. `delay` is 0.
    MOESCOPE_DEVICE HeadRows(const SiluV3Launch& launch, const typename Config::Finder& finder,
                             std::uint32_t delay, int warp, int lane)
        : m_steps(launch.problem, lane) {
        MOESCOPE_UNROLL
        for (int i = 0; i < Config::kHeadSteps; ++i) {
            const std::uint32_t number = spread_number_behind<Config>(launch, warp) +
                                         static_cast<std::uint32_t>(i) * block_count() * Config::kWarps;
            const FirstRowItem item = FirstRowItem::of(number, launch, launch.head_steps);
            const int row = item.row + launch.first_rows;
            m_is_valid[i] = row < finder.count(launch.problem, item.expert);
            m_targets[i] = m_steps.target(item.expert, row, item.step, m_is_valid[i]);
            m_columns[i] = m_steps.load(m_targets[i], delay);
        }
    }
    MOESCOPE_DEVICE void finish(int lane) const {
        MOESCOPE_UNROLL
        for (int i = 0; i < Config::kHeadSteps; ++i)
            if (m_is_valid[i]) m_steps.finish(m_targets[i], m_columns[i], lane);
    }

  private:
    Steps m_steps;
    bool m_is_valid[Config::kHeadSteps];
    Target m_targets[Config::kHeadSteps];
    LaneColumns<Config::kHeadParts> m_columns[Config::kHeadSteps];
};

}  // namespace moescope::cuda::silu_v3
