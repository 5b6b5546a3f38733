// SPDX-License-Identifier: Apache-2.0

// A plugin for CUDA devices, as short as it can be: one block per expert and stripe of tokens, a warp per
// group.
//
//     nvcc -O3 -arch=native -shared -Xcompiler -fPIC -I kernels/include -o cuda_plugin.so
//     examples/plugin/cuda_plugin.cu moescope sweep --preset quick --plugin ./cuda_plugin.so

#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include <cstdint>
#include <cstring>

#include "moescope/kernel_abi.h"

namespace {

constexpr int kWarps = 8;
constexpr int kStripes = 64;  // blocks that share the tokens of one expert
constexpr int kMostPerLane = 256 / 32;

__global__ void quantize(moescope_launch_args a) {
    const std::int64_t e = blockIdx.x;
    const int lane = threadIdx.x % 32;
    const int per_lane = static_cast<int>(a.group_size / 32);
    for (std::int64_t t = blockIdx.y; t < a.counts[e]; t += gridDim.y) {
        const auto* row =
            static_cast<const __nv_bfloat16*>(a.input) + e * a.input_strides[0] + t * a.input_strides[1];
        auto* codes =
            static_cast<__nv_fp8_storage_t*>(a.codes) + e * a.codes_strides[0] + t * a.codes_strides[1];
        auto* scales = static_cast<float*>(a.scales) + e * a.scale_strides[0] + t * a.scale_strides[1];
        for (std::int64_t g = threadIdx.x / 32; g < a.hidden / a.group_size; g += kWarps) {
            float values[kMostPerLane];
            float amax = 1e-10F;
            for (int i = 0; i < per_lane; ++i) {
                const std::int64_t column = g * a.group_size + i * 32 + lane;
                const float gate = __bfloat162float(row[column]);
                values[i] = gate / (1.0F + expf(-gate)) * __bfloat162float(row[a.hidden + column]);
                amax = fmaxf(amax, fabsf(values[i]));
            }
            for (int step = 16; step > 0; step /= 2)
                amax = fmaxf(amax, __shfl_xor_sync(0xFFFFFFFFU, amax, step));
            const float scale = amax / 448.0F;
            for (int i = 0; i < per_lane; ++i)
                codes[g * a.group_size + i * 32 + lane] =
                    __nv_cvt_float_to_fp8(values[i] / scale, __NV_SATFINITE, __NV_E4M3);
            if (lane == 0) scales[g * a.scale_strides[2]] = scale;
        }
    }
}

const std::int64_t kGroupSizes[] = {32, 64, 128, 256};

moescope_kernel_info make_info() {
    moescope_kernel_info info{};
    info.struct_size = sizeof info;
    info.needs_device = MOESCOPE_DEVICE_CUDA;
    info.id = "example_cuda";
    info.description = "example plugin: a warp per group";
    info.numerics = MOESCOPE_NUMERICS_FP32;
    info.scale_formats = 1U << MOESCOPE_SCALE_FP32;
    info.input_dtypes = 1U << MOESCOPE_INPUT_BF16;
    info.group_size_count = 4;
    info.group_sizes = kGroupSizes;
    info.hidden_multiple_of = 1;
    info.alignment = 2;
    return info;
}

thread_local const char* last_error = "";

}  // namespace

std::uint32_t moescope_abi_version() {
    return MOESCOPE_KERNEL_ABI_VERSION;
}

const moescope_kernel_info* const* moescope_kernel_list() {
    static const moescope_kernel_info info = make_info();
    static const moescope_kernel_info* const list[] = {&info, nullptr};
    return list;
}

// Enqueues and returns: no synchronisation, no allocation, or it cannot be captured into a graph.
moescope_status moescope_launch(const moescope_launch_args* args) {
    last_error = "";
    if (std::strcmp(args->kernel, "example_cuda") != 0) return MOESCOPE_UNKNOWN_KERNEL;
    const dim3 grid(static_cast<unsigned>(args->experts), kStripes);
    quantize<<<grid, kWarps * 32, 0, static_cast<cudaStream_t>(args->stream)>>>(*args);
    const cudaError_t status = cudaGetLastError();
    if (status == cudaSuccess) return MOESCOPE_OK;
    last_error = cudaGetErrorString(status);
    return MOESCOPE_LAUNCH_FAILED;
}

const char* moescope_last_error() {
    return last_error;
}
