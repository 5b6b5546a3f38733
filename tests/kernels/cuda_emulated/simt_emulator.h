// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs CUDA kernels of kernels/cuda on the host, thread by thread, to test them without a GPU. Each thread of
// a block is a fiber that runs until it must wait for others; who runs next is random (but repeatable). What
// CUDA leaves undefined is made to go wrong:
//   - shared memory starts as poison, and so does the target of an asynchronous copy until the wait that
//   covers it,
//   - barriers and shuffles that not all threads reach end the launch with an error instead of hanging,
//   - copies that are misaligned, leave shared memory or are still under way when a thread ends are errors.
// This is the host side of kernels/cuda/device_ops.cuh: the same names, the same meaning.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "moescope/kernels/numerics.h"

#define MOESCOPE_DEVICE inline
#define MOESCOPE_DEVICE_RARE inline
#define MOESCOPE_KERNEL(threads_per_block, blocks_per_sm) inline void
#define MOESCOPE_UNROLL
#define MOESCOPE_NO_UNROLL

namespace moescope::emulator {

struct LaunchShape {
    unsigned blocks = 1;
    unsigned threads = 32;  ///< per block, a multiple of 32
    std::size_t shared_bytes = 0;
};

/// What a launch did to memory through the counted operations.
struct Traffic {
    std::uint64_t loaded_bytes = 0;  ///< load_streaming, load_cached of 16 bytes
    std::uint64_t copied_bytes = 0;  ///< copy_async_16
    std::uint64_t stored_bytes = 0;  ///< store_streaming
    std::uint64_t prefetched_bytes = 0;
};

/// Runs `kernel` once per thread. Throws std::runtime_error for what a GPU would hang on or leave undefined.
Traffic launch(const LaunchShape& shape, std::uint64_t seed, const std::function<void()>& kernel);

/// How far ex2 and rcp are off the correctly rounded result, in units in the last place.
void set_approximation_errors(int exp2_ulps, int reciprocal_ulps);

}  // namespace moescope::emulator

namespace moescope::device {

inline constexpr unsigned kAllLanes = 0xFFFFFFFFU;

struct alignas(16) Bytes16 {
    std::uint32_t x, y, z, w;
};
struct alignas(8) Bytes8 {
    std::uint32_t x, y;
};

unsigned thread_index();
unsigned block_index();
unsigned block_count();
unsigned char* dynamic_shared();
void block_barrier();
bool block_all(bool vote);

int shuffle_up(int value, int distance);
int shuffle_from(int value, int lane);
std::uint32_t shuffle_xor(std::uint32_t value, int mask);
float shuffle_xor(float value, int mask);
double shuffle_xor(double value, int mask);
unsigned ballot(bool vote);
inline int count_bits(unsigned mask) {
    return __builtin_popcount(mask);
}
inline int warp_max(int value) {
    for (int mask = 1; mask < 32; mask *= 2) {
        const auto other = static_cast<int>(shuffle_xor(static_cast<std::uint32_t>(value), mask));
        value = other > value ? other : value;
    }
    return value;
}
inline int warp_sum(int value) {
    for (int mask = 1; mask < 32; mask *= 2)
        value += static_cast<int>(shuffle_xor(static_cast<std::uint32_t>(value), mask));
    return value;
}

void copy_async_16(void* shared, const void* global);
void commit_copies();
void wait_copies_until(std::size_t pending);
template <int kPending>
void wait_copies() {
    wait_copies_until(kPending);
}

inline void start_dependents() {}
inline void wait_for_prerequisites() {}

Bytes16 load_streaming(const Bytes16* address);
Bytes16 load_cached(const Bytes16* address);
inline std::uint32_t load_cached(const std::uint32_t* address) {
    return *address;
}
void store_streaming(Bytes16* address, Bytes16 value);
/// Touches what it would bring, so that a sanitizer sees a wrong address.
void prefetch_to_l2(const void* address, std::uint32_t bytes);

float fma(float a, float b, float c);
inline float multiply(float a, float b) {
    return a * b;
}
inline float divide(float a, float b) {
    return a / b;
}
float fma_saturated(float a, float b, float c);
float exp2_approx(float x);
float reciprocal_approx(float x);

inline float low_bf16(std::uint32_t pair) {
    return numerics::bits_float(pair << 16);
}
inline float high_bf16(std::uint32_t pair) {
    return numerics::bits_float(pair & 0xFFFF0000U);
}
inline float low_fp16(std::uint32_t pair) {
    return numerics::fp16_to_float(static_cast<std::uint16_t>(pair));
}
inline float high_fp16(std::uint32_t pair) {
    return numerics::fp16_to_float(static_cast<std::uint16_t>(pair >> 16));
}
inline std::uint32_t pack_fp16x2(float low, float high) {
    return numerics::float_to_fp16(low) | static_cast<std::uint32_t>(numerics::float_to_fp16(high)) << 16;
}
std::uint32_t min_fp16x2(std::uint32_t a, std::uint32_t b);
std::uint32_t min_u16x2(std::uint32_t a, std::uint32_t b);
inline std::uint32_t pack_bf16x2(float low, float high) {
    return numerics::float_to_bf16(low) | static_cast<std::uint32_t>(numerics::float_to_bf16(high)) << 16;
}
inline std::uint32_t multiply_bf16x2(std::uint32_t a, std::uint32_t b) {
    return pack_bf16x2(low_bf16(a) * low_bf16(b), high_bf16(a) * high_bf16(b));
}
std::uint32_t max_bf16x2(std::uint32_t a, std::uint32_t b);
inline std::uint32_t abs_bf16x2(std::uint32_t a) {
    return a & 0x7FFF7FFFU;
}
/// Signs are as the hardware has them.
inline std::uint32_t larger_magnitude_bf16x2(std::uint32_t a, std::uint32_t b) {
    return max_bf16x2(abs_bf16x2(a), abs_bf16x2(b)) | ((a ^ b) & 0x80008000U);
}
inline std::uint32_t max_abs_bf16x2(const Bytes16& pairs) {
    return abs_bf16x2(larger_magnitude_bf16x2(larger_magnitude_bf16x2(pairs.x, pairs.y),
                                              larger_magnitude_bf16x2(pairs.z, pairs.w)));
}
inline std::uint32_t replace_where_equal_bf16x2(std::uint32_t values, std::uint32_t keys, std::uint32_t key,
                                                std::uint32_t others) {
    std::uint32_t equal = 0;
    for (const std::uint32_t half : {0x0000FFFFU, 0xFFFF0000U})
        if (((keys ^ key) & half) == 0) equal |= half;
    return (values & ~equal) | (others & equal);
}
inline std::uint32_t pack_e4m3x2(float low, float high) {
    return numerics::e4m3_encode(low) | static_cast<std::uint32_t>(numerics::e4m3_encode(high)) << 8;
}

inline void atomic_add(unsigned long long* counter, unsigned long long value) {
    *counter += value;
}
inline void atomic_add(double* sum, double value) {
    *sum += value;
}
inline void atomic_min(unsigned long long* smallest, unsigned long long value) {
    if (value < *smallest) *smallest = value;
}
inline void atomic_max(unsigned int* largest, unsigned int value) {
    if (value > *largest) *largest = value;
}

}  // namespace moescope::device
