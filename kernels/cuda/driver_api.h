// SPDX-License-Identifier: Apache-2.0
#pragma once

// The few driver functions that the runtime has no equal for, found at run time: a program linked with
// libcuda would not start where there is no driver.

#include <cuda.h>

#include <utility>

namespace moescope::cuda {

struct DriverApi {
    CUresult (*get_error_string)(CUresult, const char**) = nullptr;
    CUresult (*current_context)(CUcontext*) = nullptr;
    CUresult (*load_module)(CUmodule*, const void* image) = nullptr;
    CUresult (*unload_module)(CUmodule) = nullptr;
    CUresult (*get_function)(CUfunction*, CUmodule, const char* name) = nullptr;
    CUresult (*set_function_attribute)(CUfunction, CUfunction_attribute, int value) = nullptr;
    CUresult (*launch_kernel)(CUfunction, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                              unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream,
                              void** parameters, void** extra) = nullptr;
};

/// Looked up on the first call. Throws Error where the driver is missing or lacks one of them.
const DriverApi& driver_api();
/// Throws Error naming what failed and the driver's reason.
void check_driver(CUresult status, const char* what);

/// A loaded module; unloaded with its owner. Not copied: two owners would unload it twice.
class Module {
  public:
    Module() = default;
    /// `image`: cubin, or PTX that ends with a zero, which the driver compiles. Throws Error.
    explicit Module(const void* image) {
        check_driver(driver_api().load_module(&m_module, image), "loading a Triton kernel");
    }
    Module(Module&& other) noexcept : m_module(std::exchange(other.m_module, nullptr)) {}
    Module& operator=(Module&& other) noexcept {
        std::swap(m_module, other.m_module);
        return *this;
    }
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    /// Errors are dropped: at the end of the process the driver may be gone before this.
    ~Module() {
        if (m_module != nullptr) static_cast<void>(driver_api().unload_module(m_module));
    }
    CUmodule get() const { return m_module; }

  private:
    CUmodule m_module = nullptr;
};

}  // namespace moescope::cuda
