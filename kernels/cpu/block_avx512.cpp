// SPDX-License-Identifier: Apache-2.0

// AVX-512 (F, BW, VL, DQ), compiled with these flags.

#include "block_avx512_impl.h"

namespace moescope::cpu {

void quantize_blocks_avx512(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::computed>(blocks, count);
}

void quantize_blocks_avx512gather(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::from_table>(blocks, count);
}

void quantize_fp16_blocks_avx512(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::from_fp16_table>(blocks, count);
}

}  // namespace moescope::cpu
