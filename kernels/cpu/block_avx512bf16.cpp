// SPDX-License-Identifier: Apache-2.0

// AVX-512 with the conversion to bf16 and the byte permutations (BF16, VBMI), compiled with these flags.

#include "block_avx512_impl.h"

namespace moescope::cpu {

void quantize_blocks_avx512bf16(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::computed>(blocks, count);
}

void quantize_fp16_blocks_avx512bf16(const QuantizeBlock* blocks, int count) {
    quantize_blocks<Silu::from_fp16_table>(blocks, count);
}

}  // namespace moescope::cpu
