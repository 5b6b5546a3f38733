// SPDX-License-Identifier: Apache-2.0
#pragma once

// silu_v3, this project's kernel. docs/silu-v3.md has the reasons and the measurements; in short:
//   - A warp's step is 512 columns (silu_v3_step.cuh). Warps work alone; what they need lies in registers,
//     and the next step is read while this one is computed.
//   - Few tokens: where no expert has more than the grid has warps for, which warp does what is known without
//     a sum over the counts, and all is read at once (Head).
//   - Otherwise all tokens stand in one line, found through that sum. Steps go round robin, so that the
//   device
//     sweeps memory from front to back (Body).
//   - Pacing: multiprocessors differ in speed, and who is ahead makes memory serve distant places at once.
//     So a warp first reads one word that all warps on the same eight rows share: the first to come waits for
//     memory, the others find it in a cache.

#include "silu_v3_step.cuh"
#include "token_finder.cuh"

namespace moescope::cuda {

/// What is fixed at compile time.
template <int kGroupSize_, ScaleFormat kFormat_, template <bool> class Values_, class Finder_,
          int kWarps_ = 8, int kBlocksPerSm_ = 3, int kHeadSteps_ = 2>
struct SiluV3Config {
    static constexpr int kGroupSize = kGroupSize_;
    static constexpr ScaleFormat kFormat = kFormat_;
    using Values = Values_<kFormat_ != ScaleFormat::fp32>;
    using Finder = Finder_;
    static constexpr int kWarps = kWarps_;
    static constexpr int kBlocksPerSm = kBlocksPerSm_;  ///< also the grid, times multiprocessors
    static constexpr int kThreads = 32 * kWarps;

    /// Rows of a step in the body. Four, so that scales of neighbouring tokens are written together; fewer
    /// where a group is longer than a quarter of a step, or a word of packed scales is.
    static constexpr int kBodyRows = kFormat == ScaleFormat::ue8m0_packed
                                         ? (kGroupSize >= 128 ? 1 : 128 / kGroupSize)
                                         : (kGroupSize == 256 ? 2 : 4);
    static constexpr int kHeadRows = 1;  ///< of a step: few tokens spread over as many warps as can be
    static constexpr int kHeadSteps = kHeadSteps_;  ///< of a warp

    static constexpr int shared_bytes(std::int64_t experts) { return Finder::shared_bytes(experts, kWarps); }
};

/// A problem with what the host can tell from its shape and the grid alone.
struct SiluV3Launch {
    MaskedProblem problem;
    Divisor experts;
    Divisor head_steps;  ///< of a row
    Divisor body_steps;
    int head_rows = 0;       ///< of each expert, that the grid has warps for
    std::uint32_t zero = 0;  ///< what the compiler must not know

    /// `blocks` of the config's warps.
    template <class Config>
    static SiluV3Launch of(const MaskedProblem& problem, unsigned blocks) {
        const auto steps = [&](int rows) {
            const std::int64_t columns = silu_v3::kWarpColumns / rows;
            return static_cast<std::uint32_t>((problem.hidden + columns - 1) / columns);
        };
        SiluV3Launch launch;
        launch.problem = problem;
        launch.experts = Divisor(static_cast<std::uint32_t>(problem.experts));
        launch.head_steps = Divisor(steps(Config::kHeadRows));
        launch.body_steps = Divisor(steps(Config::kBodyRows));
        launch.head_rows = static_cast<int>(blocks * Config::kWarps * Config::kHeadSteps /
                                            (problem.experts * launch.head_steps.value()));
        return launch;
    }
};

namespace silu_v3 {

/// A warp's steps of the first rows of all experts: kHeadSteps at most, all read at once.
template <class Config>
class Head {
  public:
    using Steps = Tensors<Config, Config::kHeadRows>;

    /// Row by row over the experts, spread over the blocks.
    MOESCOPE_DEVICE static void run(const SiluV3Launch& launch, const typename Config::Finder& finder,
                                    int warp, int lane) {
        const Steps steps(launch.problem, lane);
        bool is[Config::kHeadSteps];
        Target targets[Config::kHeadSteps];
        Columns2 columns[Config::kHeadSteps];
        MOESCOPE_UNROLL
        for (int i = 0; i < Config::kHeadSteps; ++i) {
            const std::uint32_t item =
                static_cast<std::uint32_t>(i * Config::kWarps + warp) * block_count() + block_index();
            const std::uint32_t row_of_all = launch.head_steps.quotient(item);
            const int row = static_cast<int>(launch.experts.quotient(row_of_all));
            const int expert = static_cast<int>(row_of_all) - row * static_cast<int>(launch.experts.value());
            const int step = static_cast<int>(item - row_of_all * launch.head_steps.value());
            is[i] = row < finder.count(launch.problem, expert);
            targets[i] = steps.target(expert, row, step, is[i]);
            columns[i] = steps.load(targets[i], 0);
        }
        MOESCOPE_UNROLL
        for (int i = 0; i < Config::kHeadSteps; ++i)
            if (is[i]) steps.finish(targets[i], columns[i], lane);
    }
};

/// A warp's steps of the body, one after the other.
template <class Config>
class Body {
  public:
    using Steps = Tensors<Config, Config::kBodyRows>;
    using Finder = typename Config::Finder;

    MOESCOPE_DEVICE Body(const SiluV3Launch& launch, Finder& finder, int warp, int lane)
        : m_finder(finder), m_launch(launch), m_steps(launch.problem, lane), m_lane(lane) {
        const auto tokens = static_cast<std::uint32_t>(finder.tokens());
        const std::uint32_t per_rows = launch.body_steps.value();
        const std::uint32_t warps = block_count() * Config::kWarps;
        m_end = (tokens + Config::kBodyRows - 1) / Config::kBodyRows;
        m_rows_on = launch.body_steps.quotient(warps);
        m_steps_on = static_cast<int>(warps - m_rows_on * per_rows);
        // Where there is no more than one step for each warp, they are spread over the blocks.
        const auto own = static_cast<std::uint32_t>(warp);
        const std::uint32_t first = m_end * per_rows <= warps ? own * block_count() + block_index()
                                                              : block_index() * Config::kWarps + own;
        m_rows = launch.body_steps.quotient(first);
        m_step = static_cast<int>(first - m_rows * per_rows);
    }
    MOESCOPE_DEVICE bool is_over() const { return m_rows >= m_end; }
    MOESCOPE_DEVICE void advance() {
        m_rows += m_rows_on;
        m_step += m_steps_on;
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
        const int row = token - place.begin;
        target = m_steps.target(place.expert, row, m_step, token < m_finder.tokens());
        std::uint32_t delay = 0;
        if (kPaced && target.inside) {
            const auto above = static_cast<std::uint32_t>(row) % kPacedRows;
            delay = load_cached(m_steps.first_word(target.row - above)) & m_launch.zero;
        }
        columns = m_steps.load(target, delay);
    }
    MOESCOPE_DEVICE void finish(const Target& of, const Columns2& read) const {
        m_steps.finish(of, read, m_lane);
    }

    Target target;
    Columns2 columns;

  private:
    /// Eight rows, within a few percent of every size from 4 to 64; docs/silu-v3.md.
    static constexpr std::uint32_t kPacedRows = 8;

    Finder& m_finder;
    const SiluV3Launch& m_launch;
    Steps m_steps;
    int m_lane;
    std::uint32_t m_end;  ///< in kBodyRows tokens each
    std::uint32_t m_rows;
    std::uint32_t m_rows_on;
    int m_step;
    int m_steps_on;
};

}  // namespace silu_v3

template <class Config>
MOESCOPE_KERNEL(Config::kThreads, Config::kBlocksPerSm)
silu_v3_kernel(const SiluV3Launch launch) {
    using namespace silu_v3;
    const MaskedProblem& problem = launch.problem;
    const int warp = static_cast<int>(thread_index() / 32);
    const int lane = static_cast<int>(thread_index() % 32);
    start_dependents();
    wait_for_prerequisites();

    typename Config::Finder finder;
    finder.template fetch<Config::kWarps>(problem, warp, lane);
    if (launch.head_rows > 0 &&
        !finder.template any_above<Config::kWarps>(problem, launch.head_rows, warp, lane)) {
        Head<Config>::run(launch, finder, warp, lane);
        return;
    }
    finder.template sum<Config::kWarps>(problem, dynamic_shared(), warp, lane);
    Body<Config> body(launch, finder, warp, lane);
    if (!body.is_over()) body.template fetch<false>();
    while (!body.is_over()) {
        const Target target = body.target;
        const Columns2 columns = body.columns;
        body.advance();
        if (!body.is_over()) body.template fetch<true>();
        body.finish(target, columns);
    }
}

}  // namespace moescope::cuda
