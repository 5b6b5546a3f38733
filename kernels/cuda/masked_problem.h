// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace moescope::cuda {

/// One launch on the masked layout (struct Shape): device pointers and sizes, passed to kernels by value.
struct MaskedProblem {
    const std::uint16_t* input = nullptr;  ///< bf16 or fp16, aligned to 16 bytes
    std::uint8_t* codes = nullptr;         ///< e4m3, aligned to 16 bytes
    std::uint32_t* scales = nullptr;       ///< words: float bits or four packed exponents
    const std::int32_t* counts = nullptr;  ///< E
    std::int64_t experts = 0;
    std::int64_t max_tokens = 0;
    std::int64_t hidden = 0;
    std::int64_t scale_words = 0;  ///< per token
};

}  // namespace moescope::cuda
