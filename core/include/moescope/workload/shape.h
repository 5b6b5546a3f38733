// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moescope/message.h"

namespace moescope {

/// How the per-group scales are stored.
enum class ScaleFormat {
    fp32,          ///< float, any value
    fp32_ue8m0,    ///< float, rounded up to a power of two
    ue8m0_packed,  ///< int32, the biased 8-bit exponents of four consecutive groups, lowest byte first
};

/// What the input holds: 16 bits a value in either type.
enum class InputType {
    bf16,
    fp16,  ///< IEEE half precision; gates and ups are converted to fp32 exactly
};

/// The rounding convention of a kernel; see docs/how-it-measures.md and the scalar references.
enum class Numerics {
    fp32,  ///< every intermediate in fp32
    bf16,  ///< silu, product, amax, scale and reciprocal rounded to bf16
};

std::string_view to_string(ScaleFormat format);
std::string_view to_string(InputType type);
std::string_view to_string(Numerics numerics);
/// Throws Error for a name that is none of `fp32`, `fp32-ue8m0`, `ue8m0-packed`.
ScaleFormat parse_scale_format(std::string_view text);
/// Throws Error for a name that is none of `bf16`, `fp16`.
InputType parse_input_type(std::string_view text);

/// Tensor shapes of one problem on the masked layout.
///
///   input   bf16 or fp16 (E, T, 2H) contiguous; columns [0,H) gate, [H,2H) up
///   codes   e4m3fn (E, T, H)        contiguous
///   scales  (E, T, W)               strides (T*W, 1, T) in words of four bytes
///   with W = H/G (fp32 formats) or ceil(H/G/4) (packed).
struct Shape {
    std::int64_t experts = 0;     ///< E
    std::int64_t max_tokens = 0;  ///< T, rows allocated per expert
    std::int64_t hidden = 0;      ///< H, output columns
    std::int64_t group_size = 0;  ///< G, columns per scale
    ScaleFormat scale_format = ScaleFormat::fp32;
    InputType input_type = InputType::bf16;

    std::int64_t groups() const { return hidden / group_size; }
    /// W above: four-byte words of scale per token.
    std::int64_t scale_words() const {
        return scale_format == ScaleFormat::ue8m0_packed ? (groups() + 3) / 4 : groups();
    }
    std::int64_t rows() const { return experts * max_tokens; }
    std::int64_t input_bytes() const { return rows() * hidden * 4; }
    std::int64_t code_bytes() const { return rows() * hidden; }
    std::int64_t scale_bytes() const { return rows() * scale_words() * 4; }
    /// Bytes that one valid token moves: 4H read, H + scales written (SPEC section 3).
    std::int64_t bytes_per_token() const { return hidden * 5 + scale_words() * 4; }

    bool operator==(const Shape&) const = default;
};

/// Why this shape is not a valid problem, or nothing when it is. Limits: E 1..65536, T 1..1048576,
/// H 1..1048576, G one of 32, 64, 128, 256 and a divisor of H.
std::optional<Message> shape_problem(const Shape& shape);

}  // namespace moescope
