// SPDX-License-Identifier: Apache-2.0
#include "scale_tile.h"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace moescope::cpu {
namespace {

constexpr std::uintptr_t kLine = 64;

/// A whole line, without fetching what was there.
void write_line(std::uint32_t* target, const std::uint32_t* words) {
#if defined(__SSE2__)
    const auto* from = reinterpret_cast<const __m128i*>(words);
    auto* to = reinterpret_cast<__m128i*>(target);
    for (int i = 0; i < 4; ++i) _mm_stream_si128(to + i, _mm_load_si128(from + i));
#else
    std::memcpy(target, words, kLine);
#endif
}

}  // namespace

void write_tile(const ScaleTile& tile) {
    const bool whole_rows = tile.tokens > 1;
    const std::int64_t begin_word = whole_rows ? 0 : tile.first_word;
    const std::int64_t end_word = whole_rows ? tile.words_per_token : tile.end_word;
    for (std::int64_t word = begin_word; word < end_word; ++word) {
        const int begin = word < tile.first_word ? 1 : 0;
        const int end = word < tile.end_word ? tile.tokens : tile.tokens - 1;
        const std::uint32_t* const from = tile.words + word * ScaleTile::kTokens;
        std::uint32_t* const to = tile.target + word * tile.stride;
        if (end - begin == ScaleTile::kTokens && reinterpret_cast<std::uintptr_t>(to) % kLine == 0)
            write_line(to, from);
        else if (begin < end)
            std::copy(from + begin, from + end, to + begin);
    }
}

}  // namespace moescope::cpu
