// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tables behind the vector kernels, made once from the reference. Plain structs only (see block_kernels.h).

#include <cstdint>

namespace moescope::cpu {

/// bf16(silu(gate)) for each of the 65,536 gates of a type, as the bits of a float.
struct SiluTable {
    alignas(64) std::uint32_t words[65536];
};

/// What rounding does to e4m3 codes. bf16(v * inverse) of two bf16 values with exponent 0 is between 1 and 4;
/// added to the upper three mantissa bits of v, steps[mantissa of inverse][mantissa of v] gives its e4m3
/// code, counted from that of 1. Other exponents add multiples of eight, as long as codes are normal.
struct CodeSteps {
    alignas(64) std::uint8_t steps[128][128];
};

/// Made at the first call.
const SiluTable& silu_table();
/// Of fp16 gates, times 2^112: an fp16 number whose bits are taken for the upper ones of a float's exponent
/// and mantissa is 2^-112 of what it was, so that the product needs no further step. Infinite for the gates,
/// near the largest, whose silu is rounded to 65,536.
const SiluTable& fp16_silu_table();
const CodeSteps& code_steps();

}  // namespace moescope::cpu
