// SPDX-License-Identifier: Apache-2.0
#pragma once

// All rows behind the first ones, as one line of tokens found through the sum over the counts: a warp's
// steps of it, one after the other.

#include "silu_v3_first_rows.cuh"

namespace moescope::cuda::silu_v3 {

template <class Config>
class Body {
  public:
    using Steps = Tensors<Config, Config::kBodyRows, Config::kBodyParts>;
    using Finder = typename Config::Finder;

    /// `finder` has summed.
    MOESCOPE_DEVICE Body(const SiluV3Launch& launch, Finder& finder, int warp, int lane)
        : m_finder(finder), m_launch(launch), m_steps(launch.problem, lane), m_lane(lane) {
        const auto tokens = static_cast<std::uint32_t>(finder.tokens());
        const std::uint32_t per_rows = launch.body_steps.value();
        m_end = (tokens + Config::kBodyRows - 1) / Config::kBodyRows;
        const std::uint32_t steps = m_end * per_rows;
        // Where there is no more than one step for each warp, they are spread over the blocks, and over the
        // warps that have had none yet.
        const std::uint32_t first = steps <= launch.stride.warps
                                        ? spread_number_behind<Config>(launch, warp)
                                        : block_index() * Config::kWarps + static_cast<std::uint32_t>(warp);
        m_rows = launch.body_steps.quotient(first);
        m_step = static_cast<int>(first - m_rows * per_rows);
        if constexpr (Config::kHasSteadyBlocks) {
            const bool steady = steps >= launch.steady_from;
            m_rows_on = steady ? launch.steady_stride.rows : launch.stride.rows;
            m_steps_on = steady ? launch.steady_stride.steps : launch.stride.steps;
            if (steady && block_index() >= launch.steady_blocks) m_rows = m_end;
        }
    }
    MOESCOPE_DEVICE bool is_over() const { return m_rows >= m_end; }
    MOESCOPE_DEVICE void advance() {
        m_rows += Config::kHasSteadyBlocks ? m_rows_on : m_launch.stride.rows;
        m_step += Config::kHasSteadyBlocks ? m_steps_on : m_launch.stride.steps;
        if (m_step >= static_cast<int>(m_launch.body_steps.value())) {
            m_step -= static_cast<int>(m_launch.body_steps.value());
            ++m_rows;
        }
    }
    /// Starts reading the current step.
    template <bool kPaced>
    MOESCOPE_DEVICE void fetch() {
        const int first = static_cast<int>(m_rows) * Config::kBodyRows;
        const TokenPlace place = m_finder.template locate<Config::kBodyRows>(first, m_lane);
        const int token = first + token_finder::token_of_lane<Config::kBodyRows>(m_lane);
        const int row = m_launch.first_rows + token - place.begin;
        target = m_steps.target(place.expert, row, m_step, token < m_finder.tokens());
        std::uint32_t delay = 0;
        if (kPaced && target.inside) {
            const auto above = static_cast<std::uint32_t>(row) % kPacedRows;
            delay = load_cached(m_steps.first_word(target.row - above)) & m_launch.zero;
        }
        columns = m_steps.load(target, delay);
    }
    MOESCOPE_DEVICE void finish(const Target& of, const LaneColumns<Config::kBodyParts>& read) const {
        m_steps.finish(of, read, m_lane);
    }

    Target target;
    LaneColumns<Config::kBodyParts> columns;

  private:
    /// Eight rows, within a few percent of every size from 4 to 64; docs/silu-v3.md.
    static constexpr std::uint32_t kPacedRows = 8;

    Finder& m_finder;
    const SiluV3Launch& m_launch;
    Steps m_steps;
    int m_lane;
    std::uint32_t m_end;  ///< in kBodyRows tokens each
    std::uint32_t m_rows;
    int m_step;
    std::uint32_t m_rows_on;  ///< these two only with kHasSteadyBlocks
    int m_steps_on;
};

}  // namespace moescope::cuda::silu_v3
