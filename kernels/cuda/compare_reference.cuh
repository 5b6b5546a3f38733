// SPDX-License-Identifier: Apache-2.0
#pragma once

// The reference on the device: recomputes every scale word and its codes from the input, plainly, and
// compares them in place, so that no tensor travels to the host. Written without the tricks of the kernels it
// judges: silu in double, numerics.h for every conversion. Its own judge is kernels/cpu/reference.cpp
// (tests/kernels).

#include <cmath>

#include "device_ops.cuh"
#include "difference_counters.h"
#include "masked_problem.h"
#include "moescope/kernels/input_value.h"
#include "moescope/kernels/tolerance.h"

namespace moescope::cuda {

struct CompareProblem {
    MaskedProblem tensors;
    std::int64_t group_size = 0;
    ScaleFormat format = ScaleFormat::fp32;
    Numerics numerics = Numerics::bf16;
    InputType input = InputType::bf16;
    std::uint8_t poison = 0;
};

namespace compare {

using namespace moescope::device;

constexpr int kMaxValues = 8;  // of a lane, G <= 256
constexpr std::uint32_t kInfinityBits = 0x7F800000U;

MOESCOPE_DEVICE double exact_silu(float x) {
    const double value = static_cast<double>(x);
    if (value >= 0.0) return value / (1.0 + ::exp(-value));
    const double e = ::exp(value);
    return value * e / (1.0 + e);
}

MOESCOPE_DEVICE double sum_over_warp(double value) {
    for (int mask = 1; mask < 32; mask *= 2) value += shuffle_xor(value, mask);
    return value;
}

MOESCOPE_DEVICE bool is_finite(double value) {
    return value - value == 0.0;
}

MOESCOPE_DEVICE float max_over_warp(float value) {
    for (int mask = 1; mask < 32; mask *= 2) {
        const float other = shuffle_xor(value, mask);
        value = other > value ? other : value;
    }
    return value;
}

/// Steps between two e4m3 codes, as e4m3_distance() of verification.h counts them.
MOESCOPE_DEVICE int code_distance(std::uint8_t a, std::uint8_t b) {
    const int magnitude_a = a & 0x7F;
    const int magnitude_b = b & 0x7F;
    if (magnitude_a == 0x7F || magnitude_b == 0x7F) return magnitude_a == magnitude_b ? 0 : 255;
    const int distance =
        ((a & 0x80) != 0 ? -magnitude_a : magnitude_a) - ((b & 0x80) != 0 ? -magnitude_b : magnitude_b);
    return distance < 0 ? -distance : distance;
}

/// What one lane has seen; handed over once, at the end.
struct Tally {
    unsigned long long mismatched_codes = 0;
    unsigned long long distant_codes = 0;
    unsigned long long mismatched_scales = 0;
    unsigned long long touched = 0;
    unsigned long long mismatched_codes_bf16 = 0;
    unsigned long long mismatched_codes_fp32 = 0;
    unsigned long long clipped_values = 0;
    unsigned long long nonfinite_values = 0;
    unsigned long long unjudged_codes = 0;
    double value_squares = 0.0;
    double error_squares = 0.0;
    unsigned long long first_row = kNoRow;
    unsigned long long first_touched_row = kNoRow;
    float scale_error = 0.0F;

    /// All lanes of a warp.
    MOESCOPE_DEVICE void add_to(DifferenceCounters* counters, int lane) const {
        const double values = sum_over_warp(value_squares);
        const double errors = sum_over_warp(error_squares);
        if (lane == 0 && values != 0.0) atomic_add(&counters->value_squares, values);
        if (lane == 0 && errors != 0.0) atomic_add(&counters->error_squares, errors);
        if (mismatched_codes_bf16 != 0) atomic_add(&counters->mismatched_codes_bf16, mismatched_codes_bf16);
        if (mismatched_codes_fp32 != 0) atomic_add(&counters->mismatched_codes_fp32, mismatched_codes_fp32);
        if (clipped_values != 0) atomic_add(&counters->clipped_values, clipped_values);
        if (nonfinite_values != 0) atomic_add(&counters->nonfinite_values, nonfinite_values);
        if (unjudged_codes != 0) atomic_add(&counters->unjudged_codes, unjudged_codes);
        if (mismatched_codes != 0) atomic_add(&counters->mismatched_codes, mismatched_codes);
        if (distant_codes != 0) atomic_add(&counters->distant_codes, distant_codes);
        if (mismatched_scales != 0) atomic_add(&counters->mismatched_scales, mismatched_scales);
        if (touched != 0) atomic_add(&counters->touched_past_counts, touched);
        if (first_row != kNoRow) atomic_min(&counters->first_row, first_row);
        if (first_touched_row != kNoRow) atomic_min(&counters->first_touched_row, first_touched_row);
        if (scale_error != 0.0F)
            atomic_max(&counters->max_scale_error_bits, numerics::float_bits(scale_error));
    }
};

MOESCOPE_DEVICE float relative_error(float got, float want) {
    const float error = divide(got > want ? got - want : want - got, want);
    return error >= 0.0F ? error : numerics::bits_float(kInfinityBits);  // no number: infinite
}

/// A lane's values of one group in both conventions and as they are.
struct GroupValues {
    float bf16[kMaxValues];
    float fp32[kMaxValues];
    double exact[kMaxValues];
    float amax_bf16 = 0.0F;
    float amax_fp32 = 0.0F;
    bool is_judged_for_fp32 = true;

    /// All lanes of a warp.
    MOESCOPE_DEVICE void load(InputType input, const std::uint16_t* gate, const std::uint16_t* up, int values,
                              int lane) {
        bool beyond = false;
        for (int i = 0; i < values; ++i) {
            const float x = numerics::input_to_float(input, gate[lane + 32 * i]);
            const float factor = numerics::input_to_float(input, up[lane + 32 * i]);
            const double silu = exact_silu(x);
            const float rounded = static_cast<float>(silu);
            exact[i] = silu * static_cast<double>(factor);
            fp32[i] = multiply(rounded, factor);
            bf16[i] = numerics::round_bf16(multiply(numerics::round_bf16(rounded), factor));
            amax_bf16 = larger_magnitude(amax_bf16, bf16[i]);
            amax_fp32 = larger_magnitude(amax_fp32, fp32[i]);
            beyond = beyond || !numerics::is_judged_for_fp32(x, fp32[i]);
        }
        amax_bf16 = max_over_warp(amax_bf16);
        amax_fp32 = max_over_warp(amax_fp32);
        is_judged_for_fp32 = ballot(beyond) == 0;
    }

  private:
    MOESCOPE_DEVICE static float larger_magnitude(float largest, float value) {
        const float magnitude = value < 0.0F ? -value : value;
        return magnitude > largest ? magnitude : largest;
    }
};

MOESCOPE_DEVICE std::uint8_t code_bf16(float value, float inverse) {
    return numerics::e4m3_encode(numerics::clamp_e4m3(numerics::round_bf16(multiply(value, inverse))));
}
MOESCOPE_DEVICE std::uint8_t code_fp32(float value, float scale) {
    return numerics::e4m3_encode(numerics::clamp_e4m3(divide(value, scale)));
}

/// Whatever the numerics: distance from the double value, and codes that each convention would not have.
MOESCOPE_DEVICE void measure_accuracy(const GroupValues& v, const std::uint8_t* codes, int values, int lane,
                                      bool ue8m0, float got_scale, Tally& tally) {
    const float plain_bf16 = numerics::scale_bf16(v.amax_bf16);
    const float plain_fp32 = numerics::scale_fp32(v.amax_fp32);
    const float scale_fp32 = ue8m0 ? numerics::ue8m0_round_up(plain_fp32) : plain_fp32;
    const float inverse = numerics::inverse_bf16(ue8m0 ? numerics::ue8m0_round_up(plain_bf16) : plain_bf16);
    const bool usable = got_scale > 0.0F && got_scale < numerics::bits_float(kInfinityBits);
    for (int i = 0; i < values; ++i) {
        const std::uint8_t code = codes[lane + 32 * i];
        if (code != code_bf16(v.bf16[i], inverse)) ++tally.mismatched_codes_bf16;
        if (code != code_fp32(v.fp32[i], scale_fp32)) ++tally.mismatched_codes_fp32;
        const double got = static_cast<double>(numerics::e4m3_decode(code)) * static_cast<double>(got_scale);
        if (!usable || !is_finite(got) || !is_finite(v.exact[i])) {
            ++tally.nonfinite_values;
            continue;
        }
        const double error = got - v.exact[i];
        tally.value_squares += v.exact[i] * v.exact[i];
        tally.error_squares += error * error;
        const double limit = numerics::kClippedFrom * static_cast<double>(got_scale);
        if (v.exact[i] > limit || v.exact[i] < -limit) ++tally.clipped_values;
    }
}

/// One group by one warp: compares the codes and returns the expected scale. Where rounding may differ
/// (fp32), codes are judged for the scale that the kernel wrote, if that is one: its own error is counted
/// apart.
MOESCOPE_DEVICE float compare_group(const CompareProblem& problem, std::int64_t row, std::int64_t group,
                                    int lane, float got_scale, Tally& tally) {
    const MaskedProblem& t = problem.tensors;
    const std::uint16_t* gate = t.input + row * 2 * t.hidden + group * problem.group_size;
    const std::uint8_t* codes = t.codes + row * t.hidden + group * problem.group_size;
    const bool fp32 = problem.numerics == Numerics::fp32;
    const bool ue8m0 = problem.format != ScaleFormat::fp32;
    const int values = static_cast<int>(problem.group_size / 32);

    GroupValues v;
    v.load(problem.input, gate, gate + t.hidden, values, lane);
    measure_accuracy(v, codes, values, lane, ue8m0, got_scale, tally);
    if (fp32 && !v.is_judged_for_fp32) {
        tally.unjudged_codes += static_cast<unsigned long long>(values);
        return got_scale;
    }

    const float unrounded = fp32 ? numerics::scale_fp32(v.amax_fp32) : numerics::scale_bf16(v.amax_bf16);
    const float want_scale = ue8m0 ? numerics::ue8m0_round_up(unrounded) : unrounded;
    const bool differs = numerics::float_bits(got_scale) != numerics::float_bits(want_scale);
    if (lane == 0 && differs && !(fp32 && ue8m0 && numerics::is_other_side_of_power(got_scale, unrounded))) {
        const float error = relative_error(got_scale, want_scale);
        tally.scale_error = error > tally.scale_error ? error : tally.scale_error;
    }

    const bool usable = fp32 && got_scale > 0.0F && got_scale < numerics::bits_float(kInfinityBits);
    const float scale = usable ? got_scale : want_scale;
    const float inverse = numerics::inverse_bf16(scale);
    for (int i = 0; i < values; ++i) {
        const std::uint8_t want = fp32 ? code_fp32(v.fp32[i], scale) : code_bf16(v.bf16[i], inverse);
        const std::uint8_t got = codes[lane + 32 * i];
        if (got == want) continue;
        ++tally.mismatched_codes;
        const bool is_near =
            fp32 ? numerics::is_code_within_tolerance(got, v.fp32[i], scale) : code_distance(got, want) <= 1;
        if (!is_near) ++tally.distant_codes;
        if (static_cast<unsigned long long>(row) < tally.first_row)
            tally.first_row = static_cast<unsigned long long>(row);
    }
    return want_scale;
}

/// All groups behind one scale word of a valid token.
MOESCOPE_DEVICE void compare_word(const CompareProblem& problem, std::int64_t row, std::int64_t word,
                                  int lane, std::uint32_t got, Tally& tally) {
    const bool packed = problem.format == ScaleFormat::ue8m0_packed;
    const std::int64_t groups = problem.tensors.hidden / problem.group_size;
    const std::int64_t first = packed ? word * 4 : word;
    const std::int64_t last = packed && first + 4 < groups ? first + 4 : (packed ? groups : first + 1);
    std::uint32_t want = 0;
    for (std::int64_t group = first; group < last; ++group) {
        const int byte = static_cast<int>(group - first);
        const std::uint32_t got_bits = packed ? (got >> (8 * byte) & 0xFFU) << 23 : got;
        const float scale = compare_group(problem, row, group, lane, numerics::bits_float(got_bits), tally);
        want |= packed ? numerics::ue8m0_byte(scale) << (8 * byte) : numerics::float_bits(scale);
    }
    if (lane == 0 && got != want) {
        ++tally.mismatched_scales;
        if (static_cast<unsigned long long>(row) < tally.first_row)
            tally.first_row = static_cast<unsigned long long>(row);
    }
}

/// What belongs to one scale word of a row that no kernel may write.
MOESCOPE_DEVICE void expect_untouched(const CompareProblem& problem, std::int64_t row, std::int64_t word,
                                      int lane, std::uint32_t got, Tally& tally) {
    const MaskedProblem& t = problem.tensors;
    const bool packed = problem.format == ScaleFormat::ue8m0_packed;
    const std::int64_t columns = problem.group_size * (packed ? 4 : 1);
    const std::int64_t begin = word * columns;
    const std::int64_t end = begin + columns < t.hidden ? begin + columns : t.hidden;
    unsigned long long touched = 0;
    for (std::int64_t column = begin + lane; column < end; column += 32) {
        if (t.codes[row * t.hidden + column] != problem.poison) ++touched;
    }
    if (lane == 0) {
        for (int byte = 0; byte < 4; ++byte) {
            if ((got >> (8 * byte) & 0xFFU) != problem.poison) ++touched;
        }
    }
    tally.touched += touched;
    if (touched != 0 && static_cast<unsigned long long>(row) < tally.first_touched_row)
        tally.first_touched_row = static_cast<unsigned long long>(row);
}

}  // namespace compare

/// Every row of the tensors, a warp for each scale word in turn.
MOESCOPE_KERNEL(256, 1)
compare_reference_kernel(const CompareProblem problem, DifferenceCounters* counters) {
    using namespace compare;
    const MaskedProblem& t = problem.tensors;
    const int lane = static_cast<int>(thread_index() % 32);
    const std::int64_t items = t.experts * t.max_tokens * t.scale_words;
    const std::int64_t step = static_cast<std::int64_t>(block_count()) * 8;
    Tally tally;
    for (std::int64_t item = static_cast<std::int64_t>(block_index()) * 8 + thread_index() / 32; item < items;
         item += step) {
        const std::int64_t row = item / t.scale_words;
        const std::int64_t word = item % t.scale_words;
        const std::int64_t expert = row / t.max_tokens;
        const std::int64_t token = row % t.max_tokens;
        const std::uint32_t got = t.scales[(expert * t.scale_words + word) * t.max_tokens + token];
        if (token < t.counts[expert]) {
            compare_word(problem, row, word, lane, got, tally);
        } else {
            expect_untouched(problem, row, word, lane, got, tally);
        }
    }
    tally.add_to(counters, lane);
}

}  // namespace moescope::cuda
