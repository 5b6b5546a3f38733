// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"
#include "moescope/worker.h"
#include "wire.h"

namespace moescope::worker {

/// A device in a worker process. When a call costs the worker its life, that call throws Error with the
/// plugin, the kernel and how it ended; the next one finds a new worker with the same memory reserved and no
/// current case. A kernel that has done so kMostFaults times is not run again.
std::unique_ptr<Backend> open_remote_backend(const PluginOptions& options, const std::string& device_id,
                                             std::vector<KernelTraits> kernels,
                                             std::vector<PluginKernel> plugin_kernels);

/// Faults of one kernel in one session after which its cells fail untried.
inline constexpr int kMostFaults = 3;

}  // namespace moescope::worker
