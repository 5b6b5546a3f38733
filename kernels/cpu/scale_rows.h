// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace moescope::cpu {

/// Scale words of some groups of consecutive tokens of one expert, collected to be written line by line. In
/// the layout each word of a token lies in a line of its own, which sixteen tokens share: written one by one,
/// each word takes its line from the second cache again, or from memory only to be overwritten.
struct ScaleRows {
    static constexpr int kTokens = 16;  ///< words of a line

    const std::uint32_t* from = nullptr;  ///< of the first token, first word; kTokens words to its next one
    std::uint32_t* to = nullptr;          ///< the place of that word
    std::int64_t stride = 0;              ///< words between the places of two words of a token
    int words = 0;                        ///< of each token
    int tokens = 0;
};

/// Writes all of them to their places.
void write_rows(const ScaleRows& rows);

}  // namespace moescope::cpu
