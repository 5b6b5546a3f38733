// SPDX-License-Identifier: Apache-2.0
#include "adversarial_input.h"

#include <algorithm>

#include "moescope/kernels/adversarial.h"

namespace moescope {
namespace {

void fill_row(const Shape& shape, std::int64_t token, std::uint16_t* row) {
    for (std::int64_t group = 0; group < shape.groups(); ++group) {
        std::uint16_t* const gate = row + group * shape.group_size;
        std::uint16_t* const up = gate + shape.hidden;
        for (std::int64_t i = 0; i < shape.group_size; ++i) {
            const adversarial::Column column =
                adversarial::column_of(token * shape.groups() + group, i, shape.group_size, shape.input_type);
            gate[i] = column.gate;
            up[i] = column.up;
        }
    }
}

}  // namespace

void fill_adversarial(ThreadPool& pool, const Shape& shape, std::span<const std::int32_t> counts,
                      std::uint16_t* input) {
    std::int64_t tokens = 0;
    for (const std::int32_t count : counts) tokens += count;
    pool.run([&](int worker) {
        const Range part = part_of(tokens, worker, pool.size());
        std::int64_t first = 0;  // token number of the expert's first
        for (std::size_t e = 0; e < counts.size() && first < part.end; first += counts[e++]) {
            const std::int64_t end = std::min(part.end, first + counts[e]);
            for (std::int64_t token = std::max(part.begin, first); token < end; ++token) {
                const std::int64_t row = static_cast<std::int64_t>(e) * shape.max_tokens + token - first;
                fill_row(shape, token, input + row * 2 * shape.hidden);
            }
        }
    });
}

}  // namespace moescope
