// SPDX-License-Identifier: Apache-2.0
#include "driver_api.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "cuda_error.h"
#include "moescope/error.h"

namespace moescope::cuda {
namespace {

constexpr unsigned kDriverVersion = 12000;  // all of them are older

template <class Function>
void look_up(const char* name, Function& function) {
    void* address = nullptr;
    cudaDriverEntryPointQueryResult found{};
    MOESCOPE_CUDA_CHECK(
        cudaGetDriverEntryPointByVersion(name, &address, kDriverVersion, cudaEnableDefault, &found));
    if (found != cudaDriverEntryPointSuccess || address == nullptr)
        throw Error(fmt::format("the NVIDIA driver has no {}: install a newer one", name));
    function = reinterpret_cast<Function>(address);
}

DriverApi look_up_all() {
    DriverApi api;
    look_up("cuGetErrorString", api.get_error_string);
    look_up("cuCtxGetCurrent", api.current_context);
    look_up("cuModuleLoadData", api.load_module);
    look_up("cuModuleUnload", api.unload_module);
    look_up("cuModuleGetFunction", api.get_function);
    look_up("cuFuncSetAttribute", api.set_function_attribute);
    look_up("cuLaunchKernel", api.launch_kernel);
    return api;
}

}  // namespace

const DriverApi& driver_api() {
    static const DriverApi api = look_up_all();
    return api;
}

void check_driver(CUresult status, const char* what) {
    if (status == CUDA_SUCCESS) return;
    const char* reason = nullptr;
    if (driver_api().get_error_string(status, &reason) != CUDA_SUCCESS || reason == nullptr)
        reason = "unknown";
    throw Error(fmt::format("{}: {} (driver error {})", what, reason, static_cast<int>(status)));
}

}  // namespace moescope::cuda
