// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

namespace moescope::cuda {

/// Throws Error naming the call and CUDA's reason. After an error that CUDA cannot recover from (a kernel
/// crashed, the memory is faulty) the message says that the device is lost.
void check(cudaError_t status, const char* call);
/// Whether every later call in this process fails too.
bool is_sticky(cudaError_t status);

}  // namespace moescope::cuda

/// Every runtime call goes through this.
#define MOESCOPE_CUDA_CHECK(call) ::moescope::cuda::check((call), #call)
