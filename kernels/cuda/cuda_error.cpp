// SPDX-License-Identifier: Apache-2.0
#include "cuda_error.h"

#include <fmt/format.h>

#include <string_view>

#include "moescope/error.h"

namespace moescope::cuda {

bool is_sticky(cudaError_t status) {
    switch (status) {
        case cudaErrorIllegalAddress:
        case cudaErrorMisalignedAddress:
        case cudaErrorInvalidAddressSpace:
        case cudaErrorInvalidPc:
        case cudaErrorIllegalInstruction:
        case cudaErrorHardwareStackError:
        case cudaErrorLaunchFailure:
        case cudaErrorLaunchTimeout:
        case cudaErrorAssert:
        case cudaErrorECCUncorrectable:
        case cudaErrorContextIsDestroyed:
        case cudaErrorUnknown:
            return true;
        default:
            return false;
    }
}

void check(cudaError_t status, const char* call) {
    if (status == cudaSuccess) return;
    cudaGetLastError();  // or the next, innocent call would report it again
    const std::string_view text(call);
    const std::string_view name = text.substr(0, text.find('('));
    const char* lost = is_sticky(status) ? "; the device is lost: start the program again" : "";
    throw Error(
        fmt::format("{}: {} ({}){}", name, cudaGetErrorString(status), cudaGetErrorName(status), lost));
}

}  // namespace moescope::cuda
