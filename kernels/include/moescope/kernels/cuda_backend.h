// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plain C++: includes nothing of CUDA, so that callers need no toolkit.

#include <memory>
#include <string>
#include <vector>

#include "moescope/kernels/foreign_kernel.h"
#include "moescope/measurement/backend.h"

namespace moescope {

/// CUDA devices of this machine (`cuda:0`...); empty where there is no driver, no GPU, or none that this
/// build has code for. Never throws.
std::vector<Device> cuda_devices();
/// All kernels, with what they cannot do on a device of this compute capability (`9.0`; empty: unknown).
std::vector<KernelTraits> cuda_kernels(const std::string& compute_capability = {});
/// Throws Error when the device cannot be used. Must be used on the thread that calls this.
std::unique_ptr<Backend> open_cuda_backend(int ordinal, std::vector<ForeignKernel> foreign = {});

}  // namespace moescope
