// SPDX-License-Identifier: Apache-2.0
#pragma once

// The patterns of adversarial.h, written where they are read: every valid token of a masked input.

#include "device_ops.cuh"
#include "moescope/kernels/adversarial.h"

namespace moescope::cuda {

/// `rows` lists the valid tokens' rows, in order.
struct AdversarialProblem {
    std::uint16_t* input = nullptr;
    const std::int64_t* rows = nullptr;
    std::int64_t tokens = 0;
    std::int64_t hidden = 0;
    std::int64_t group_size = 0;
    InputType type = InputType::bf16;
};

MOESCOPE_KERNEL(256, 1)
fill_adversarial_kernel(const AdversarialProblem problem) {
    using namespace device;
    const std::int64_t columns = 2 * problem.hidden;
    const std::int64_t values = problem.tokens * columns;
    const std::int64_t step = static_cast<std::int64_t>(block_count()) * 256;
    for (std::int64_t i = static_cast<std::int64_t>(block_index()) * 256 + thread_index(); i < values;
         i += step) {
        const std::int64_t token = i / columns;
        const std::int64_t column = i % columns;
        problem.input[problem.rows[token] * columns + column] =
            adversarial::input_bits(token, column, problem.hidden, problem.group_size, problem.type);
    }
}

}  // namespace moescope::cuda
