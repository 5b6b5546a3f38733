// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plain C++: includes nothing of CUDA, so that callers need no toolkit.

#include <memory>
#include <vector>

#include "moescope/kernels/foreign_kernel.h"
#include "moescope/measurement/backend.h"

namespace moescope {

/// CUDA devices of this machine (`cuda:0`...); empty where there is no driver, no GPU, or none that this
/// build has code for. Never throws.
std::vector<Device> cuda_devices();
/// `silu_v2`, `stream41`.
std::vector<KernelTraits> cuda_kernels();
/// Throws Error when the device cannot be used. Must be used on the thread that calls this.
std::unique_ptr<Backend> open_cuda_backend(int ordinal, std::vector<ForeignKernel> foreign = {});

}  // namespace moescope
