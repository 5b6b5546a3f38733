// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "moescope/kernels/foreign_kernel.h"
#include "moescope/measurement/backend.h"

namespace moescope {

/// This machine's processor as a device (`cpu`): model name, threads, last-level cache, memory.
Device cpu_device();
/// `cpu`, `reference`, `reference_fp32`, `stream41`.
std::vector<KernelTraits> cpu_kernels();
std::unique_ptr<Backend> open_cpu_backend(std::vector<ForeignKernel> foreign = {});

}  // namespace moescope
