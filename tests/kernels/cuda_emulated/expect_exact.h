// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a kernel that claims bf16 has left in its tensors, against the reference.

#include <gtest/gtest.h>

#include <string>

#include "masked_tensors.h"

namespace moescope::test {

inline std::string label(const HostTensors& tensors) {
    const Shape& s = tensors.shape;
    return "E=" + std::to_string(s.experts) + " T=" + std::to_string(s.max_tokens) +
           " H=" + std::to_string(s.hidden) + " G=" + std::to_string(s.group_size) + " " +
           std::string(to_string(s.scale_format)) + " " + std::string(to_string(s.input_type)) +
           " n=" + std::to_string(tensors.tokens());
}

/// Outputs equal to the reference's, byte for byte, what lies past counts included.
inline void expect_exact(const HostTensors& tensors) {
    const HostTensors expected = reference_of(tensors, Numerics::bf16);
    EXPECT_EQ(tensors.codes, expected.codes) << label(tensors);
    EXPECT_EQ(tensors.scales, expected.scales) << label(tensors);
}

}  // namespace moescope::test
