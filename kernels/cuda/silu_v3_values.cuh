// SPDX-License-Identifier: Apache-2.0
#pragma once

// What one lane of silu_v3 does with eight columns of gate and up, in either numerics: SiLU and product,
// largest magnitude, scale, codes. Lanes of a group share the magnitude through shuffles in between.

#include "bf16_quantize.cuh"
#include "fp16_products.cuh"

namespace moescope::cuda::silu_v3 {

using namespace moescope::device;

/// Eight columns of a lane: 16 bytes of gate and 16 of up.
struct Columns {
    Bytes16 gate;
    Bytes16 up;
};
/// All columns of a lane: eight or sixteen.
template <int kParts>
struct LaneColumns {
    static_assert(kParts == 1 || kParts == 2);
    Columns part[kParts];
};

/// silu(x) for bf16 x with two special-function operations and three more. The 1 of the denominator is two
/// ulp high for the same reason as in silu_for_bf16().
MOESCOPE_DEVICE float silu_short(float x) {
    constexpr float kLog2E = 1.44269502F;
    constexpr float kOne = 0x1.000004p+0F;
    return multiply(x, reciprocal_approx(exp2_approx(multiply(x, -kLog2E)) + kOne));
}

/// bf16(fp32(exact silu)) of two bf16 gates, but for those whose silu is below 2^-110 in magnitude (under -73
/// or denormal): there the sign is right and the error below 2^-115.
MOESCOPE_DEVICE std::uint32_t silus_mostly_exact(std::uint32_t gates) {
    // silu(-2^-8) lies in the middle of two bf16 values; right is the even one. No branch: among a million
    // random gates a dozen are this one, and a single lane that takes another way is what a launch with few
    // tokens waits for.
    constexpr std::uint32_t kTieGates = 0xBB80BB80;
    constexpr std::uint32_t kTieSilus = 0xBB00BB00;
    const std::uint32_t silus = pack_bf16x2(silu_short(low_bf16(gates)), silu_short(high_bf16(gates)));
    return replace_where_equal_bf16x2(silus, gates, kTieGates, kTieSilus);
}

/// 2^60. Times the error that silus_mostly_exact() may have where silu is tiny, a value below this stays far
/// below half of the smallest code (2^-10 of the smallest scale, 2.2e-13), so its code is the same zero.
inline constexpr std::uint32_t kHugeUp = 0x5D80;

/// Exact for every gate, for the rare lane that silus_mostly_exact() does not serve.
MOESCOPE_DEVICE_RARE std::uint32_t silu_times_up_rare(std::uint32_t gate, std::uint32_t up) {
    return silu_times_up(gate, up);
}

/// When a lane asks whether it is a rare one: before the short way, which takes fewest registers, or behind
/// it, when the answer is no longer waited for.
enum class RareLanes { asked_first, asked_last };

/// silu(gate) * up of the bf16 convention, as bf16, for either type of input.
template <InputType kInput, RareLanes kRare>
MOESCOPE_DEVICE Bytes16 products(const Columns& c) {
    if constexpr (kInput == InputType::fp16) {
        return fp16_products(c.gate, c.up);
    } else {
        const std::uint32_t gate[4] = {c.gate.x, c.gate.y, c.gate.z, c.gate.w};
        const std::uint32_t up[4] = {c.up.x, c.up.y, c.up.z, c.up.w};
        const std::uint32_t largest_up = max_abs_bf16x2(c.up);
        // Halves are at most 0x7FFF, so that nothing is carried from one into the other.
        constexpr std::uint32_t kToTopBit = (0x8000U - kHugeUp) * 0x00010001U;
        const bool huge = ((largest_up + kToTopBit) & 0x80008000U) != 0;
        std::uint32_t v[4];
        const auto the_short_way = [&] {
            MOESCOPE_UNROLL
            for (int p = 0; p < 4; ++p) v[p] = multiply_bf16x2(silus_mostly_exact(gate[p]), up[p]);
        };
        if (kRare == RareLanes::asked_last) the_short_way();
        if (huge) {
            MOESCOPE_UNROLL
            for (int p = 0; p < 4; ++p) v[p] = silu_times_up_rare(gate[p], up[p]);
        } else if (kRare == RareLanes::asked_first) {
            the_short_way();
        }
        return {v[0], v[1], v[2], v[3]};
    }
}

/// Largest `value` of the kLanes lanes of a group, which are half of the warp or all of it, by one
/// instruction where shuffles take four or five, one after the other. Values are not negative and not
/// not-a-number, so that their bits are in the same order.
template <int kLanes>
MOESCOPE_DEVICE float largest_of_lanes(float value, int lane) {
    static_assert(kLanes == 16 || kLanes == 32);
    const auto bits = static_cast<int>(numerics::float_bits(value));
    const bool counts = kLanes == 32 || lane < 16;
    const int of_lower = warp_max(counts ? bits : 0);
    const int of_upper = kLanes == 32 ? of_lower : warp_max(counts ? 0 : bits);
    return numerics::bits_float(static_cast<std::uint32_t>(counts ? of_lower : of_upper));
}
/// The same of fewer lanes, as Values compares them.
template <class Values, int kLanes, class Magnitude>
MOESCOPE_DEVICE Magnitude largest_by_shuffles(Magnitude largest) {
    MOESCOPE_UNROLL
    for (int mask = 1; mask < kLanes; mask *= 2)
        largest = Values::larger(largest, shuffle_xor(largest, mask));
    return largest;
}

/// The bf16 convention: bit for bit what bf16_quantize.cuh computes.
template <bool kPowerOfTwo, InputType kInput>
class Bf16ValuesOf {
  public:
    /// That leave enough registers: 64 of four blocks of 8 warps are too few for fp16.
    static constexpr int kBlocksPerSm = kInput == InputType::fp16 ? 3 : 4;

    Bf16ValuesOf() = default;
    template <RareLanes kRare>
    MOESCOPE_DEVICE static Bf16ValuesOf of(const Columns& c) {
        Bf16ValuesOf values;
        values.m_v = products<kInput, kRare>(c);
        return values;
    }
    /// Largest magnitudes of a lane, of both halves.
    MOESCOPE_DEVICE std::uint32_t magnitude() const { return max_abs_bf16x2(m_v); }
    MOESCOPE_DEVICE static std::uint32_t larger(std::uint32_t a, std::uint32_t b) { return max_bf16x2(a, b); }
    /// Of a group of lanes.
    template <int kLanes>
    MOESCOPE_DEVICE static float scale(std::uint32_t largest, int lane) {
        if constexpr (kLanes >= 16) {
            const float own = floored_amax(larger_half(largest));
            return scale_from_amax<kPowerOfTwo>(largest_of_lanes<kLanes>(own, lane));
        } else {
            return group_scale<kPowerOfTwo>(larger_half(largest_by_shuffles<Bf16ValuesOf, kLanes>(largest)));
        }
    }

    MOESCOPE_DEVICE Bytes8 codes(float scale) const {
        const std::uint32_t inverse = inverse_scale_pair(scale);
        return {quantize_pair(m_v.x, inverse) | quantize_pair(m_v.y, inverse) << 16,
                quantize_pair(m_v.z, inverse) | quantize_pair(m_v.w, inverse) << 16};
    }

  private:
    Bytes16 m_v{};
};

/// The fp32 convention: every intermediate in fp32; silu within a few ulp, scale and v / s correctly rounded.
template <bool kPowerOfTwo, InputType kInput>
class Fp32ValuesOf {
  public:
    static constexpr int kBlocksPerSm = 4;

    Fp32ValuesOf() = default;
    template <RareLanes>
    MOESCOPE_DEVICE static Fp32ValuesOf of(const Columns& c) {
        Fp32ValuesOf values;
        const std::uint32_t gate[4] = {c.gate.x, c.gate.y, c.gate.z, c.gate.w};
        const std::uint32_t up[4] = {c.up.x, c.up.y, c.up.z, c.up.w};
        MOESCOPE_UNROLL
        for (int p = 0; p < 4; ++p) {
            values.m_v[2 * p] = multiply(silu_for_bf16(low(gate[p])), low(up[p]));
            values.m_v[2 * p + 1] = multiply(silu_for_bf16(high(gate[p])), high(up[p]));
        }
        return values;
    }
    MOESCOPE_DEVICE float magnitude() const {
        float largest = 0.0F;
        MOESCOPE_UNROLL
        for (int i = 0; i < 8; ++i) largest = larger(largest, m_v[i] < 0.0F ? -m_v[i] : m_v[i]);
        return largest;
    }
    MOESCOPE_DEVICE static float larger(float a, float b) { return b > a ? b : a; }
    template <int kLanes>
    MOESCOPE_DEVICE static float scale(float largest, int /*lane*/) {
        const float scale = numerics::scale_fp32(largest_by_shuffles<Fp32ValuesOf, kLanes>(largest));
        return kPowerOfTwo ? numerics::ue8m0_round_up(scale) : scale;
    }
    MOESCOPE_DEVICE Bytes8 codes(float scale) const {
        std::uint32_t pairs[4];
        MOESCOPE_UNROLL
        for (int p = 0; p < 4; ++p)
            pairs[p] = pack_e4m3x2(quotient(m_v[2 * p], scale), quotient(m_v[2 * p + 1], scale));
        return {pairs[0] | pairs[1] << 16, pairs[2] | pairs[3] << 16};
    }

  private:
    MOESCOPE_DEVICE static float low(std::uint32_t pair) {
        return kInput == InputType::fp16 ? low_fp16(pair) : low_bf16(pair);
    }
    MOESCOPE_DEVICE static float high(std::uint32_t pair) {
        return kInput == InputType::fp16 ? high_fp16(pair) : high_bf16(pair);
    }
    /// Division by a power of two is a multiplication; scales are between 2^-42 and 2^120, so the inverse is
    /// normal.
    MOESCOPE_DEVICE static float quotient(float value, float scale) {
        constexpr std::uint32_t kExponents = 254U << 23;  // of a number and its inverse, biased, together
        return kPowerOfTwo ? multiply(value, numerics::bits_float(kExponents - numerics::float_bits(scale)))
                           : divide(value, scale);
    }
    float m_v[8]{};
};

/// The two conventions for an input type, as SiluV3Config takes them.
template <InputType kInput>
struct ValuesOf {
    template <bool kPowerOfTwo>
    using Bf16 = Bf16ValuesOf<kPowerOfTwo, kInput>;
    template <bool kPowerOfTwo>
    using Fp32 = Fp32ValuesOf<kPowerOfTwo, kInput>;
};

template <bool kPowerOfTwo>
using Bf16Values = Bf16ValuesOf<kPowerOfTwo, InputType::bf16>;
template <bool kPowerOfTwo>
using Fp32Values = Fp32ValuesOf<kPowerOfTwo, InputType::bf16>;

}  // namespace moescope::cuda::silu_v3
