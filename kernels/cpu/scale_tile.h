// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace moescope::cpu {

/// Scale words of up to 16 consecutive tokens of one expert, collected to be written line by line. In the
/// layout each word of a token lies in a line of its own, which sixteen tokens share: written one by one,
/// each word takes its line from the second cache again, or from memory only to be overwritten.
struct ScaleTile {
    static constexpr int kTokens = 16;  ///< words of a line

    const std::uint32_t* words =
        nullptr;                      ///< of word 0 for kTokens tokens, of word 1, ...; aligned to a line
    std::uint32_t* target = nullptr;  ///< of word 0 of the first token
    std::int64_t stride = 0;          ///< between the places of two words of a token
    std::int64_t words_per_token = 0;
    int tokens = 0;
    std::int64_t first_word = 0;  ///< of the first token, whose earlier words are another thread's
    std::int64_t end_word = 0;    ///< of the last token, likewise
};

/// Writes all of them to their places.
void write_tile(const ScaleTile& tile);

}  // namespace moescope::cpu
