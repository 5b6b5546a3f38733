// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// Single operations of kernels/cuda on arrays in device memory, to see what the hardware makes of them.
namespace moescope::test {

/// silu[i] = bf16 bits of silu_for_bf16(gate i), for i in 0..65535.
cudaError_t probe_silu(std::uint32_t* silu);
/// codes[i] = both codes of pack_e4m3x2(values[i], -values[i]).
cudaError_t probe_e4m3(const float* values, std::uint32_t* codes, int count);
/// products[i] = multiply_bf16x2(a[i], b[i]); larger[i] = max_bf16x2 of them.
cudaError_t probe_bf16x2(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* products,
                         std::uint32_t* larger, int count);
/// packed[i] = pack_bf16x2(values[i], -values[i]).
cudaError_t probe_pack(const float* values, std::uint32_t* packed, int count);
/// For amax of bf16 bits i in 0..0x7F80: group_scale bits without and with power of two, and the inverse of
/// each.
cudaError_t probe_scales(std::uint32_t* four_each);

/// floats[2i], floats[2i + 1] = low_fp16 and high_fp16 of pairs[i]; packed[i] = pack_fp16x2 of these.
cudaError_t probe_fp16(const std::uint32_t* pairs, float* floats, std::uint32_t* packed, int count);
/// products[4i...] = fp16_products of eight gates of bits i, for i in 0..65535, with that up.
cudaError_t probe_fp16_products(std::uint16_t up, std::uint32_t* products);

}  // namespace moescope::test
