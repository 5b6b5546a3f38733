// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace moescope::cuda {

/// Launches `kernel` with these arguments. `programmatic`: it may start before the kernel ahead of it in the
/// stream has ended (programmatic dependent launch; captured, its node's edge is of that kind). It must then
/// wait itself for what it reads: device::wait_for_prerequisites().
template <class... Parameters, class... Arguments>
cudaError_t launch_with(bool programmatic, void (*kernel)(Parameters...), unsigned blocks, unsigned threads,
                        std::size_t shared_bytes, cudaStream_t stream, Arguments... arguments) {
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(blocks);
    config.blockDim = dim3(threads);
    config.dynamicSmemBytes = shared_bytes;
    config.stream = stream;
    config.attrs = &attribute;
    config.numAttrs = programmatic ? 1U : 0U;
    return cudaLaunchKernelEx(&config, kernel, Parameters(arguments)...);
}

}  // namespace moescope::cuda
