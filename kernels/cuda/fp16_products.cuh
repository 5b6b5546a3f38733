// SPDX-License-Identifier: Apache-2.0
#pragma once

// v = bf16(bf16(silu(gate)) * up) of the bf16 convention for fp16 gates and ups, bit for bit equal to
// kernels/cpu/reference.cpp. Proven in tests/kernels/cuda_emulated over all 65,536 gates, with ex2 and rcp
// off by as much as the hardware allows.
//
// An fp16 gate has three more bits than a bf16 one, so that silu comes much closer to the middle of two bf16
// values: no constant puts every gate on its right side. But the approximation knows when it cannot tell: it
// is wrong only for gates whose approximated silu lies within three fp32 steps of such a middle (five gates
// between -32 and 16, and an eighth of those above, which are their own silu and in the middle exactly). What
// lies that close, one value in 8,192, is computed again in double.

#include <cmath>

#include "device_ops.cuh"

namespace moescope::device {

/// Within so many fp32 steps of the middle of two bf16 values silu_approx() does not decide. A power of two.
inline constexpr std::uint32_t kTieMargin = 4;
/// fp16 bits of -32, as large as a negative gate may be for silu_approx(). Below, the rounded argument of the
/// exponential costs more than the margin.
inline constexpr std::uint32_t kLowestFp16Gate = 0xD000;

/// silu(x) for x >= -32, within 34 fp32 steps and, next to the middle of two bf16 values, as said above.
MOESCOPE_DEVICE float silu_approx(float x) {
    constexpr float kLog2E = 1.44269502F;
    return multiply(x, reciprocal_approx(exp2_approx(multiply(x, -kLog2E)) + 1.0F));
}

/// For each of two values, in the halves: below 2 * kTieMargin where it is as close to the middle of two bf16
/// values as that. (What is carried into the upper half comes from a lower half that is.)
MOESCOPE_DEVICE std::uint32_t tie_distances(float low, float high) {
    const std::uint32_t low_halves = (numerics::float_bits(low) & 0xFFFFU) | numerics::float_bits(high) << 16;
    return (low_halves ^ 0x80008000U) + kTieMargin * 0x00010001U;
}
MOESCOPE_DEVICE bool any_tie(std::uint32_t distances) {
    return (distances & 0xFFFFU) < 2 * kTieMargin || distances >> 16 < 2 * kTieMargin;
}
/// Whether one of two gates is below the lowest.
MOESCOPE_DEVICE bool any_very_negative(std::uint32_t gates) {
    return (gates & 0xFFFFU) > kLowestFp16Gate || gates >> 16 > kLowestFp16Gate;
}

/// Products of two bf16 silus with two fp16 ups, each rounded once: they are exact in fp32.
MOESCOPE_DEVICE std::uint32_t multiply_bf16_fp16(std::uint32_t silus, std::uint32_t ups) {
    return pack_bf16x2(multiply(low_bf16(silus), low_fp16(ups)), multiply(high_bf16(silus), high_fp16(ups)));
}

/// silu rounded to fp32, in double on the way: right for every gate.
MOESCOPE_DEVICE float silu_in_double(float x) {
    const double value = static_cast<double>(x);
    return static_cast<float>(value / (1.0 + ::exp(-value)));
}
/// Two products the long way, for the rare lane that silu_approx() does not serve.
MOESCOPE_DEVICE_RARE std::uint32_t fp16_products_rare(std::uint32_t gates, std::uint32_t ups) {
    return multiply_bf16_fp16(pack_bf16x2(silu_in_double(low_fp16(gates)), silu_in_double(high_fp16(gates))),
                              ups);
}

/// Eight products, as bf16.
MOESCOPE_DEVICE Bytes16 fp16_products(const Bytes16& gates, const Bytes16& ups) {
    const std::uint32_t gate[4] = {gates.x, gates.y, gates.z, gates.w};
    const std::uint32_t up[4] = {ups.x, ups.y, ups.z, ups.w};
    std::uint32_t distance[4];
    std::uint32_t v[4];
    MOESCOPE_UNROLL
    for (int p = 0; p < 4; ++p) {
        const float low = silu_approx(low_fp16(gate[p]));
        const float high = silu_approx(high_fp16(gate[p]));
        distance[p] = tie_distances(low, high);
        v[p] = multiply_bf16_fp16(pack_bf16x2(low, high), up[p]);
    }
    const std::uint32_t nearest =
        min_u16x2(min_u16x2(distance[0], distance[1]), min_u16x2(distance[2], distance[3]));
    const std::uint32_t lowest = min_fp16x2(min_fp16x2(gate[0], gate[1]), min_fp16x2(gate[2], gate[3]));
    if (any_tie(nearest) || any_very_negative(lowest)) {
        MOESCOPE_UNROLL
        for (int p = 0; p < 4; ++p) {
            if (any_tie(distance[p]) || any_very_negative(gate[p])) v[p] = fp16_products_rare(gate[p], up[p]);
        }
    }
    return {v[0], v[1], v[2], v[3]};
}

}  // namespace moescope::device
