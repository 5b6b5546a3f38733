// SPDX-License-Identifier: Apache-2.0

// AVX-512 (F, BW, VL, DQ), compiled with these flags; and the stream, which needs no more.

#include "block_avx512_impl.h"

namespace moescope::cpu {

void quantize_blocks_avx512(const QuantizeBlock* blocks, int count) {
    quantize_blocks(blocks, count);
}

void stream_block_avx512(const StreamBlock& block) {
    const bool aligned = reinterpret_cast<std::uintptr_t>(block.target) % 64 == 0;
    std::int64_t i = 0;
    for (; aligned && i + 64 <= block.bytes; i += 64) {
        const std::uint8_t* source = block.source + 4 * i;
        const __m512i a = _mm512_loadu_si512(source);
        const __m512i b = _mm512_loadu_si512(source + 64);
        const __m512i c = _mm512_loadu_si512(source + 128);
        const __m512i d = _mm512_loadu_si512(source + 192);
        _mm512_stream_si512(reinterpret_cast<__m512i*>(block.target + i),
                            _mm512_xor_si512(_mm512_ternarylogic_epi32(a, b, c, 0x96), d));
    }
    if (i < block.bytes) stream_block_avx2({block.source + 4 * i, block.target + i, block.bytes - i});
}

}  // namespace moescope::cpu
