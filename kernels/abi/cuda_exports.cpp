// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "exported_kernels.h"
#include "kernel_table.h"

namespace moescope::abi {
namespace {

constexpr std::uint32_t kVectorBytes = 16;  // struct MaskedProblem

Outcome launch_on_cuda(const cuda::KernelEntry& kernel, const moescope_launch_args& arguments) {
    cuda::LaunchRequest request;
    request.shape = shape_of(arguments);
    // The number of valid tokens is not known on the host here: no kernel that is an operation may need it.
    request.problem = {.input = static_cast<const std::uint16_t*>(arguments.input),
                       .codes = static_cast<std::uint8_t*>(arguments.codes),
                       .scales = static_cast<std::uint32_t*>(arguments.scales),
                       .counts = arguments.counts,
                       .experts = request.shape.experts,
                       .max_tokens = request.shape.max_tokens,
                       .hidden = request.shape.hidden,
                       .scale_words = request.shape.scale_words()};
    request.scratch = arguments.workspace;
    request.programmatic = (arguments.flags & MOESCOPE_LAUNCH_PROGRAMMATIC) != 0;
    const cudaError_t status = kernel.launch(request, static_cast<cudaStream_t>(arguments.stream));
    if (status == cudaSuccess) return {};
    cudaGetLastError();  // or the caller's next call would report it again
    return {MOESCOPE_LAUNCH_FAILED, fmt::format("{}: {} ({})", kernel.traits.id, cudaGetErrorString(status),
                                                cudaGetErrorName(status))};
}

}  // namespace

std::vector<ExportedKernel> cuda_exports() {
    std::vector<ExportedKernel> exports;
    for (const cuda::KernelEntry& kernel : cuda::kernel_table()) {
        // A kernel that needs the driver to load a module first is what others are compared with, not what
        // one calls.
        if (!kernel.traits.is_operation || kernel.prepare != nullptr) continue;
        exports.push_back({.traits = kernel.traits,
                           .device = MOESCOPE_DEVICE_CUDA,
                           .alignment = kVectorBytes,
                           .launch =
                               [&kernel](const moescope_launch_args& arguments) {
                                   return launch_on_cuda(kernel, arguments);
                               },
                           .workspace_bytes =
                               [&kernel](const Shape& shape) {
                                   return static_cast<std::uint64_t>(shape.rows() * shape.hidden *
                                                                     kernel.traits.scratch_bytes_per_output);
                               }});
    }
    return exports;
}

}  // namespace moescope::abi
