// SPDX-License-Identifier: Apache-2.0
#include "kernel_table.h"

#include <fmt/format.h>

#include "launchers.h"
#include "moescope/error.h"
#include "moescope/kernels/cuda_backend.h"
#include "triton_kernel.h"

namespace moescope {
namespace cuda {
namespace {

cudaError_t run_silu_v2(const LaunchRequest& request, cudaStream_t stream) {
    return launch_silu_v2(request.shape, request.problem, stream);
}

cudaError_t run_triton(const LaunchRequest& request, cudaStream_t stream) {
    return launch_triton(request.shape, request.problem, stream);
}

cudaError_t run_unfused(const LaunchRequest& request, cudaStream_t stream) {
    return launch_unfused(request.shape, request.problem, request.scratch, stream);
}

cudaError_t run_silu_v3(const LaunchRequest& request, cudaStream_t stream) {
    return launch_silu_v3(request.shape, Numerics::bf16, request.problem, request.programmatic, stream);
}

cudaError_t run_silu_v3_fp32(const LaunchRequest& request, cudaStream_t stream) {
    return launch_silu_v3(request.shape, Numerics::fp32, request.problem, request.programmatic, stream);
}

cudaError_t run_stream41(const LaunchRequest& request, cudaStream_t stream) {
    return launch_stream41(request.shape.hidden, request.tokens, request.rows, request.problem.input,
                           request.problem.codes, stream);
}

cudaError_t run_stream41_scales(const LaunchRequest& request, cudaStream_t stream) {
    return launch_stream41_scales(request.shape, request.problem, request.tokens, request.rows, stream);
}

/// A kernel of this project: every group size, scale format and input type, any H that is whole groups.
/// Entries say what differs.
KernelTraits traits_of(const char* id, const char* description, Numerics numerics, bool in_default_set) {
    return {.id = id,
            .description = description,
            .is_operation = true,
            .in_default_set = in_default_set,
            .numerics = numerics,
            .group_sizes = {32, 64, 128, 256},
            .scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed},
            .input_types = {InputType::bf16, InputType::fp16},
            .hidden_multiple_of = 1};
}

std::vector<KernelEntry> make_table() {
    KernelTraits triton = traits_of(
        "triton", "Triton kernel of serving engines, compiled by Triton: a program per expert and group",
        Numerics::fp32, true);
    triton.group_sizes = {64, 128, 256};
    triton.scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0};
    triton.input_types = {InputType::bf16};
    KernelTraits silu_v2 = traits_of("silu_v2", "persistent masked-M kernel of serving engines, the baseline",
                                     Numerics::bf16, true);
    silu_v2.input_types = {InputType::bf16};  // as in the engines
    KernelTraits unfused =
        traits_of("unfused", "silu-mul to bf16, then group quantization, as two kernels: what fusion saves",
                  Numerics::bf16, false);
    unfused.scratch_bytes_per_output = 2;
    KernelTraits stream41 =
        traits_of("stream41", "speed limit: reads four bytes for each one it writes, nothing else",
                  Numerics::bf16, true);
    stream41.is_operation = false;
    KernelTraits stream41_scales = traits_of(
        "stream41_scales",
        "stream41 that also writes a word wherever the operation has a scale: how near the limit that gets",
        Numerics::bf16, false);
    stream41_scales.is_operation = false;
    return {
        {silu_v2, &run_silu_v2},
        {triton, &run_triton, &prepare_triton},
        {traits_of("silu_v3",
                   "this project's kernel: lane-private copies, no barriers, memory swept from front to back",
                   Numerics::bf16, true),
         &run_silu_v3},
        {traits_of("silu_v3_fp32", "silu_v3 with every intermediate in fp32, as triton has it",
                   Numerics::fp32, false),
         &run_silu_v3_fp32},
        {unfused, &run_unfused},
        {stream41, &run_stream41},
        {stream41_scales, &run_stream41_scales},
    };
}

}  // namespace

const std::vector<KernelEntry>& kernel_table() {
    static const std::vector<KernelEntry> table = make_table();
    return table;
}

const KernelEntry& find_kernel(const std::string& id) {
    std::string known;
    for (const KernelEntry& entry : kernel_table()) {
        if (entry.traits.id == id) return entry;
        known += (known.empty() ? "" : ", ") + entry.traits.id;
    }
    throw Error(fmt::format("kernel '{}' does not run on CUDA devices: use one of {}", id, known));
}

}  // namespace cuda

std::vector<KernelTraits> cuda_kernels(const std::string& compute_capability) {
    std::vector<KernelTraits> all;
    for (const cuda::KernelEntry& entry : cuda::kernel_table()) {
        KernelTraits traits = entry.traits;
        if (traits.id == "triton") {
            traits.further_limits = [compute_capability](const Shape& shape) {
                return cuda::triton_unsupported(compute_capability, shape);
            };
        }
        all.push_back(std::move(traits));
    }
    return all;
}

}  // namespace moescope
