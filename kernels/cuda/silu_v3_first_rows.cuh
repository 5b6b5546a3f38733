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
/// The same, from the first warp on that has no speculative step: for what comes beside those.
template <class Config>
MOESCOPE_DEVICE std::uint32_t spread_number_behind(const SiluV3Launch& launch, int warp) {
    const std::uint32_t number = spread_number(warp);
    const std::uint32_t before = launch.speculative_items;
    return number >= before ? number - before : number + block_count() * Config::kWarps - before;
}

/// A warp's step of the rows that are read before it is known whether they hold tokens: a trip to memory
/// takes four times as long as one to the counts, and this way does not wait for that.
template <class Config>
class SpeculativeRows {
  public:
    using Steps = Tensors<Config, 1, Config::kSpeculativeParts>;

    MOESCOPE_DEVICE SpeculativeRows(const SiluV3Launch& launch, int warp, int lane)
        : m_steps(launch.problem, lane),
          m_item(FirstRowItem::of(spread_number(warp), launch, launch.speculative_steps)),
          m_target(
              m_steps.target(m_item.expert, m_item.row, m_item.step, m_item.row < launch.speculative_rows)),
          m_columns(m_steps.load(m_target, 0)) {}
    /// Once `finder` has fetched.
    MOESCOPE_DEVICE void keep_valid(const SiluV3Launch& launch, const typename Config::Finder& finder) {
        m_is_valid =
            m_item.row < launch.speculative_rows && m_item.row < finder.count(launch.problem, m_item.expert);
        m_target.inside = m_target.inside && m_is_valid;
    }
    MOESCOPE_DEVICE void finish(int lane) const {
        if (m_is_valid) m_steps.finish(m_target, m_columns, lane);
    }

  private:
    Steps m_steps;
    FirstRowItem m_item;
    Target m_target;
    LaneColumns<Config::kSpeculativeParts> m_columns;
    bool m_is_valid = false;
};

/// In place of those where there are none.
template <class Config>
class NoSpeculativeRows {
  public:
    MOESCOPE_DEVICE NoSpeculativeRows(const SiluV3Launch&, int, int) {}
    MOESCOPE_DEVICE void keep_valid(const SiluV3Launch&, const typename Config::Finder&) {}
    MOESCOPE_DEVICE void finish(int) const {}
};

/// A warp's steps of the rows that follow, where no expert has more of them than the grid has warps for: all
/// read at once.
template <class Config>
class HeadRows {
  public:
    using Steps = Tensors<Config, 1, Config::kHeadParts>;

    MOESCOPE_DEVICE HeadRows(const SiluV3Launch& launch, const typename Config::Finder& finder, int warp,
                             int lane)
        : m_steps(launch.problem, lane) {
        MOESCOPE_UNROLL
        for (int i = 0; i < Config::kHeadSteps; ++i) {
            const std::uint32_t number = spread_number_behind<Config>(launch, warp) +
                                         static_cast<std::uint32_t>(i) * block_count() * Config::kWarps;
            const FirstRowItem item = FirstRowItem::of(number, launch, launch.head_steps);
            const int row = item.row + launch.speculative_rows;
            m_is_valid[i] = row < finder.count(launch.problem, item.expert);
            m_targets[i] = m_steps.target(item.expert, row, item.step, m_is_valid[i]);
            m_columns[i] = m_steps.load(m_targets[i], 0);
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
