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
/// Codes may differ by one e4m3 step where the scaled value lies next to the middle of two: at most one in a
/// thousand (expected are a few in a million), and this many in any case.
inline constexpr double kFp32CodeMismatchLimit = 1e-3;
inline constexpr double kFp32CodesAlwaysAllowed = 2.0;

/// Groups that have a gate below this, or a value that is not finite, are not judged for kernels that claim
/// fp32 (for those that claim bf16 they are): exp(-gate) overflows further down, where silu is next to
/// nothing anyway, and what the maximum of a not-a-number is, languages disagree about.
inline constexpr float kFp32SmallestGate = -80.0F;

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
