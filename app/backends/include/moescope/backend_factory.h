// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "moescope/measurement/backend.h"

namespace moescope {

/// Every backend of this build: CUDA devices first (if built with CUDA), then the CPU.
std::unique_ptr<BackendFactory> make_backend_factory();

}  // namespace moescope
