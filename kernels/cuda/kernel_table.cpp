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
    return launch_silu_v3(request.shape, Numerics::bf16, request.problem, stream);
}

cudaError_t run_silu_v3_fp32(const LaunchRequest& request, cudaStream_t stream) {
    return launch_silu_v3(request.shape, Numerics::fp32, request.problem, stream);
}

cudaError_t run_stream41(const LaunchRequest& request, cudaStream_t stream) {
    return launch_stream41(request.shape.hidden, request.tokens, request.rows, request.problem.input,
                           request.problem.codes, stream);
}

std::vector<KernelEntry> make_table() {
    const std::vector<std::int64_t> group_sizes{32, 64, 128, 256};
    const std::vector<ScaleFormat> formats{ScaleFormat::fp32, ScaleFormat::fp32_ue8m0,
                                           ScaleFormat::ue8m0_packed};
    return {
        {{.id = "silu_v2",
          .description = "persistent masked-M kernel of serving engines, the baseline",
          .is_operation = true,
          .in_default_set = true,
          .numerics = Numerics::bf16,
          .group_sizes = group_sizes,
          .scale_formats = formats,
          .hidden_multiple_of = 1},
         &run_silu_v2},
        {{.id = "triton",
          .description =
              "Triton kernel of serving engines, compiled by Triton: a program per expert and group",
          .is_operation = true,
          .in_default_set = true,
          .numerics = Numerics::fp32,
          .group_sizes = {64, 128, 256},
          .scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0},
          .hidden_multiple_of = 1},
         &run_triton,
         &prepare_triton},
        {{.id = "silu_v3",
          .description =
              "this project's kernel: lane-private copies, no barriers, memory swept from front to back",
          .is_operation = true,
          .in_default_set = true,
          .numerics = Numerics::bf16,
          .group_sizes = group_sizes,
          .scale_formats = formats,
          .hidden_multiple_of = 1},
         &run_silu_v3},
        {{.id = "silu_v3_fp32",
          .description = "silu_v3 with every intermediate in fp32, as triton has it",
          .is_operation = true,
          .in_default_set = false,
          .numerics = Numerics::fp32,
          .group_sizes = group_sizes,
          .scale_formats = formats,
          .hidden_multiple_of = 1},
         &run_silu_v3_fp32},
        {{.id = "unfused",
          .description = "silu-mul to bf16, then group quantization, as two kernels: what fusion saves",
          .is_operation = true,
          .in_default_set = false,
          .numerics = Numerics::bf16,
          .group_sizes = group_sizes,
          .scale_formats = formats,
          .hidden_multiple_of = 1,
          .scratch_bytes_per_output = 2},
         &run_unfused},
        {{.id = "stream41",
          .description = "speed limit: reads four bytes for each one it writes, nothing else",
          .is_operation = false,
          .in_default_set = true,
          .numerics = Numerics::bf16,
          .group_sizes = group_sizes,
          .scale_formats = formats,
          .hidden_multiple_of = 1},
         &run_stream41},
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
