// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "moescope/kernel_abi.h"
#include "moescope/measurement/backend.h"

// Kernels behind the C interface (kernel_abi.h), as the backends see them.
namespace moescope {

/// One kernel of a plugin. The library it comes from is never unloaded.
struct ForeignKernel {
    KernelTraits traits;
    std::string device_kind;  ///< `cpu`, `cuda`: as Device::kind
    std::string plugin;       ///< file name, for messages
    moescope_status (*launch)(const moescope_launch_args*) = nullptr;
    moescope_status (*query_workspace)(const moescope_launch_args*, std::uint64_t*) = nullptr;  ///< or null
    const char* (*last_error)() = nullptr;                                                      ///< or null
};

/// Arguments for `kernel` on the default layout, without pointers. They point into `kernel`.
moescope_launch_args launch_arguments(const ForeignKernel& kernel, const Shape& shape);
/// Throws Error when the plugin returns a failure.
std::uint64_t workspace_bytes(const ForeignKernel& kernel, const moescope_launch_args& arguments);
/// Launches; throws Error with what the plugin says when it returns a failure.
void launch(const ForeignKernel& kernel, const moescope_launch_args& arguments);

/// Loads a plugin into this process and checks what it exports: its version, its list. Throws Error that
/// names the file and what is wrong. Whatever the plugin's own code does, it does here: for code that is not
/// trusted use the worker process (app/worker).
std::vector<ForeignKernel> load_plugin(const std::string& path);

}  // namespace moescope
