// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "launch_check.h"
#include "moescope/measurement/backend.h"

namespace moescope::abi {

/// One kernel of libmoescope_kernels.so.
struct ExportedKernel {
    KernelTraits traits;
    std::uint32_t device = MOESCOPE_DEVICE_CPU;
    std::uint32_t alignment = 1;  ///< bytes, of input and codes
    /// Arguments are checked. May throw.
    std::function<Outcome(const moescope_launch_args&)> launch;
    /// Null: none.
    std::function<std::uint64_t(const Shape&)> workspace_bytes = {};
};

std::vector<ExportedKernel> cpu_exports();
std::vector<ExportedKernel> cuda_exports();  ///< only in a build with CUDA

}  // namespace moescope::abi
