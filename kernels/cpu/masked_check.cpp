// SPDX-License-Identifier: Apache-2.0
#include "masked_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace moescope {
namespace {

/// Valid tokens of this worker's part.
void compare_part(const MaskedTensors& tensors, Range part, TokenComparison& comparison,
                  const std::stop_token& stop) {
    const Shape& shape = tensors.shape;
    std::int64_t first = 0;  // token number of the expert's first
    for (std::int64_t e = 0; e < shape.experts && first < part.end; first += tensors.counts[e++]) {
        const std::int64_t end = std::min(part.end, first + tensors.counts[e]);
        for (std::int64_t i = std::max(part.begin, first); i < end && !stop.stop_requested(); ++i) {
            const std::int64_t token = i - first;
            const std::int64_t row = e * shape.max_tokens + token;
            comparison.compare(
                e, token, tensors.input + row * 2 * shape.hidden, tensors.codes + row * shape.hidden,
                tensors.scales + e * shape.max_tokens * shape.scale_words() + token, shape.max_tokens);
        }
    }
}

/// Rows past counts of this worker's experts.
void expect_rest_untouched(const MaskedTensors& tensors, Range experts, TokenComparison& comparison) {
    const Shape& shape = tensors.shape;
    for (std::int64_t e = experts.begin; e < experts.end; ++e) {
        const std::int64_t rest = shape.max_tokens - tensors.counts[e];
        const std::int64_t row = e * shape.max_tokens + tensors.counts[e];
        comparison.expect_untouched(
            tensors.codes + row * shape.hidden, rest * shape.hidden,
            fmt::format("codes of expert {} past its {} tokens", e, tensors.counts[e]));
        for (std::int64_t word = 0; word < shape.scale_words(); ++word)
            comparison.expect_untouched(
                tensors.scales + (e * shape.scale_words() + word) * shape.max_tokens + tensors.counts[e],
                rest * 4,
                fmt::format("scale words {} of expert {} past its {} tokens", word, e, tensors.counts[e]));
    }
}

}  // namespace

void fill_poison(ThreadPool& pool, void* data, std::int64_t bytes) {
    pool.run([&](int worker) {
        const Range part = part_of(bytes, worker, pool.size());
        std::memset(static_cast<std::uint8_t*>(data) + part.begin, kPoisonByte,
                    static_cast<std::size_t>(part.end - part.begin));
    });
}

void poison_outputs(ThreadPool& pool, const MaskedTensors& tensors) {
    fill_poison(pool, tensors.codes, tensors.shape.code_bytes() + kGuardBytes);
    fill_poison(pool, tensors.scales, tensors.shape.scale_bytes() + kGuardBytes);
}

Differences compare_outputs(ThreadPool& pool, const MaskedTensors& tensors, Numerics numerics,
                            const std::stop_token& stop) {
    const Shape& shape = tensors.shape;
    std::int64_t tokens = 0;
    for (std::int64_t e = 0; e < shape.experts; ++e) tokens += tensors.counts[e];
    std::vector<TokenComparison> comparisons(static_cast<std::size_t>(pool.size()),
                                             TokenComparison(shape, numerics));
    pool.run([&](int worker) {
        TokenComparison& comparison = comparisons[static_cast<std::size_t>(worker)];
        compare_part(tensors, part_of(tokens, worker, pool.size()), comparison, stop);
        if (stop.stop_requested()) return;
        expect_rest_untouched(tensors, part_of(shape.experts, worker, pool.size()), comparison);
    });
    TokenComparison guard(shape, numerics);
    guard.expect_untouched(tensors.codes + shape.code_bytes(), kGuardBytes, "memory behind the codes");
    guard.expect_untouched(tensors.scales + shape.scale_bytes() / 4, kGuardBytes, "memory behind the scales");
    Differences all;
    for (const TokenComparison& comparison : comparisons) all.merge(comparison.differences());
    all.merge(guard.differences());
    return all;
}

}  // namespace moescope
