// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <string>
#include <vector>

#include "masked_problem.h"
#include "moescope/measurement/backend.h"

namespace moescope::cuda {

/// What a kernel may use in one launch.
struct LaunchRequest {
    bool programmatic = false;  ///< may overlap the launch before it, where the kernel can
    Shape shape;
    MaskedProblem problem;
    std::int64_t tokens = 0;             ///< valid ones, known on the host
    const std::int64_t* rows = nullptr;  ///< their rows, in order; device memory
    void* scratch = nullptr;             ///< as many bytes as the traits ask for; device memory
};

struct KernelEntry {
    KernelTraits traits;
    std::function<cudaError_t(const LaunchRequest&, cudaStream_t)> launch;
    /// What must be done once before launches of a shape are captured, or null. Throws Error.
    void (*prepare)(const Shape&) = nullptr;
};

const std::vector<KernelEntry>& kernel_table();
/// Throws Error that lists the known ids.
const KernelEntry& find_kernel(const std::string& id);

}  // namespace moescope::cuda
