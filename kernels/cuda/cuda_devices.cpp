// SPDX-License-Identifier: Apache-2.0
#include "cuda_devices.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <map>
#include <mutex>
#include <string>

#include "architectures.h"
#include "cuda_error.h"
#include "moescope/error.h"
#include "moescope/kernels/cuda_backend.h"
#include "nvml.h"

namespace moescope {
namespace cuda {
namespace {

std::string uuid_text(const cudaUUID_t& uuid) {
    std::string text = "GPU-";
    for (int i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
    }
    return text;
}

std::string version_text(int version) {
    return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

int attribute(cudaDeviceAttr which, int ordinal) {
    int value = 0;
    MOESCOPE_CUDA_CHECK(cudaDeviceGetAttribute(&value, which, ordinal));
    return value;
}

/// All but what changes from moment to moment.
Device describe_once(int ordinal) {
    cudaDeviceProp properties{};
    MOESCOPE_CUDA_CHECK(cudaGetDeviceProperties(&properties, ordinal));
    int driver = 0;
    int runtime = 0;
    MOESCOPE_CUDA_CHECK(cudaDriverGetVersion(&driver));
    MOESCOPE_CUDA_CHECK(cudaRuntimeGetVersion(&runtime));

    Device device;
    device.id = fmt::format("cuda:{}", ordinal);
    device.kind = "cuda";
    device.name = properties.name;
    device.uuid = uuid_text(properties.uuid);
    device.compute_capability = fmt::format("{}.{}", properties.major, properties.minor);
    const Nvml& nvml = Nvml::instance();
    device.driver = nvml.driver_version();
    if (device.driver.empty()) device.driver = fmt::format("for CUDA {}", version_text(driver));
    device.runtime = version_text(runtime);
    device.sm_count = properties.multiProcessorCount;
    device.cache_bytes = properties.l2CacheSize;
    device.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
    // The properties of CUDA 13 have no clocks, and the attributes can read 0: then the peak stays unknown.
    device.memory_clock_mhz = attribute(cudaDevAttrMemoryClockRate, ordinal) / 1e3;
    device.bus_width_bits = attribute(cudaDevAttrGlobalMemoryBusWidth, ordinal);
    device.theoretical_gbps = device.memory_clock_mhz * 1e6 * device.bus_width_bits / 8 * 2 / 1e9;
    return device;
}

}  // namespace

Device describe_device(int ordinal) {
    // A program asks several times on its way to a sweep, and the answer takes milliseconds a device.
    static std::mutex mutex;
    static std::map<int, Device> known;
    Device device;
    {
        const std::lock_guard lock(mutex);
        const auto it = known.find(ordinal);
        device =
            it != known.end() ? it->second : known.emplace(ordinal, describe_once(ordinal)).first->second;
    }
    const Nvml& nvml = Nvml::instance();
    device.free_bytes = nvml.free_memory_bytes(nvml.device(device.uuid));
    return device;
}

}  // namespace cuda

std::vector<Device> cuda_devices() {
    std::vector<Device> devices;
    int count = 0;
    // No driver (35), no device (100) or a broken stub (34) are no GPU, not an error: whatever this says, the
    // program goes on with the processor.
    if (cudaGetDeviceCount(&count) != cudaSuccess) {
        cudaGetLastError();
        return devices;
    }
    for (int ordinal = 0; ordinal < count; ++ordinal) {
        try {
            const Device device = cuda::describe_device(ordinal);
            const int major = cuda::attribute(cudaDevAttrComputeCapabilityMajor, ordinal);
            const int minor = cuda::attribute(cudaDevAttrComputeCapabilityMinor, ordinal);
            if (cuda::has_code_for(cuda::built_architectures(), major, minor)) devices.push_back(device);
        } catch (const Error&) {
            // A device that cannot even describe itself is left out; the others may work.
            continue;
        }
    }
    return devices;
}

}  // namespace moescope
