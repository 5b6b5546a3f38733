// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "moescope/workload/shape.h"

// The operation, written to be read and trusted, not to be fast: scalar, one group at a time. Every kernel is
// compared with these. Arithmetic comes from numerics.h; here are the order of operations and the layout.
//
//   bf16   g = bf16(float(silu(gate))), v = bf16(g * up), amax = max |v|, s = scale_bf16(amax),
//          q = e4m3(clamp(bf16(v * bf16(1/s))))
//   fp32   g = float(silu(gate)),       v = g * up,       amax = max |v|, s = scale_fp32(amax),
//          q = e4m3(clamp(v / s))
//
// with s rounded up to a power of two in the UE8M0 formats. silu is evaluated in double and rounded to fp32.
// Gates and ups are bf16 or fp16 and converted to fp32 exactly, so that both conventions hold for either
// type; with fp16 the product of a bf16 silu and an fp16 up is exact in fp32 before it is rounded to bf16.
// Not-a-number: amax ignores it (as the maximum of the hardware does), and its own code is 0x7F. Infinite v
// makes s infinite: finite values of that group become zeros, the infinite ones 0x7F.
namespace moescope::reference {

/// x / (1 + exp(-x)) in double, rounded to fp32. No overflow for very negative x; -infinity gives NaN.
float silu(float x);
/// Not rounded.
double silu_double(float x);
/// silu() from a table with one entry for each of the 65,536 values of the type.
float silu_fp32(std::uint16_t gate, InputType input = InputType::bf16);
/// silu_double() likewise.
double silu_exact(std::uint16_t gate, InputType input = InputType::bf16);
/// round_bf16 of silu_fp32, as a float.
float silu_bf16(std::uint16_t gate, InputType input = InputType::bf16);

/// One group of one token: `gate` and `up` are `group_size` values each; writes as many codes. Returns the
/// scale before UE8M0 rounding; the codes are those of the scale after it if `ue8m0`.
float quantize_group(Numerics numerics, bool ue8m0, const std::uint16_t* gate, const std::uint16_t* up,
                     std::int64_t group_size, std::uint8_t* codes, InputType input = InputType::bf16);
/// The codes of one group for a scale that is given (fp32 or power of two).
void encode_group(Numerics numerics, float scale, const std::uint16_t* gate, const std::uint16_t* up,
                  std::int64_t group_size, std::uint8_t* codes, InputType input = InputType::bf16);

/// One token: `row` is 2H values of shape.input_type; writes H codes and shape.scale_words() scale words,
/// `scale_stride` words apart (T in the masked layout). A word is a float's bits or four packed exponents.
void quantize_token(const Shape& shape, Numerics numerics, const std::uint16_t* row, std::uint8_t* codes,
                    std::uint32_t* scales, std::int64_t scale_stride);

/// The whole masked tensor (layout: struct Shape); rows at or past counts[e] are not touched.
void quantize_masked(const Shape& shape, Numerics numerics, std::span<const std::int32_t> counts,
                     const std::uint16_t* input, std::uint8_t* codes, std::uint32_t* scales);

}  // namespace moescope::reference
