// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "masked_tensors.h"
#include "moescope/kernels/verification.h"

namespace moescope::test {

/// What the host's comparison finds: in valid tokens, and in what lies past the counts.
inline Differences compare_on_host(const HostTensors& tensors, Numerics numerics) {
    TokenComparison comparison(tensors.shape, numerics);
    const Shape& s = tensors.shape;
    for (std::int64_t e = 0; e < s.experts; ++e)
        for (std::int64_t t = 0; t < s.max_tokens; ++t) {
            const std::int64_t row = e * s.max_tokens + t;
            const std::uint8_t* codes = tensors.codes.data() + row * s.hidden;
            const std::uint32_t* scales = tensors.scales.data() + e * s.max_tokens * s.scale_words() + t;
            if (t < tensors.counts[static_cast<std::size_t>(e)]) {
                comparison.compare(e, t, tensors.input.data() + row * 2 * s.hidden, codes, scales,
                                   s.max_tokens);
                continue;
            }
            comparison.expect_untouched(codes, s.hidden, "codes");
            for (std::int64_t w = 0; w < s.scale_words(); ++w)
                comparison.expect_untouched(scales + w * s.max_tokens, 4, "scales");
        }
    return comparison.differences();
}

}  // namespace moescope::test
