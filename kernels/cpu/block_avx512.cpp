// SPDX-License-Identifier: Apache-2.0

// AVX-512 (F, BW, VL, DQ), compiled with these flags.

#include "block_avx512_impl.h"

namespace moescope::cpu {

void quantize_blocks_avx512(const QuantizeBlock* blocks, int count) {
    quantize_blocks<false>(blocks, count);
}

void quantize_blocks_avx512gather(const QuantizeBlock* blocks, int count) {
    quantize_blocks<true>(blocks, count);
}

}  // namespace moescope::cpu
