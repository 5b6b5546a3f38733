// SPDX-License-Identifier: Apache-2.0
#include "device_probe.h"

#include "bf16_quantize.cuh"
#include "fp16_products.cuh"

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

__global__ void fp16_probe(const std::uint32_t* pairs, float* floats, std::uint32_t* packed, int count) {
    const int i = global_index();
    if (i >= count) return;
    floats[2 * i] = low_fp16(pairs[i]);
    floats[2 * i + 1] = high_fp16(pairs[i]);
    packed[i] = pack_fp16x2(floats[2 * i], floats[2 * i + 1]);
}

__global__ void fp16_products_probe(std::uint16_t up, std::uint32_t* products) {
    const int i = global_index();
    const std::uint32_t gates = static_cast<std::uint32_t>(i) * 0x00010001U;
    const std::uint32_t ups = up * 0x00010001U;
    const Bytes16 v = fp16_products(Bytes16{gates, gates, gates, gates}, Bytes16{ups, ups, ups, ups});
    products[4 * i] = v.x;
    products[4 * i + 1] = v.y;
    products[4 * i + 2] = v.z;
    products[4 * i + 3] = v.w;
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

cudaError_t probe_fp16(const std::uint32_t* pairs, float* floats, std::uint32_t* packed, int count) {
    fp16_probe<<<blocks_for(count), 256>>>(pairs, floats, packed, count);
    return cudaDeviceSynchronize();
}
cudaError_t probe_fp16_products(std::uint16_t up, std::uint32_t* products) {
    fp16_products_probe<<<256, 256>>>(up, products);
    return cudaDeviceSynchronize();
}

}  // namespace moescope::test
