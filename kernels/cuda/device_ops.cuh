// SPDX-License-Identifier: Apache-2.0
#pragma once

// The few machine operations that the kernels use, under names that say what they do. Compiled by nvcc they
// are CUDA intrinsics and PTX; compiled by a host compiler they come from the SIMT emulator of
// tests/kernels/cuda_emulated, which runs the very same kernel source thread by thread without a GPU.

#include <cstdint>

#include "moescope/kernels/numerics.h"

#if defined(__CUDACC__)

#define MOESCOPE_DEVICE __device__ __forceinline__
#define MOESCOPE_KERNEL(threads_per_block, blocks_per_sm) \
    __global__ void __launch_bounds__(threads_per_block, blocks_per_sm)
/// Code that is rarely run stays out of the way of code that always is.
#define MOESCOPE_DEVICE_RARE inline __device__ __noinline__
#define MOESCOPE_UNROLL _Pragma("unroll")
#define MOESCOPE_NO_UNROLL _Pragma("unroll 1")

namespace moescope::device {

inline constexpr unsigned kAllLanes = 0xFFFFFFFFU;

/// Sixteen and eight bytes as one access.
using Bytes16 = uint4;
using Bytes8 = uint2;

MOESCOPE_DEVICE unsigned thread_index() {
    return threadIdx.x;
}
MOESCOPE_DEVICE unsigned block_index() {
    return blockIdx.x;
}
MOESCOPE_DEVICE unsigned block_count() {
    return gridDim.x;
}

/// The block's dynamic shared memory, aligned to 16 bytes.
MOESCOPE_DEVICE unsigned char* dynamic_shared() {
    extern __shared__ __align__(16) unsigned char shared_bytes[];
    return shared_bytes;
}

MOESCOPE_DEVICE void block_barrier() {
    __syncthreads();
}

/// A barrier that tells every thread of the block whether all of them vote so.
MOESCOPE_DEVICE bool block_all(bool vote) {
    return __syncthreads_and(vote) != 0;
}

MOESCOPE_DEVICE int shuffle_up(int value, int distance) {
    return __shfl_up_sync(kAllLanes, value, distance);
}
MOESCOPE_DEVICE int shuffle_from(int value, int lane) {
    return __shfl_sync(kAllLanes, value, lane);
}
MOESCOPE_DEVICE std::uint32_t shuffle_xor(std::uint32_t value, int mask) {
    return __shfl_xor_sync(kAllLanes, value, mask);
}
MOESCOPE_DEVICE float shuffle_xor(float value, int mask) {
    return __shfl_xor_sync(kAllLanes, value, mask);
}
MOESCOPE_DEVICE double shuffle_xor(double value, int mask) {
    return __shfl_xor_sync(kAllLanes, value, mask);
}
MOESCOPE_DEVICE unsigned ballot(bool vote) {
    return __ballot_sync(kAllLanes, vote);
}
MOESCOPE_DEVICE int count_bits(unsigned mask) {
    return __popc(mask);
}
/// Largest of all lanes.
MOESCOPE_DEVICE int warp_max(int value) {
    return __reduce_max_sync(kAllLanes, value);
}

/// Sum over all lanes.
MOESCOPE_DEVICE int warp_sum(int value) {
    return __reduce_add_sync(kAllLanes, value);
}

/// Lets the next kernel of a stream start where its launch allows that (programmatic dependent launch);
/// nothing otherwise.
MOESCOPE_DEVICE void start_dependents() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}
/// Until what the kernel before has written can be read, where this kernel may have started earlier; nothing
/// otherwise.
MOESCOPE_DEVICE void wait_for_prerequisites() {
#if __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// Starts copying 16 bytes from global to shared memory, past L1. The data is there for this thread after a
/// wait_copies() that covers it, for others after a barrier that follows.
MOESCOPE_DEVICE void copy_async_16(void* shared, const void* global) {
    const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global) : "memory");
}
/// Closes the group of copies started since the last call; a group may be empty.
MOESCOPE_DEVICE void commit_copies() {
    asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Waits until at most `kPending` of this thread's newest groups are still under way.
template <int kPending>
MOESCOPE_DEVICE void wait_copies() {
    asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

/// Read-only data used once: no place in L1 is taken.
MOESCOPE_DEVICE Bytes16 load_streaming(const Bytes16* address) {
    Bytes16 v;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "l"(address));
    return v;
}
/// Read-only data whose neighbourhood this thread or its neighbours read next: the line stays in L1.
MOESCOPE_DEVICE Bytes16 load_cached(const Bytes16* address) {
    Bytes16 v;
    asm volatile("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "l"(address));
    return v;
}
MOESCOPE_DEVICE std::uint32_t load_cached(const std::uint32_t* address) {
    std::uint32_t v;
    asm volatile("ld.global.ca.u32 %0, [%1];" : "=r"(v) : "l"(address));
    return v;
}
/// Data that this kernel does not read again: first to leave the cache.
MOESCOPE_DEVICE void store_streaming(Bytes16* address, Bytes16 value) {
    __stcs(address, value);
}

/// Starts bringing `bytes`, a multiple of 16, from `address`, aligned to 16, into the L2 cache; nothing where
/// the device cannot.
MOESCOPE_DEVICE void prefetch_to_l2(const void* address, std::uint32_t bytes) {
#if __CUDA_ARCH__ >= 900
    asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(address), "r"(bytes) : "memory");
#endif
}

MOESCOPE_DEVICE float fma(float a, float b, float c) {
    return __fmaf_rn(a, b, c);
}
MOESCOPE_DEVICE float multiply(float a, float b) {
    return __fmul_rn(a, b);
}
MOESCOPE_DEVICE float divide(float a, float b) {
    return __fdiv_rn(a, b);
}
/// fma, clamped to [0, 1]; not-a-number gives 0.
MOESCOPE_DEVICE float fma_saturated(float a, float b, float c) {
    return __saturatef(__fmaf_rn(a, b, c));
}
/// 2^x within 2 ulp; results below 2^-126 are zero.
MOESCOPE_DEVICE float exp2_approx(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}
/// 1/x within 1 ulp; arguments and results below 2^-126 are taken for zero.
MOESCOPE_DEVICE float reciprocal_approx(float x) {
    float y;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

/// The halves of a bf16 pair as floats.
MOESCOPE_DEVICE float low_bf16(std::uint32_t pair) {
    return __uint_as_float(pair << 16);
}
MOESCOPE_DEVICE float high_bf16(std::uint32_t pair) {
    return __uint_as_float(pair & 0xFFFF0000U);
}
/// The halves of an fp16 pair as floats, exactly.
MOESCOPE_DEVICE float low_fp16(std::uint32_t pair) {
    float value;
    asm("{.reg .f16 low, high; mov.b32 {low, high}, %1; cvt.f32.f16 %0, low;}" : "=f"(value) : "r"(pair));
    return value;
}
MOESCOPE_DEVICE float high_fp16(std::uint32_t pair) {
    float value;
    asm("{.reg .f16 low, high; mov.b32 {low, high}, %1; cvt.f32.f16 %0, high;}" : "=f"(value) : "r"(pair));
    return value;
}
/// Two fp16 in one register, `low` in the low half; round to nearest even.
MOESCOPE_DEVICE std::uint32_t pack_fp16x2(float low, float high) {
    std::uint32_t packed;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    return packed;
}
/// Smaller of both halves; a number beats not-a-number.
MOESCOPE_DEVICE std::uint32_t min_fp16x2(std::uint32_t a, std::uint32_t b) {
    std::uint32_t smaller;
    asm("min.f16x2 %0, %1, %2;" : "=r"(smaller) : "r"(a), "r"(b));
    return smaller;
}
/// Smaller of both halves, taken as unsigned numbers.
MOESCOPE_DEVICE std::uint32_t min_u16x2(std::uint32_t a, std::uint32_t b) {
    return __vminu2(a, b);
}
/// Two bf16 in one register, `low` in the low half; round to nearest even.
MOESCOPE_DEVICE std::uint32_t pack_bf16x2(float low, float high) {
    std::uint32_t packed;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
    return packed;
}
/// Products of both halves, each rounded once to bf16. Equal to rounding the fp32 product: that product of
/// two 8-bit significands is exact (but below 2^-126, where no scale tells the difference: the amax floor is
/// 1e-10).
MOESCOPE_DEVICE std::uint32_t multiply_bf16x2(std::uint32_t a, std::uint32_t b) {
#if __CUDA_ARCH__ >= 900
    std::uint32_t product;
    asm("mul.rn.bf16x2 %0, %1, %2;" : "=r"(product) : "r"(a), "r"(b));
#else
    std::uint32_t product;
    asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(product) : "r"(a), "r"(b), "r"(0x80008000U));
#endif
    return product;
}
/// Larger of both halves; a number beats not-a-number.
MOESCOPE_DEVICE std::uint32_t max_bf16x2(std::uint32_t a, std::uint32_t b) {
    std::uint32_t larger;
    asm("max.bf16x2 %0, %1, %2;" : "=r"(larger) : "r"(a), "r"(b));
    return larger;
}
MOESCOPE_DEVICE std::uint32_t abs_bf16x2(std::uint32_t a) {
    return a & 0x7FFF7FFFU;
}
/// The magnitude of what is larger in magnitude, with any sign, of both halves; numbers beat not-a-number.
MOESCOPE_DEVICE std::uint32_t larger_magnitude_bf16x2(std::uint32_t a, std::uint32_t b) {
#if __CUDA_ARCH__ >= 860
    std::uint32_t larger;
    asm("max.xorsign.abs.bf16x2 %0, %1, %2;" : "=r"(larger) : "r"(a), "r"(b));
    return larger;
#else
    return max_bf16x2(abs_bf16x2(a), abs_bf16x2(b));
#endif
}
/// Largest magnitudes of eight bf16 values, in two halves; numbers beat not-a-number.
MOESCOPE_DEVICE std::uint32_t max_abs_bf16x2(const Bytes16& pairs) {
    return abs_bf16x2(larger_magnitude_bf16x2(larger_magnitude_bf16x2(pairs.x, pairs.y),
                                              larger_magnitude_bf16x2(pairs.z, pairs.w)));
}
/// Halves of `values` whose half of `keys` equals that of `key` (bf16, not zero, not not-a-number) are taken
/// from `others`.
MOESCOPE_DEVICE std::uint32_t replace_where_equal_bf16x2(std::uint32_t values, std::uint32_t keys,
                                                         std::uint32_t key, std::uint32_t others) {
    std::uint32_t equal;
#if __CUDA_ARCH__ >= 900
    asm("set.eq.u32.bf16x2 %0, %1, %2;" : "=r"(equal) : "r"(keys), "r"(key));
#else
    equal = __vcmpeq2(keys, key);
#endif
    return (values & ~equal) | (others & equal);
}

/// e4m3 codes of two floats, `low` in the low byte; saturating, round to nearest even, NaN gives 0x7F.
MOESCOPE_DEVICE std::uint32_t pack_e4m3x2(float low, float high) {
#if __CUDA_ARCH__ >= 890
    std::uint16_t packed;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(packed) : "f"(high), "f"(low));
    return packed;
#else
    return numerics::e4m3_encode(low) | static_cast<std::uint32_t>(numerics::e4m3_encode(high)) << 8;
#endif
}

MOESCOPE_DEVICE void atomic_add(unsigned long long* counter, unsigned long long value) {
    atomicAdd(counter, value);
}
MOESCOPE_DEVICE void atomic_add(double* sum, double value) {
    atomicAdd(sum, value);
}
MOESCOPE_DEVICE void atomic_min(unsigned long long* smallest, unsigned long long value) {
    atomicMin(smallest, value);
}
MOESCOPE_DEVICE void atomic_max(unsigned int* largest, unsigned int value) {
    atomicMax(largest, value);
}

}  // namespace moescope::device

#else

#include "simt_emulator.h"

#endif
