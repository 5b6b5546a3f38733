// SPDX-License-Identifier: Apache-2.0
#pragma once

// The fit behind silu in the AVX-512 kernel (avx512_silu.h). Here alone so that the tests can prove it for
// every gate and for every reciprocal that the instruction may give. Constants only (see block_kernels.h).

namespace moescope::cpu::silu_fit {

inline constexpr float kMinusLog2E = -1.442695041F;
/// 2^f for f in [0, 1): coefficients of f^0 to f^4. About 4e-6 of relative error, placed where no gate's silu
/// comes out on the wrong side of the middle of two bf16 values.
inline constexpr float kExp2[5] = {0x1.ffffe8p-1F, 0x1.62e4b2p-1F, 0x1.eb2fdp-3F, 0x1.c92decp-5F,
                                   0x1.6f8308p-7F};

}  // namespace moescope::cpu::silu_fit
