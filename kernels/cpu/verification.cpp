// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "moescope/kernels/input_value.h"
#include "moescope/kernels/reference.h"
#include "moescope/kernels/tolerance.h"

namespace moescope {
namespace {

constexpr int kNanCode = 0x7F;

double relative_error(float got, float want) {
    const double error = std::fabs(static_cast<double>(got) - want) / want;
    return error >= 0.0 ? error : std::numeric_limits<double>::infinity();  // not a number: no scale at all
}

/// What the order of additions cannot change.
double six_digits(double value) {
    return std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr);
}

/// v of the fp32 convention.
float product_fp32(InputType input, std::uint16_t gate, std::uint16_t up) {
    return reference::silu_fp32(gate, input) * numerics::input_to_float(input, up);
}

bool is_judged_for_fp32(InputType input, const std::uint16_t* gate, const std::uint16_t* up,
                        std::int64_t group_size) {
    for (std::int64_t i = 0; i < group_size; ++i) {
        const float value = product_fp32(input, gate[i], up[i]);
        if (!numerics::is_judged_for_fp32(numerics::input_to_float(input, gate[i]), value)) return false;
    }
    return true;
}

std::string describe_code(std::uint8_t code) {
    const float value = numerics::e4m3_decode(code);
    return std::isnan(value) ? fmt::format("0x{:02X} (NaN)", code)
                             : fmt::format("0x{:02X} ({:g})", code, value);
}

}  // namespace

void Differences::merge(const Differences& later) {
    codes += later.codes;
    mismatched_codes += later.mismatched_codes;
    distant_codes += later.distant_codes;
    scales += later.scales;
    mismatched_scales += later.mismatched_scales;
    touched_past_counts += later.touched_past_counts;
    max_scale_error = std::max(max_scale_error, later.max_scale_error);
    value_squares += later.value_squares;
    error_squares += later.error_squares;
    mismatched_codes_bf16 += later.mismatched_codes_bf16;
    mismatched_codes_fp32 += later.mismatched_codes_fp32;
    clipped_values += later.clipped_values;
    nonfinite_values += later.nonfinite_values;
    unjudged_codes += later.unjudged_codes;
    if (first.empty()) first = later.first;
}

int e4m3_distance(std::uint8_t a, std::uint8_t b) {
    const int x = a & 0x7F;
    const int y = b & 0x7F;
    if (x == kNanCode || y == kNanCode) return x == y ? 0 : 255;
    return std::abs(((a & 0x80) != 0 ? -x : x) - ((b & 0x80) != 0 ? -y : y));
}

TokenComparison::TokenComparison(const Shape& shape, Numerics numerics)
    : m_shape(shape),
      m_numerics(numerics),
      m_expected(static_cast<std::size_t>(shape.group_size)),
      m_convention(m_expected.size()) {}

void TokenComparison::compare(std::int64_t expert, std::int64_t token, const std::uint16_t* row,
                              const std::uint8_t* codes, const std::uint32_t* scales,
                              std::int64_t scale_stride) {
    const bool packed = m_shape.scale_format == ScaleFormat::ue8m0_packed;
    const std::int64_t per_word = packed ? 4 : 1;
    m_differences.codes += m_shape.hidden;
    m_differences.scales += m_shape.scale_words();
    for (std::int64_t word = 0; word < m_shape.scale_words(); ++word) {
        const std::uint32_t got = scales[word * scale_stride];
        std::uint32_t want = 0;
        for (std::int64_t byte = 0; byte < per_word && word * per_word + byte < m_shape.groups(); ++byte) {
            const std::uint32_t got_bits = packed ? (got >> (8 * byte) & 0xFFU) << 23 : got;
            const std::uint32_t want_bits =
                compare_group({expert, token, word * per_word + byte}, row, codes, got_bits);
            want |= packed ? want_bits >> 23 << (8 * byte) : want_bits;
        }
        if (got == want) continue;
        ++m_differences.mismatched_scales;
        if (m_differences.first.empty())
            m_differences.first =
                fmt::format("expert {}, token {}, scale word {}: got 0x{:08X}, expected 0x{:08X}", expert,
                            token, word, got, want);
    }
}

std::uint32_t TokenComparison::compare_group(const Place& place, const std::uint16_t* row,
                                             const std::uint8_t* codes, std::uint32_t got_bits) {
    const std::int64_t column = place.group * m_shape.group_size;
    const std::uint16_t* gate = row + column;
    const std::uint16_t* up = gate + m_shape.hidden;
    const bool ue8m0 = m_shape.scale_format != ScaleFormat::fp32;
    count_accuracy(gate, up, codes + column, numerics::bits_float(got_bits));
    count_conventions(gate, up, codes + column);
    if (m_numerics == Numerics::fp32 &&
        !is_judged_for_fp32(m_shape.input_type, gate, up, m_shape.group_size)) {
        m_differences.unjudged_codes += m_shape.group_size;
        return got_bits;
    }
    const float unrounded = reference::quantize_group(m_numerics, ue8m0, gate, up, m_shape.group_size,
                                                      m_expected.data(), m_shape.input_type);
    const float want = ue8m0 ? numerics::ue8m0_round_up(unrounded) : unrounded;
    const float got = numerics::bits_float(got_bits);
    const bool differs = got_bits != numerics::float_bits(want);
    const bool may_round = m_numerics == Numerics::fp32;
    if (differs && !(may_round && ue8m0 && numerics::is_other_side_of_power(got, unrounded)))
        m_differences.max_scale_error = std::max(m_differences.max_scale_error, relative_error(got, want));
    // Where rounding may differ, codes are judged for the scale that the kernel wrote, if that is one.
    const bool usable = may_round && got > 0.0F && std::isfinite(got);
    if (differs && usable)
        reference::encode_group(m_numerics, got, gate, up, m_shape.group_size, m_expected.data(),
                                m_shape.input_type);
    if (std::memcmp(codes + column, m_expected.data(), m_expected.size()) != 0)
        count_codes(place, gate, up, codes + column, usable ? got : want);
    return numerics::float_bits(want);
}

void TokenComparison::count_accuracy(const std::uint16_t* gate, const std::uint16_t* up,
                                     const std::uint8_t* codes, float scale) {
    const bool usable = scale > 0.0F && std::isfinite(scale);
    for (std::int64_t i = 0; i < m_shape.group_size; ++i) {
        const double value = reference::silu_exact(gate[i], m_shape.input_type) *
                             static_cast<double>(numerics::input_to_float(m_shape.input_type, up[i]));
        const double got = static_cast<double>(numerics::e4m3_decode(codes[i])) * static_cast<double>(scale);
        if (!usable || !std::isfinite(value) || !std::isfinite(got)) {
            ++m_differences.nonfinite_values;
            continue;
        }
        m_differences.value_squares += value * value;
        m_differences.error_squares += (got - value) * (got - value);
        if (std::fabs(value) > numerics::kClippedFrom * static_cast<double>(scale))
            ++m_differences.clipped_values;
    }
}

void TokenComparison::count_conventions(const std::uint16_t* gate, const std::uint16_t* up,
                                        const std::uint8_t* codes) {
    const bool ue8m0 = m_shape.scale_format != ScaleFormat::fp32;
    for (const Numerics numerics : {Numerics::bf16, Numerics::fp32}) {
        reference::quantize_group(numerics, ue8m0, gate, up, m_shape.group_size, m_convention.data(),
                                  m_shape.input_type);
        std::int64_t differing = 0;
        for (std::size_t i = 0; i < m_convention.size(); ++i)
            differing += codes[i] != m_convention[i] ? 1 : 0;
        (numerics == Numerics::bf16 ? m_differences.mismatched_codes_bf16
                                    : m_differences.mismatched_codes_fp32) += differing;
    }
}

void TokenComparison::count_codes(const Place& place, const std::uint16_t* gate, const std::uint16_t* up,
                                  const std::uint8_t* codes, float scale) {
    for (std::size_t i = 0; i < m_expected.size(); ++i) {
        if (codes[i] == m_expected[i]) continue;
        ++m_differences.mismatched_codes;
        const bool is_near = m_numerics == Numerics::fp32
                                 ? numerics::is_code_within_tolerance(
                                       codes[i], product_fp32(m_shape.input_type, gate[i], up[i]), scale)
                                 : e4m3_distance(codes[i], m_expected[i]) <= 1;
        if (!is_near) ++m_differences.distant_codes;
        if (m_differences.first.empty())
            m_differences.first = fmt::format(
                "expert {}, token {}, column {}: got code {}, expected {}{}", place.expert, place.token,
                place.group * m_shape.group_size + static_cast<std::int64_t>(i), describe_code(codes[i]),
                describe_code(m_expected[i]), codes[i] == kPoisonByte ? " (never written)" : "");
    }
}

void TokenComparison::expect_untouched(const void* data, std::int64_t bytes, const std::string& what) {
    const auto* begin = static_cast<const std::uint8_t*>(data);
    const auto* end = begin + bytes;
    const auto is_touched = [](std::uint8_t byte) { return byte != kPoisonByte; };
    // Nearly always all of it is untouched: compared with itself, one byte on, at the speed of memory.
    if (bytes == 0 ||
        (!is_touched(*begin) && std::memcmp(begin, begin + 1, static_cast<std::size_t>(bytes - 1)) == 0))
        return;
    const auto* first = std::find_if(begin, end, is_touched);
    m_differences.touched_past_counts += std::count_if(first, end, is_touched);
    if (m_differences.first.empty())
        m_differences.first = fmt::format("{}: byte {} was written (0x{:02X})", what, first - begin, *first);
}

Verification judge(Numerics numerics, const Differences& differences) {
    Verification verdict;
    verdict.done = true;
    verdict.reference = std::string(to_string(numerics));
    verdict.values = differences.codes;
    verdict.mismatched_codes = differences.mismatched_codes;
    verdict.mismatched_scales = differences.mismatched_scales;
    verdict.touched_past_counts = differences.touched_past_counts;
    verdict.max_scale_error = differences.max_scale_error;
    verdict.mismatched_codes_bf16 = differences.mismatched_codes_bf16;
    verdict.mismatched_codes_fp32 = differences.mismatched_codes_fp32;
    verdict.clipped_values = differences.clipped_values;
    verdict.nonfinite_values = differences.nonfinite_values;
    verdict.unjudged_codes = differences.unjudged_codes;
    if (differences.value_squares > 0.0) {
        verdict.relative_error = six_digits(std::sqrt(differences.error_squares / differences.value_squares));
        if (*verdict.relative_error > 0.0)
            verdict.sqnr_db = six_digits(-20.0 * std::log10(*verdict.relative_error));
    }
    const bool untouched = differences.touched_past_counts == 0;
    if (numerics == Numerics::bf16) {
        verdict.passed = untouched && differences.mismatched_codes == 0 && differences.mismatched_scales == 0;
    } else {
        verdict.passed = untouched && differences.distant_codes == 0 &&
                         differences.max_scale_error <= numerics::kFp32ScaleTolerance;
    }
    if (!verdict.passed)
        verdict.note = differences.first.empty() ? "differs from the reference" : differences.first;
    return verdict;
}

}  // namespace moescope
