// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "moescope/kernels/numerics.h"
#include "moescope/workload/shape.h"

namespace moescope::numerics {

/// The value of 16 bits of input, exactly.
MOESCOPE_HD float input_to_float(InputType type, std::uint16_t bits) {
    return type == InputType::fp16 ? fp16_to_float(bits) : bf16_to_float(bits);
}

/// The bits nearest to `value`, ties to even.
MOESCOPE_HD std::uint16_t float_to_input(InputType type, float value) {
    return type == InputType::fp16 ? float_to_fp16(value) : float_to_bf16(value);
}

}  // namespace moescope::numerics
