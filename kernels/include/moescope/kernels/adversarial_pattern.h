// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the adversarial inputs of either type have in common.

#include "moescope/kernels/numerics.h"

namespace moescope::adversarial {

enum class Pattern {
    zeros,                ///< of both signs: all gates, all ups, or both
    denormals,            ///< gates or ups or both; times ups up to the largest where only gates are
    infinite_gate,        ///< one, of either sign, in an ordinary group; in every fourth variation all
    infinite_up,          ///< likewise
    nan_gate,             ///< likewise, of any sign and payload
    nan_up,               ///< likewise
    powers_of_two,        ///< the largest value puts the scale on a power of two or up to two steps beside it
    one_huge_value,       ///< one product so large that the others, around 1, become zeros
    tie_gates,            ///< silu lies in the middle of two bf16 values, or next to it; any ups
    very_negative_gates,  ///< below -80 (fp16: -32), times ordinary ups: next to nothing
    negative_times_huge,  ///< the same, times ups that bring it back into range, or as near as there are
    huge_ups,             ///< among the largest, times small gates of all sorts
    largest_finite,       ///< the largest value in gate or up: bf16 products overflow, or nearly
    scale_floor,          ///< the largest value is within four bf16 steps of the floor 1e-10, or far below
    any_bits,             ///< any 16 bits
    ordinary,             ///< nothing of this: values around 1
};
inline constexpr int kPatterns = 16;

/// The bits of one column.
struct Column {
    std::uint16_t gate;
    std::uint16_t up;
};

/// 32 bits that look random: the finaliser of MurmurHash3 (Appleby) over 64.
MOESCOPE_HD std::uint32_t scramble(std::uint64_t x) {
    x ^= x >> 33;
    x *= 0xFF51AFD7ED558CCDULL;
    x ^= x >> 33;
    x *= 0xC4CEB9FE1A85EC53ULL;
    return static_cast<std::uint32_t>(x >> 32);
}

}  // namespace moescope::adversarial
