// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "moescope/measurement/telemetry.h"

namespace moescope::cuda {

/// The driver's management library. It is loaded at run time, as it belongs to the driver and not to the
/// toolkit; where it is missing, too old or refuses, everything here is empty or 0. Functions may be called
/// from any thread.
class Nvml {
  public:
    /// An opaque device of the library.
    using Device = struct nvmlDevice_st*;

    /// Loads `library` (a file name or path) and initialises it.
    explicit Nvml(const std::string& library);
    ~Nvml();
    Nvml(const Nvml&) = delete;  // owns the library and its initialisation
    Nvml& operator=(const Nvml&) = delete;

    /// The one of this process, loaded at the first call: initialising it takes milliseconds. The environment
    /// variable MOESCOPE_NVML names another file; `none` does without.
    static const Nvml& instance();

    bool ready() const { return m_ready; }
    std::string driver_version() const;
    /// The device with this UUID (`GPU-...`), or null.
    Device device(const std::string& uuid) const;
    /// Bytes free, or 0 if unknown.
    std::int64_t free_memory_bytes(Device device) const;
    /// Clocks, temperature, power and clock reasons, each as far as the library tells it, with the time that
    /// asking took.
    TelemetryReading read(Device device) const;

  private:
    struct Functions;
    void load_functions();

    void* m_library = nullptr;
    std::unique_ptr<Functions> m_functions;
    bool m_ready = false;
};

}  // namespace moescope::cuda
