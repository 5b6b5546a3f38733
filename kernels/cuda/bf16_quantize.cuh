// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bf16 convention of SPEC section 1 in few instructions, bit for bit equal to kernels/cpu/reference.cpp.
// What is not evident is proven in tests/kernels/cuda_emulated: over all 65,536 gates and every scale, with
// ex2 and rcp off by as much as the hardware allows.

#include "device_ops.cuh"
#include "moescope/workload/shape.h"

namespace moescope::device {

/// silu(x) for a bf16 value x, close enough that rounding to bf16 gives bf16(fp32(exact silu(x))).
///
/// x / (1 + exp(-x)), both sides scaled by 2^-32 so that exp does not overflow where the result still counts:
///   n = round(-x log2 e), clamped;  2^-32 exp(-x) = 2^f 2^(n-32) with f = -x log2 e - n in about [-1/2,
///   1/2].
/// The exponent field n - 32 + 127 = n + 95 is what the integer part of `shifted` holds.
/// The 1 of the denominator is two ulp high: exact silu(5.9375) lies 2^-23.3 below a bf16 rounding boundary,
/// and this keeps the approximation below it too. Up to |x| = 2^-7 the results crowd around such boundaries
/// (exactly on one for -2^-8), and there x (1/2 + x/4) is exact enough and needs no rounding.
MOESCOPE_DEVICE float silu_for_bf16(float x) {
    constexpr float kLog2E = 1.44269502F;
    constexpr float kExponentRange = 252.0F;
    constexpr float kExponentOfOne = 95.0F;       // of 2^-32, biased
    constexpr float kRoundToInteger = 0x1.8p23F;  // adding it leaves a float's integer part in its low bits
    constexpr float kScaledOne = 0x1.000004p-32F;

    const float fraction = fma_saturated(x, -kLog2E / kExponentRange, kExponentOfOne / kExponentRange);
    const float shifted = fma(fraction, kExponentRange, kRoundToInteger);
    const float n = shifted - (kRoundToInteger + kExponentOfOne);
    const float power = exp2_approx(fma(x, -kLog2E, -n));
    const float scale = numerics::bits_float(numerics::float_bits(shifted) << 23);
    const float reciprocal = reciprocal_approx(fma(power, scale, kScaledOne));

    const bool small = (x < 0.0F ? -x : x) <= 0x1p-7F;
    const float numerator = small ? x : multiply(x, 0x1p-32F);
    return multiply(numerator, small ? fma(x, 0.25F, 0.5F) : reciprocal);
}

/// bf16(bf16(silu(gate)) * up) of two columns.
MOESCOPE_DEVICE std::uint32_t silu_times_up(std::uint32_t gate_pair, std::uint32_t up_pair) {
    const std::uint32_t silu =
        pack_bf16x2(silu_for_bf16(low_bf16(gate_pair)), silu_for_bf16(high_bf16(gate_pair)));
    return multiply_bf16x2(silu, up_pair);
}

/// The larger half of a pair of non-negative bf16, as a float.
MOESCOPE_DEVICE float larger_half(std::uint32_t pair) {
    return low_bf16(max_bf16x2(pair, pair >> 16));
}

/// The least amax that scales are made of, in place of smaller ones and of not-a-number.
MOESCOPE_DEVICE float floored_amax(float amax) {
    return amax > numerics::kAmaxFloorBf16 ? amax : numerics::kAmaxFloorBf16;
}
/// Scale of a group (a float that holds a bf16 value) from such an amax.
template <bool kPowerOfTwo>
MOESCOPE_DEVICE float scale_from_amax(float floored) {
    const float scale = numerics::bits_float(pack_bf16x2(0.0F, multiply(floored, numerics::kInverse448Bf16)));
    return kPowerOfTwo ? numerics::ue8m0_round_up(scale) : scale;
}
/// The same from any largest magnitude.
template <bool kPowerOfTwo>
MOESCOPE_DEVICE float group_scale(float amax) {
    return scale_from_amax<kPowerOfTwo>(floored_amax(amax));
}

/// bf16(1/scale) in both halves. One ulp of rcp never moves the rounded result: scales have 8-bit
/// significands.
MOESCOPE_DEVICE std::uint32_t inverse_scale_pair(float scale) {
    const float inverse = reciprocal_approx(scale);
    return pack_bf16x2(inverse, inverse);
}

/// Two e4m3 codes in the low 16 bits. The conversion saturates, which is the clamp to +-448.
MOESCOPE_DEVICE std::uint32_t quantize_pair(std::uint32_t values, std::uint32_t inverse_scales) {
    const std::uint32_t scaled = multiply_bf16x2(values, inverse_scales);
    return pack_e4m3x2(low_bf16(scaled), high_bf16(scaled));
}

}  // namespace moescope::device
