// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plugins run in a child process, the worker, together with the kernels that they are compared with: same
// device, same process, same clocks. A plugin that crashes or hangs takes the worker with it and nothing
// else; it is started again. docs/plugins.md has the rules and the protocol.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moescope/kernels/foreign_kernel.h"
#include "moescope/measurement/backend.h"

namespace moescope {

struct PluginOptions {
    std::vector<std::string> plugins;  ///< files
    double timeout_seconds = 60.0;     ///< of a plugin's: loading it, verifying a kernel, a block of samples
    std::string program;               ///< what is started as `PROGRAM worker --stdio`; empty: this program
};

/// `base` with the kernels of the plugins added on the devices that they run on. Everything that is opened
/// runs in a worker process. Loads each plugin once, in a worker, to see what is in it; throws Error for one
/// that cannot be loaded, crashes, or has a kernel whose id is taken. `base` must outlive it.
std::unique_ptr<BackendFactory> add_plugins(const BackendFactory& base, PluginOptions options);

/// Opens a device (an id of BackendFactory::devices) with further kernels.
using OpenBackend =
    std::function<std::unique_ptr<Backend>(const std::string& device_id, std::vector<ForeignKernel> foreign)>;

/// For a program's main: serves as worker when the arguments are `worker --stdio` and returns the exit
/// status, otherwise does nothing. Before anything writes to standard output.
std::optional<int> run_as_worker(int argc, const char* const* argv, const OpenBackend& open);

}  // namespace moescope
