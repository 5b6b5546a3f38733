// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/kernels/numerics.h"

// How far a kernel that claims fp32 may be from the reference: one definition for host and device. (Kernels
// that claim bf16 are equal bit for bit.)
//
// The reference rounds silu once, from double. A kernel computes x / (1 + exp(-x)) in floats: with the GPU's
// fast exponential (2 ulp, its argument x log2 e rounded before) and division (2 ulp) that is off by up to
// 7.8e-7 for gates within +-8 and by 3.9e-6 for the worst gate above -88, where the result is next to
// nothing; the product and the division by 448 add 3e-7.
namespace moescope::numerics {

/// Largest relative error of a scale.
inline constexpr double kFp32ScaleTolerance = 5e-6;
/// Largest relative error of a value, before it is divided by its scale and coded.
inline constexpr double kFp32ValueTolerance = 5e-6;

/// Whether `got` may be the code of `value` over `scale`, the reference's product over the scale that the
/// kernel wrote: rounding lets a value next to the middle of two codes fall to either side. Few normal values
/// lie there, a few in a million, but as many as one wants can be made to. Both zeros are one code.
MOESCOPE_HD bool is_code_within_tolerance(std::uint8_t got, float value, float scale) {
    const double quotient = static_cast<double>(value) / static_cast<double>(scale);
    const std::uint8_t nearer =
        e4m3_encode(clamp_e4m3(static_cast<float>(quotient * (1.0 - kFp32ValueTolerance))));
    const std::uint8_t farther =
        e4m3_encode(clamp_e4m3(static_cast<float>(quotient * (1.0 + kFp32ValueTolerance))));
    const bool both_zero = (got & 0x7FU) == 0 && ((nearer & 0x7FU) == 0 || (farther & 0x7FU) == 0);
    return got == nearer || got == farther || both_zero;
}

/// Below this gate fp32 kernels may be off by anything up to the value itself: exp(-gate) overflows further
/// down, and silu is then taken for zero. That is seen only where the up is so large that silu x up still
/// counts.
inline constexpr float kFp32SmallestGate = -80.0F;
/// What does not count: far below half of the smallest code times the smallest scale, 2.2e-16. Such a value
/// is coded as a zero of its sign, and leaves the scale at its floor, whether it is right or flushed to zero.
inline constexpr float kFp32Negligible = 1e-17F;

/// Whether kernels that claim fp32 are held to the reference for this product of silu(gate) and up (as the
/// reference has it). A group with one for which they are not is not judged, but counted. (Kernels that claim
/// bf16 are held to it for every input, not-a-number included.) Not finite: what the maximum and the clamp of
/// a not-a-number are, languages and compilers disagree about, and one infinity makes all of a group
/// meaningless.
MOESCOPE_HD bool is_judged_for_fp32(float gate, float product) {
    const float magnitude = product < 0.0F ? -product : product;
    if (!(magnitude < bits_float(0x7F800000U))) return false;
    return gate >= kFp32SmallestGate || magnitude < kFp32Negligible;
}

/// A value is clipped if its quotient by the scale is beyond this: 448 and half a step.
inline constexpr double kClippedFrom = 464.0;

/// Whether the power of two `got` is not the reference's, but would be had the scale before rounding up,
/// `unrounded`, been different by less than the tolerance.
MOESCOPE_HD bool is_other_side_of_power(float got, float unrounded) {
    const double exact = static_cast<double>(unrounded);
    return got == ue8m0_round_up(static_cast<float>(exact * (1.0 - kFp32ScaleTolerance))) ||
           got == ue8m0_round_up(static_cast<float>(exact * (1.0 + kFp32ScaleTolerance)));
}

}  // namespace moescope::numerics
