// SPDX-License-Identifier: Apache-2.0
#pragma once

// silu_v3, this project's kernel. docs/silu-v3.md has the reasons and the measurements; in short:
//   - A warp's step is 256 or 512 columns (silu_v3_step.cuh). Warps work alone; what they need lies in
//     registers, and the next step is read while this one is computed.
//   - The first rows of all experts are read as soon as their count is known, the very first ones before that
//     (FirstRows). Where those are all, nothing else is done. Where there are none, the first row of each
//     expert is brought into the L2 cache while the counts are read and summed (NoFirstRows).
//   - Where no expert has many more than those, which warp does what is known without a sum over the counts
//     (HeadRows).
//   - Otherwise all other tokens stand in one line, found through that sum. Steps go round robin, so that the
//     device sweeps memory from front to back (Body).
//   - Pacing: multiprocessors differ in speed, and who is ahead makes memory serve distant places at once.
//     So a warp first reads one word that all warps on the same eight rows share: the first to come waits for
//     memory, the others find it in a cache.

#include "silu_v3_body.cuh"

namespace moescope::cuda {

template <class Config>
MOESCOPE_KERNEL(Config::kThreads, Config::kBlocksPerSm)
silu_v3_kernel(const SiluV3Launch launch) {
    using namespace silu_v3;
    const MaskedProblem& problem = launch.problem;
    const int warp = static_cast<int>(thread_index() / 32);
    const int lane = static_cast<int>(thread_index() % 32);
    start_dependents();
    wait_for_prerequisites();

    std::conditional_t<Config::kHasFirstRows, FirstRows<Config>, NoFirstRows<Config>> first(launch, warp,
                                                                                            lane);
    typename Config::Finder finder;
    finder.template find_largest<Config::kWarps>(problem, warp, lane);
    first.keep_valid(launch, finder);
    if (Config::kHasFirstRows && finder.none_above(launch.first_rows)) {
        first.finish(lane);
        return;
    }
    // Few experts: nothing else is started before the first rows have come. With all under way at once, 256
    // tokens on 8 experts take a twelfth longer.
    const int arrival = Config::kFewExperts ? static_cast<int>(first.arrival(launch)) : 0;
    if (finder.none_above(launch.first_rows + launch.head_rows + arrival)) {
        const HeadRows<Config> head(launch, finder, first.arrival(launch), warp, lane);
        first.finish(lane);
        head.finish(lane);
        return;
    }
    finder.template sum<Config::kWarps>(problem, launch.first_rows, dynamic_shared(), warp, lane);
    Body<Config> body(launch, finder, warp, lane);
    if (!body.is_over()) body.template fetch<false>();
    first.finish(lane);
    while (!body.is_over()) {
        const Target target = body.target;
        const LaneColumns<Config::kBodyParts> columns = body.columns;
        body.advance();
        if (!body.is_over()) body.template fetch<true>();
        body.finish(target, columns);
    }
}

}  // namespace moescope::cuda
