// SPDX-License-Identifier: Apache-2.0
#pragma once

// Host tensors in the masked layout, for tests.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "masked_check.h"
#include "moescope/kernels/cpu_kernel.h"
#include "moescope/kernels/input_value.h"
#include "moescope/kernels/reference.h"
#include "moescope/kernels/verification.h"

namespace moescope::test {

/// Input and poisoned outputs of one problem. Outputs have the guard that compare_outputs() looks at.
struct HostTensors {
    Shape shape;
    std::vector<std::int32_t> counts;
    std::vector<std::uint16_t> input;
    std::vector<std::uint8_t> codes;
    std::vector<std::uint32_t> scales;
    std::size_t code_offset = 0;  ///< of the first code in `codes`

    HostTensors(const Shape& s, std::vector<std::int32_t> n)
        : shape(s),
          counts(std::move(n)),
          input(static_cast<std::size_t>(s.input_bytes() / 2)),
          codes(static_cast<std::size_t>(s.code_bytes() + kGuardBytes), kPoisonByte),
          scales(static_cast<std::size_t>(s.scale_bytes() + kGuardBytes) / 4, 0x01010101U * kPoisonByte) {}

    MaskedTensors view() {
        return {shape, counts.data(), input.data(), codes.data() + code_offset, scales.data()};
    }
    /// Moves the codes to an address `misaligned` bytes past a multiple of 64, which decides how they are
    /// stored.
    void align_codes(std::size_t misaligned) {
        codes.assign(static_cast<std::size_t>(shape.code_bytes() + kGuardBytes) + 128, kPoisonByte);
        code_offset = (64 - reinterpret_cast<std::uintptr_t>(codes.data()) % 64) % 64 + misaligned;
    }
    void poison() {
        std::fill(codes.begin(), codes.end(), kPoisonByte);
        std::fill(scales.begin(), scales.end(), 0x01010101U * kPoisonByte);
    }

    /// Any 16 bits, infinities and NaN included.
    void fill_bits(std::uint64_t seed) {
        std::mt19937_64 random(seed);
        for (std::uint16_t& x : input) x = static_cast<std::uint16_t>(random());
    }
    void fill_normal(std::uint64_t seed, float deviation = 1.0F) {
        std::mt19937_64 random(seed);
        std::normal_distribution<float> normal(0.0F, deviation);
        for (std::uint16_t& x : input) x = numerics::float_to_input(shape.input_type, normal(random));
    }
    /// What breaks kernels: zeros of both signs, denormals, the largest finite values, and one huge value in
    /// a group.
    void fill_adversarial(std::uint64_t seed) {
        std::mt19937_64 random(seed);
        static constexpr std::uint16_t kOdd[] = {0x0000, 0x8000, 0x0001, 0x8001, 0x007F, 0x7F7F,
                                                 0xFF7F, 0x3F80, 0xBF80, 0xBB80, 0x3C00, 0x40BE,
                                                 0xC043, 0x4200, 0xC2B0, 0xC2C0, 0x0080, 0x2EDC};
        const int sparsity = static_cast<int>(random() % 3);
        for (std::uint16_t& x : input) {
            const bool ordinary = static_cast<int>(random() % 3) < sparsity;
            x = ordinary ? numerics::float_to_bf16(static_cast<float>(random() % 2000) / 500.0F - 2.0F)
                         : kOdd[random() % std::size(kOdd)];
        }
    }
};

/// What the reference makes of the same input, in the same poisoned memory.
inline HostTensors expected(const HostTensors& tensors, Numerics numerics = Numerics::bf16) {
    HostTensors copy = tensors;
    copy.poison();
    reference::quantize_masked(copy.shape, numerics, copy.counts, copy.input.data(),
                               copy.codes.data() + copy.code_offset, copy.scales.data());
    return copy;
}

/// The first byte of codes or word of scales that differs, in words; empty when all memory is equal.
inline std::string first_difference(const HostTensors& got, const HostTensors& want) {
    for (std::size_t i = 0; i < got.codes.size(); ++i)
        if (got.codes[i] != want.codes[i])
            return "code " + std::to_string(i - got.code_offset) + ": got " + std::to_string(got.codes[i]) +
                   ", expected " + std::to_string(want.codes[i]);
    for (std::size_t i = 0; i < got.scales.size(); ++i)
        if (got.scales[i] != want.scales[i])
            return "scale word " + std::to_string(i) + ": got " + std::to_string(got.scales[i]) +
                   ", expected " + std::to_string(want.scales[i]);
    return "";
}

/// Every instruction set of this build; tests skip, visibly, those that this processor lacks.
inline constexpr CpuIsa kAllIsas[] = {CpuIsa::scalar, CpuIsa::avx2,         CpuIsa::avx2gather,
                                      CpuIsa::avx512, CpuIsa::avx512gather, CpuIsa::avx512bf16};

inline std::vector<std::int32_t> random_counts(std::mt19937_64& random, const Shape& shape) {
    std::vector<std::int32_t> counts(static_cast<std::size_t>(shape.experts));
    for (std::int32_t& n : counts) {
        const auto kind = random() % 4;
        n = kind == 0 ? 0
            : kind == 1
                ? static_cast<std::int32_t>(shape.max_tokens)
                : static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(shape.max_tokens + 1));
    }
    return counts;
}

inline Shape random_shape(std::mt19937_64& random) {
    Shape shape;
    shape.group_size = std::int64_t{32} << random() % 4;
    shape.experts = 1 + static_cast<std::int64_t>(random() % 9);
    shape.max_tokens = 1 + static_cast<std::int64_t>(random() % 24);
    shape.hidden = shape.group_size * (1 + static_cast<std::int64_t>(random() % 11));
    shape.scale_format = static_cast<ScaleFormat>(random() % 3);
    return shape;
}

}  // namespace moescope::test
