// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tensors of one small problem on the host: random input, poisoned outputs, and what the reference makes of
// them.

#include <cstdint>
#include <random>
#include <vector>

#include "masked_problem.h"
#include "moescope/kernels/input_value.h"
#include "moescope/kernels/reference.h"
#include "moescope/kernels/verification.h"

namespace moescope::test {

struct HostTensors {
    Shape shape;
    std::vector<std::int32_t> counts;
    std::vector<std::uint16_t> input;
    std::vector<std::uint8_t> codes;
    std::vector<std::uint32_t> scales;

    std::int64_t tokens() const {
        std::int64_t sum = 0;
        for (const std::int32_t count : counts) sum += count;
        return sum;
    }
    cuda::MaskedProblem problem() {
        return {.input = input.data(),
                .codes = codes.data(),
                .scales = scales.data(),
                .counts = counts.data(),
                .experts = shape.experts,
                .max_tokens = shape.max_tokens,
                .hidden = shape.hidden,
                .scale_words = shape.scale_words()};
    }
    void poison() {
        codes.assign(static_cast<std::size_t>(shape.code_bytes()), kPoisonByte);
        scales.assign(static_cast<std::size_t>(shape.scale_bytes() / 4), 0x01010101U * kPoisonByte);
    }
};

/// Mostly normal values; where `wild`, now and then any 16 bits at all, infinities and not-a-number included.
inline HostTensors make_tensors(const Shape& shape, std::vector<std::int32_t> counts, std::uint64_t seed,
                                bool wild) {
    HostTensors tensors{.shape = shape, .counts = std::move(counts), .input = {}, .codes = {}, .scales = {}};
    std::mt19937_64 random(seed);
    std::normal_distribution<float> normal;
    tensors.input.resize(static_cast<std::size_t>(shape.input_bytes() / 2));
    for (std::uint16_t& value : tensors.input) {
        value = wild && random() % 50 == 0 ? static_cast<std::uint16_t>(random())
                                           : numerics::float_to_input(shape.input_type, normal(random));
    }
    tensors.poison();
    return tensors;
}

/// The reference's outputs in poisoned tensors of the same shape.
inline HostTensors reference_of(const HostTensors& tensors, Numerics numerics) {
    HostTensors expected = tensors;
    expected.poison();
    reference::quantize_masked(tensors.shape, numerics, tensors.counts, tensors.input.data(),
                               expected.codes.data(), expected.scales.data());
    return expected;
}

/// Counts of every sort: few or many tokens, none, one expert with all, full rows.
inline std::vector<std::int32_t> random_counts(const Shape& shape, std::mt19937_64& random) {
    std::vector<std::int32_t> counts(static_cast<std::size_t>(shape.experts), 0);
    const auto below = [&](std::int64_t limit) {
        return static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(limit));
    };
    switch (random() % 5) {
        case 0:
            break;
        case 1:
            counts[static_cast<std::size_t>(below(shape.experts))] = below(shape.max_tokens) + 1;
            break;
        case 2:
            for (auto& count : counts) count = static_cast<std::int32_t>(shape.max_tokens);
            break;
        case 3:
            for (auto& count : counts) count = random() % 4 == 0 ? below(shape.max_tokens + 1) : 0;
            break;
        default:
            for (auto& count : counts) count = below(shape.max_tokens + 1);
    }
    return counts;
}

}  // namespace moescope::test
