// SPDX-License-Identifier: Apache-2.0
#include "scale_rows.h"

#include <algorithm>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace moescope::cpu {
namespace {

constexpr std::uintptr_t kLine = 64;

/// A whole line, without fetching what was there.
void write_line(std::uint32_t* to, const std::uint32_t* from) {
#if defined(__SSE2__)
    for (int i = 0; i < 4; ++i)
        _mm_stream_si128(reinterpret_cast<__m128i*>(to) + i,
                         _mm_load_si128(reinterpret_cast<const __m128i*>(from) + i));
#else
    std::memcpy(to, from, kLine);
#endif
}

}  // namespace

void write_rows(const ScaleRows& rows) {
    const std::uint32_t* from = rows.from;
    std::uint32_t* to = rows.to;
    for (int word = 0; word < rows.words; ++word, from += ScaleRows::kTokens, to += rows.stride) {
        if (rows.tokens == ScaleRows::kTokens && reinterpret_cast<std::uintptr_t>(to) % kLine == 0)
            write_line(to, from);
        else
            std::copy_n(from, rows.tokens, to);
    }
}

}  // namespace moescope::cpu
