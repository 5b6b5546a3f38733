// SPDX-License-Identifier: Apache-2.0
#include "foreign_entry.h"

#include <memory>
#include <utility>

#include "cuda_handles.h"

namespace moescope::cuda {

KernelEntry foreign_entry(ForeignKernel kernel) {
    auto workspace = std::make_shared<DeviceBuffer>();
    KernelEntry entry;
    entry.traits = kernel.traits;
    entry.launch = [kernel = std::move(kernel), workspace](const LaunchRequest& request,
                                                           cudaStream_t stream) {
        moescope_launch_args arguments = moescope::launch_arguments(kernel, request.shape);
        arguments.input = request.problem.input;
        arguments.codes = request.problem.codes;
        arguments.scales = request.problem.scales;
        arguments.counts = request.problem.counts;
        arguments.stream = stream;
        workspace->ensure(workspace_bytes(kernel, arguments));
        arguments.workspace = workspace->as<void>();
        arguments.workspace_bytes = workspace->bytes();
        moescope::launch(kernel, arguments);
        return cudaPeekAtLastError();
    };
    return entry;
}

}  // namespace moescope::cuda
