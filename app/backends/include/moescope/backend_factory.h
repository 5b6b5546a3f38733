// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "moescope/kernels/foreign_kernel.h"
#include "moescope/measurement/backend.h"

namespace moescope {

/// Every backend of this build: CUDA devices first (if built with CUDA), then the CPU.
std::unique_ptr<BackendFactory> make_backend_factory();

/// A device of that factory, with the kernels of plugins in this process. Throws Error.
std::unique_ptr<Backend> open_backend(const std::string& device_id, std::vector<ForeignKernel> foreign);

}  // namespace moescope
