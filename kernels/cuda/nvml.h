// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace moescope::cuda {

/// What only the driver's management library knows, without opening a device. It is loaded at run time (it
/// belongs to the driver, not to the toolkit); where it is missing everything here is empty or 0.
std::string driver_version();
/// Bytes free on the device with this UUID (`GPU-...`), or 0 if unknown.
std::int64_t free_memory_bytes(const std::string& uuid);

}  // namespace moescope::cuda
