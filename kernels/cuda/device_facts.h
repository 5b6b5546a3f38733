// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

namespace moescope::cuda {

/// What launches depend on.
struct DeviceFacts {
    int multiprocessors = 0;
    bool programmatic = false;    ///< whether it has programmatic dependent launch
    double bytes_per_second = 0;  ///< of memory, from its clock and width; 0 where the driver does not tell
};

/// Of the current device; asked once for each. Any thread.
cudaError_t current_device_facts(DeviceFacts& facts);

}  // namespace moescope::cuda
