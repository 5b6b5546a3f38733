// SPDX-License-Identifier: Apache-2.0
#include "nvml.h"

#include <dlfcn.h>

#include <array>

namespace moescope::cuda {
namespace {

// The few declarations needed, from the public interface of NVML (its header is not part of the toolkit).
using NvmlDevice = struct nvmlDevice_st*;
constexpr int kNvmlSuccess = 0;
struct NvmlMemory {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};

/// The library, initialised, or nothing.
class Nvml {
  public:
    Nvml() : m_library(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
        if (m_library == nullptr) return;
        load("nvmlInit_v2", m_init);
        load("nvmlShutdown", m_shutdown);
        load("nvmlSystemGetDriverVersion", driver_version);
        load("nvmlDeviceGetHandleByUUID", handle_by_uuid);
        load("nvmlDeviceGetMemoryInfo", memory_info);
        m_ready = m_init != nullptr && m_shutdown != nullptr && driver_version != nullptr &&
                  handle_by_uuid != nullptr && memory_info != nullptr && m_init() == kNvmlSuccess;
    }
    ~Nvml() {
        if (m_ready) m_shutdown();
        if (m_library != nullptr) dlclose(m_library);
    }
    Nvml(const Nvml&) = delete;  // owns the library and its initialisation
    Nvml& operator=(const Nvml&) = delete;

    bool ready() const { return m_ready; }

    int (*driver_version)(char*, unsigned) = nullptr;
    int (*handle_by_uuid)(const char*, NvmlDevice*) = nullptr;
    int (*memory_info)(NvmlDevice, NvmlMemory*) = nullptr;

  private:
    template <class Function>
    void load(const char* name, Function& function) {
        function = reinterpret_cast<Function>(dlsym(m_library, name));
    }

    void* m_library;
    bool m_ready = false;
    int (*m_init)() = nullptr;
    int (*m_shutdown)() = nullptr;
};

}  // namespace

std::string driver_version() {
    const Nvml nvml;
    std::array<char, 96> text{};
    if (!nvml.ready() || nvml.driver_version(text.data(), text.size()) != kNvmlSuccess) return {};
    return text.data();
}

std::int64_t free_memory_bytes(const std::string& uuid) {
    const Nvml nvml;
    NvmlDevice device = nullptr;
    NvmlMemory memory{};
    if (!nvml.ready() || nvml.handle_by_uuid(uuid.c_str(), &device) != kNvmlSuccess ||
        nvml.memory_info(device, &memory) != kNvmlSuccess) {
        return 0;
    }
    return static_cast<std::int64_t>(memory.free);
}

}  // namespace moescope::cuda
