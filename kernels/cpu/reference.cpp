// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/reference.h"

#include <array>
#include <cmath>

#include "moescope/kernels/input_value.h"

namespace moescope::reference {
namespace {

/// silu of every value of a type, as it is, as fp32 and rounded to bf16.
struct SiluTable {
    std::array<double, 65536> exact;
    std::array<float, 65536> fp32;
    std::array<float, 65536> bf16;

    explicit SiluTable(InputType input) {
        for (std::uint32_t bits = 0; bits < 65536; ++bits) {
            exact[bits] = silu_double(numerics::input_to_float(input, static_cast<std::uint16_t>(bits)));
            fp32[bits] = static_cast<float>(exact[bits]);
            bf16[bits] = numerics::round_bf16(fp32[bits]);
        }
    }
};

const SiluTable& silu_table(InputType input) {
    if (input == InputType::fp16) {
        static const SiluTable fp16(InputType::fp16);
        return fp16;
    }
    static const SiluTable bf16(InputType::bf16);
    return bf16;
}

/// The values of one group before quantization; returns amax.
float silu_mul(Numerics numerics, InputType input, const std::uint16_t* gate, const std::uint16_t* up,
               std::int64_t size, float* values) {
    const SiluTable& table = silu_table(input);
    const bool fp32 = numerics == Numerics::fp32;
    float amax = 0.0F;
    for (std::int64_t i = 0; i < size; ++i) {
        const float factor = numerics::input_to_float(input, up[i]);
        values[i] = fp32 ? table.fp32[gate[i]] * factor : numerics::round_bf16(table.bf16[gate[i]] * factor);
        const float magnitude = std::fabs(values[i]);
        if (magnitude > amax) amax = magnitude;
    }
    return amax;
}

void encode(Numerics numerics, float scale, const float* values, std::int64_t size, std::uint8_t* codes) {
    const bool fp32 = numerics == Numerics::fp32;
    const float inverse = numerics::inverse_bf16(scale);
    for (std::int64_t i = 0; i < size; ++i) {
        const float scaled = fp32 ? values[i] / scale : numerics::round_bf16(values[i] * inverse);
        codes[i] = numerics::e4m3_encode(numerics::clamp_e4m3(scaled));
    }
}

constexpr std::int64_t kMaxGroup = 256;

}  // namespace

double silu_double(float x) {
    const double value = x;
    // exp() of a number that is not positive, so that nothing overflows on the way.
    if (value >= 0.0) return value / (1.0 + std::exp(-value));
    const double e = std::exp(value);
    return value * e / (1.0 + e);
}

float silu(float x) {
    return static_cast<float>(silu_double(x));
}

double silu_exact(std::uint16_t gate, InputType input) {
    return silu_table(input).exact[gate];
}

float silu_fp32(std::uint16_t gate, InputType input) {
    return silu_table(input).fp32[gate];
}

float silu_bf16(std::uint16_t gate, InputType input) {
    return silu_table(input).bf16[gate];
}

float quantize_group(Numerics numerics, bool ue8m0, const std::uint16_t* gate, const std::uint16_t* up,
                     std::int64_t group_size, std::uint8_t* codes, InputType input) {
    std::array<float, kMaxGroup> values;
    const float amax = silu_mul(numerics, input, gate, up, group_size, values.data());
    const float scale = numerics == Numerics::fp32 ? numerics::scale_fp32(amax) : numerics::scale_bf16(amax);
    encode(numerics, ue8m0 ? numerics::ue8m0_round_up(scale) : scale, values.data(), group_size, codes);
    return scale;
}

void encode_group(Numerics numerics, float scale, const std::uint16_t* gate, const std::uint16_t* up,
                  std::int64_t group_size, std::uint8_t* codes, InputType input) {
    std::array<float, kMaxGroup> values;
    silu_mul(numerics, input, gate, up, group_size, values.data());
    encode(numerics, scale, values.data(), group_size, codes);
}

void quantize_token(const Shape& shape, Numerics numerics, const std::uint16_t* row, std::uint8_t* codes,
                    std::uint32_t* scales, std::int64_t scale_stride) {
    const bool ue8m0 = shape.scale_format != ScaleFormat::fp32;
    const bool packed = shape.scale_format == ScaleFormat::ue8m0_packed;
    if (packed)
        for (std::int64_t w = 0; w < shape.scale_words(); ++w) scales[w * scale_stride] = 0;
    for (std::int64_t g = 0; g < shape.groups(); ++g) {
        const std::int64_t column = g * shape.group_size;
        float scale = quantize_group(numerics, ue8m0, row + column, row + shape.hidden + column,
                                     shape.group_size, codes + column, shape.input_type);
        if (ue8m0) scale = numerics::ue8m0_round_up(scale);
        if (packed)
            scales[g / 4 * scale_stride] |= numerics::ue8m0_byte(scale) << (8 * (g % 4));
        else
            scales[g * scale_stride] = numerics::float_bits(scale);
    }
}

void quantize_masked(const Shape& shape, Numerics numerics, std::span<const std::int32_t> counts,
                     const std::uint16_t* input, std::uint8_t* codes, std::uint32_t* scales) {
    const std::int64_t words = shape.scale_words();
    for (std::int64_t e = 0; e < shape.experts; ++e)
        for (std::int64_t t = 0; t < counts[static_cast<std::size_t>(e)]; ++t) {
            const std::int64_t token = e * shape.max_tokens + t;
            quantize_token(shape, numerics, input + token * 2 * shape.hidden, codes + token * shape.hidden,
                           scales + e * shape.max_tokens * words + t, shape.max_tokens);
        }
}

}  // namespace moescope::reference
