// SPDX-License-Identifier: Apache-2.0
#include "device_probe.h"

#include "bf16_quantize.cuh"

namespace moescope::test {
namespace {

using namespace device;

__device__ int global_index() {
    return static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
}
int blocks_for(int count) {
    return (count + 255) / 256;
}

__global__ void silu_probe(std::uint32_t* silu) {
    const int gate = global_index();
    silu[gate] = pack_bf16x2(silu_for_bf16(numerics::bf16_to_float(static_cast<std::uint16_t>(gate))), 0.0F);
}

__global__ void e4m3_probe(const float* values, std::uint32_t* codes, int count) {
    const int i = global_index();
    if (i < count) codes[i] = pack_e4m3x2(values[i], -values[i]);
}

__global__ void bf16x2_probe(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* products,
                             std::uint32_t* larger, int count) {
    const int i = global_index();
    if (i >= count) return;
    products[i] = multiply_bf16x2(a[i], b[i]);
    larger[i] = max_bf16x2(a[i], b[i]);
}

__global__ void pack_probe(const float* values, std::uint32_t* packed, int count) {
    const int i = global_index();
    if (i < count) packed[i] = pack_bf16x2(values[i], -values[i]);
}

__global__ void scale_probe(std::uint32_t* four_each) {
    const int i = global_index();
    if (i > 0x7F80) return;
    const float amax = numerics::bf16_to_float(static_cast<std::uint16_t>(i));
    const float plain = group_scale<false>(amax);
    const float power = group_scale<true>(amax);
    four_each[4 * i] = numerics::float_bits(plain);
    four_each[4 * i + 1] = numerics::float_bits(power);
    four_each[4 * i + 2] = inverse_scale_pair(plain);
    four_each[4 * i + 3] = inverse_scale_pair(power);
}

}  // namespace

cudaError_t probe_silu(std::uint32_t* silu) {
    silu_probe<<<256, 256>>>(silu);
    return cudaDeviceSynchronize();
}
cudaError_t probe_e4m3(const float* values, std::uint32_t* codes, int count) {
    e4m3_probe<<<blocks_for(count), 256>>>(values, codes, count);
    return cudaDeviceSynchronize();
}
cudaError_t probe_bf16x2(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* products,
                         std::uint32_t* larger, int count) {
    bf16x2_probe<<<blocks_for(count), 256>>>(a, b, products, larger, count);
    return cudaDeviceSynchronize();
}
cudaError_t probe_pack(const float* values, std::uint32_t* packed, int count) {
    pack_probe<<<blocks_for(count), 256>>>(values, packed, count);
    return cudaDeviceSynchronize();
}
cudaError_t probe_scales(std::uint32_t* four_each) {
    scale_probe<<<blocks_for(0x7F81), 256>>>(four_each);
    return cudaDeviceSynchronize();
}

}  // namespace moescope::test
