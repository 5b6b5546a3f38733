// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random normal values from a counter: the same for every launch shape. Philox4x32-10 (Salmon et al.,
// "Parallel random numbers: as easy as 1, 2, 3", 2011) and the Box-Muller transform.

#include "device_ops.cuh"
#include "moescope/workload/shape.h"

namespace moescope::device {

struct Random4 {
    std::uint32_t word[4];
};

MOESCOPE_DEVICE Random4 philox(std::uint64_t counter, std::uint64_t key) {
    constexpr std::uint64_t kMultiplier0 = 0xD2511F53U;
    constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57U;
    Random4 state{{static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32), 0, 0}};
    auto key0 = static_cast<std::uint32_t>(key);
    auto key1 = static_cast<std::uint32_t>(key >> 32);
    MOESCOPE_UNROLL
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = kMultiplier0 * state.word[0];
        const std::uint64_t product1 = kMultiplier1 * state.word[2];
        state = Random4{{static_cast<std::uint32_t>(product1 >> 32) ^ state.word[1] ^ key0,
                         static_cast<std::uint32_t>(product1),
                         static_cast<std::uint32_t>(product0 >> 32) ^ state.word[3] ^ key1,
                         static_cast<std::uint32_t>(product0)}};
        key0 += 0x9E3779B9U;
        key1 += 0xBB67AE85U;
    }
    return state;
}

/// Two independent normal values from two uniform words, as a pair of the type.
MOESCOPE_DEVICE std::uint32_t normal_pair(InputType type, std::uint32_t a, std::uint32_t b) {
    const float uniform = (static_cast<float>(a >> 8) + 1.0F) * 0x1p-24F;  // in (0, 1]
    const float radius = sqrtf(-2.0F * logf(uniform));
    const float angle = static_cast<float>(b >> 8) * (6.2831853F * 0x1p-24F);
    const float x = radius * cosf(angle);
    const float y = radius * sinf(angle);
    return type == InputType::fp16 ? pack_fp16x2(x, y) : pack_bf16x2(x, y);
}

}  // namespace moescope::device

namespace moescope::cuda {

/// Fills `vectors` times 16 bytes.
MOESCOPE_KERNEL(256, 1)
fill_normal_kernel(device::Bytes16* target, const InputType type, const std::int64_t vectors,
                   const std::uint64_t seed) {
    using namespace device;
    const std::int64_t step = static_cast<std::int64_t>(block_count()) * 256;
    for (std::int64_t i = static_cast<std::int64_t>(block_index()) * 256 + thread_index(); i < vectors;
         i += step) {
        const auto counter = static_cast<std::uint64_t>(i) * 2;
        const Random4 a = philox(counter, seed);
        const Random4 b = philox(counter + 1, seed);
        target[i] = Bytes16{normal_pair(type, a.word[0], a.word[1]), normal_pair(type, a.word[2], a.word[3]),
                            normal_pair(type, b.word[0], b.word[1]), normal_pair(type, b.word[2], b.word[3])};
    }
}

}  // namespace moescope::cuda
