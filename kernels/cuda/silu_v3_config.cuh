// SPDX-License-Identifier: Apache-2.0
#pragma once

// What silu_v3 knows before it runs: at compile time (SiluV3Config), and on the host (SiluV3Launch).

#include <algorithm>
#include <type_traits>

#include "many_experts.cuh"
#include "silu_v3_step.cuh"

namespace moescope::cuda {

/// What is fixed at compile time. Up to `kBlocksPerSm` blocks are resident on a multiprocessor.
template <int kGroupSize_, ScaleFormat kFormat_, template <bool> class Values_, class Finder_,
          int kWarps_ = 8, int kBlocksPerSm_ = Values_<true>::kBlocksPerSm, bool kHasFirstRows_ = true>
struct SiluV3Config {
    static constexpr int kGroupSize = kGroupSize_;
    static constexpr ScaleFormat kFormat = kFormat_;
    using Values = Values_<kFormat_ != ScaleFormat::fp32>;
    using Finder = Finder_;
    static constexpr int kWarps = kWarps_;
    static constexpr int kBlocksPerSm = kBlocksPerSm_;
    static constexpr int kThreads = 32 * kWarps;
    /// Whether there may be first rows (SiluV3Launch). Where there are none, a kernel without that code is a
    /// few percent faster.
    static constexpr bool kHasFirstRows = kHasFirstRows_;
    using WithoutFirstRows =
        SiluV3Config<kGroupSize_, kFormat_, Values_, Finder_, kWarps_, kBlocksPerSm_, false>;

    /// Few tokens spread over as many warps as can be, as long as their scales are whole words.
    static constexpr int kFirstParts = kFormat == ScaleFormat::ue8m0_packed && kGroupSize == 256 ? 2 : 1;
    static constexpr int kHeadParts = 2;
    static constexpr bool kFewExperts = std::is_same_v<Finder, FewExperts>;
    /// Of a warp. Where experts are many, their sum is dear and more is done without it.
    static constexpr int kHeadSteps = kFewExperts ? 1 : 2;
    static constexpr int kBodyParts = 2;
    /// Whether fewer blocks than all may do the body (SiluV3Grid). Where experts are few, a fourth block
    /// gains nothing in small cases either.
    static constexpr bool kHasSteadyBlocks = !kFewExperts;
    /// Rows of a step in the body. Four, so that scales of neighbouring tokens are written together; fewer
    /// where a group is longer than a quarter of a step, or a word of packed scales is.
    static constexpr int kBodyRows = kFormat == ScaleFormat::ue8m0_packed
                                         ? (kGroupSize >= 128 ? 1 : 128 / kGroupSize)
                                         : (kGroupSize == 256 ? 2 : 4);

    static constexpr int shared_bytes(std::int64_t experts) { return Finder::shared_bytes(experts, kWarps); }
};

/// From a warp's step of the body to its next, when `warps` take part.
struct SiluV3Stride {
    std::uint32_t warps = 0;
    std::uint32_t rows = 0;  ///< in kBodyRows
    int steps = 0;           ///< of those rows
};

/// Blocks of a launch: all, and those that stay when steps are so many that memory is what limits. More would
/// make it serve too many places at once.
struct SiluV3Grid {
    unsigned blocks = 0;
    unsigned steady_blocks = 0;
};

/// A problem with what the host can tell from its shape and the grid alone.
struct SiluV3Launch {
    MaskedProblem problem;
    Divisor experts;
    Divisor first_steps;  ///< of a row
    Divisor head_steps;
    Divisor body_steps;
    int first_rows = 0;             ///< of each expert, one step a warp, read as soon as its count is known
    int speculative_rows = 0;       ///< the first of those, which are read before that
    std::uint32_t first_items = 0;  ///< warps that read the first rows of all experts
    std::uint32_t prefetched_steps = 0;  ///< of rows 0, where there are no first rows
    int head_rows = 0;                   ///< of each expert after those, that the grid has warps for
    SiluV3Stride stride;
    SiluV3Stride steady_stride;  ///< from `steady_from` steps on
    std::uint32_t steady_from = 0;
    unsigned steady_blocks = 0;
    std::uint32_t zero = 0;  ///< what the compiler must not know

    /// Reading rows that turn out to hold no token costs bandwidth, and translations of their addresses; to
    /// wait for the counts costs a trip to the L2 cache. These limits are where the one begins to cost more
    /// than the other. docs/silu-v3.md.
    static constexpr std::int64_t kSpeculativeBytes = 512 << 10;
    static constexpr std::int64_t kFirstSpeculativeBytes = 3 << 20;  ///< of one row each, likely to be valid
    static constexpr std::int64_t kSpeculativeRows = 8;
    static constexpr std::int64_t kSpeculativeRowsOfAll = 512;  ///< of all experts
    /// Of a row, by a warp: as many bytes as it has in a step of the first rows, though gate and up are not
    /// told apart.
    template <class Config>
    static constexpr std::uint32_t kPrefetchedStepBytes = silu_v3::warp_columns(Config::kFirstParts) * 4;
    /// First rows take two thirds of the warps, so that others are free for what follows, or more where that
    /// is what this many rows need. Where experts are many and not even all warps suffice for these, rows
    /// behind the speculative ones are better left to the head rows.
    static constexpr std::int64_t kFewestFirstRows = 4;

    /// Steps of the body for each steady warp, from which on only those go on. Measured on one H100.
    static constexpr std::uint32_t kStepsOfSteadyWarp = 8;

    /// Blocks of the config's warps.
    template <class Config>
    static SiluV3Launch of(const MaskedProblem& problem, SiluV3Grid grid) {
        const std::int64_t warps = static_cast<std::int64_t>(grid.blocks) * Config::kWarps;
        const std::int64_t first_steps = steps(problem, Config::kFirstParts, 1);
        const std::int64_t head_steps = steps(problem, Config::kHeadParts, 1);
        const std::int64_t first_rows = first_rows_of<Config>(problem, grid.blocks);

        SiluV3Launch launch;
        launch.problem = problem;
        launch.experts = Divisor(static_cast<std::uint32_t>(problem.experts));
        launch.first_steps = Divisor(static_cast<std::uint32_t>(first_steps));
        launch.head_steps = Divisor(static_cast<std::uint32_t>(head_steps));
        const std::int64_t body_steps = steps(problem, Config::kBodyParts, Config::kBodyRows);
        launch.body_steps = Divisor(static_cast<std::uint32_t>(body_steps));
        const auto stride = [&](unsigned blocks) {
            const std::uint32_t taking_part = blocks * Config::kWarps;
            return SiluV3Stride{.warps = taking_part,
                                .rows = static_cast<std::uint32_t>(taking_part / body_steps),
                                .steps = static_cast<int>(taking_part % body_steps)};
        };
        launch.stride = stride(grid.blocks);
        launch.steady_stride = stride(grid.steady_blocks);
        launch.steady_blocks = grid.steady_blocks;
        launch.steady_from = launch.steady_stride.warps * kStepsOfSteadyWarp;
        launch.first_rows = static_cast<int>(first_rows);
        launch.speculative_rows = static_cast<int>(std::min(first_rows, speculative_rows_of(problem)));
        launch.first_items = static_cast<std::uint32_t>(first_rows * problem.experts * first_steps);
        launch.prefetched_steps = prefetched_steps_of<Config>(problem, warps);
        launch.head_rows = static_cast<int>(warps * Config::kHeadSteps / (problem.experts * head_steps));
        return launch;
    }

    /// Of each expert.
    template <class Config>
    static std::int64_t first_rows_of(const MaskedProblem& problem, unsigned blocks) {
        if (!Config::kHasFirstRows) return 0;
        const std::int64_t warps = static_cast<std::int64_t>(blocks) * Config::kWarps;
        const std::int64_t warps_of_a_row = problem.experts * steps(problem, Config::kFirstParts, 1);
        const std::int64_t fit =
            std::max(std::min(warps / warps_of_a_row, kFewestFirstRows), warps * 2 / 3 / warps_of_a_row);
        const std::int64_t rows = std::min(fit, problem.max_tokens);
        return Config::kFewExperts || fit >= kFewestFirstRows ? rows
                                                              : std::min(rows, speculative_rows_of(problem));
    }
    static std::int64_t speculative_rows_of(const MaskedProblem& problem) {
        const std::int64_t bytes_of_a_row = problem.experts * problem.hidden * 4;
        return std::min({kSpeculativeRows, kSpeculativeRowsOfAll / problem.experts,
                         std::max<std::int64_t>(kSpeculativeBytes / bytes_of_a_row,
                                                bytes_of_a_row <= kFirstSpeculativeBytes ? 1 : 0)});
    }

  private:
    template <class Config>
    static std::uint32_t prefetched_steps_of(const MaskedProblem& problem, std::int64_t warps) {
        if (Config::kHasFirstRows || problem.max_tokens == 0) return 0;
        return static_cast<std::uint32_t>(
            std::min({problem.experts * steps(problem, Config::kFirstParts, 1),
                      kFirstSpeculativeBytes / kPrefetchedStepBytes<Config>, warps}));
    }
    /// Of `rows` rows.
    static std::int64_t steps(const MaskedProblem& problem, int parts, int rows) {
        const std::int64_t columns = silu_v3::warp_columns(parts) / rows;
        return (problem.hidden + columns - 1) / columns;
    }
};

}  // namespace moescope::cuda
