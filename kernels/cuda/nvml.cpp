// SPDX-License-Identifier: Apache-2.0
#include "nvml.h"

#include <dlfcn.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>

namespace moescope::cuda {
namespace {

// The few declarations needed, from the public interface of NVML (its header is not part of the toolkit).
constexpr int kSuccess = 0;
constexpr int kSmClock = 1;
constexpr int kMemoryClock = 2;
constexpr int kGpuTemperature = 0;
constexpr unsigned kPowerNowField = 186;  ///< milliwatts; the plain call averages over a second on new GPUs
struct Memory {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
};
struct FieldValue {
    unsigned field;
    unsigned scope;
    long long timestamp;
    long long latency_us;
    int type;
    int status;
    union {
        double as_double;
        unsigned as_unsigned;
        unsigned long long as_long;
    } value;
};
constexpr int kUnsignedType = 1;
static_assert(sizeof(FieldValue) == 40);

/// Bits of the clock reasons in words.
constexpr std::array<std::pair<unsigned long long, const char*>, 9> kReasons{{{0x01, "idle"},
                                                                              {0x02, "application_clocks"},
                                                                              {0x04, "power_cap"},
                                                                              {0x08, "hw_slowdown"},
                                                                              {0x10, "sync_boost"},
                                                                              {0x20, "sw_thermal"},
                                                                              {0x40, "hw_thermal"},
                                                                              {0x80, "power_brake"},
                                                                              {0x100, "display_clock"}}};

std::string library_of_this_process() {
    const char* other = std::getenv("MOESCOPE_NVML");
    return other != nullptr && *other != '\0' ? other : "libnvidia-ml.so.1";
}

}  // namespace

/// What was found in the library; null what was not.
struct Nvml::Functions {
    int (*init)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*driver_version)(char*, unsigned) = nullptr;
    int (*handle_by_uuid)(const char*, Device*) = nullptr;
    int (*memory_info)(Device, Memory*) = nullptr;
    int (*clock)(Device, int, unsigned*) = nullptr;
    int (*temperature)(Device, int, unsigned*) = nullptr;
    int (*power)(Device, unsigned*) = nullptr;
    int (*field_values)(Device, int, FieldValue*) = nullptr;
    int (*clock_reasons)(Device, unsigned long long*) = nullptr;

    std::optional<double> clock_mhz(Device device, int which) const {
        unsigned mhz = 0;
        if (clock == nullptr || clock(device, which, &mhz) != kSuccess) return std::nullopt;
        return mhz;
    }
    std::optional<double> temperature_c(Device device) const {
        unsigned celsius = 0;
        if (temperature == nullptr || temperature(device, kGpuTemperature, &celsius) != kSuccess)
            return std::nullopt;
        return celsius;
    }
    /// Of this moment where the device tells it, else as the driver averages it.
    std::optional<double> power_w(Device device) const {
        FieldValue now{};
        now.field = kPowerNowField;
        if (field_values != nullptr && field_values(device, 1, &now) == kSuccess && now.status == kSuccess &&
            now.type == kUnsignedType && now.value.as_unsigned > 0)
            return now.value.as_unsigned / 1e3;
        unsigned milliwatts = 0;
        if (power == nullptr || power(device, &milliwatts) != kSuccess) return std::nullopt;
        return milliwatts / 1e3;
    }
    std::vector<std::string> reasons(Device device) const {
        std::vector<std::string> words;
        unsigned long long bits = 0;
        if (clock_reasons == nullptr || clock_reasons(device, &bits) != kSuccess) return words;
        for (const auto& [bit, word] : kReasons) {
            if ((bits & bit) != 0) words.emplace_back(word);
        }
        return words;
    }
};

Nvml::Nvml(const std::string& library) : m_functions(std::make_unique<Functions>()) {
    if (library == "none") return;
    m_library = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (m_library == nullptr) return;
    load_functions();
    const Functions& f = *m_functions;
    m_ready =
        f.init != nullptr && f.shutdown != nullptr && f.handle_by_uuid != nullptr && f.init() == kSuccess;
}

Nvml::~Nvml() {
    if (m_ready) m_functions->shutdown();
    if (m_library != nullptr) dlclose(m_library);
}

void Nvml::load_functions() {
    const auto load = [this](const char* name, auto& function) {
        using Pointer = std::remove_reference_t<decltype(function)>;
        if (function == nullptr) function = reinterpret_cast<Pointer>(dlsym(m_library, name));
    };
    Functions& f = *m_functions;
    load("nvmlInit_v2", f.init);
    load("nvmlShutdown", f.shutdown);
    load("nvmlSystemGetDriverVersion", f.driver_version);
    load("nvmlDeviceGetHandleByUUID", f.handle_by_uuid);
    load("nvmlDeviceGetMemoryInfo", f.memory_info);
    load("nvmlDeviceGetClockInfo", f.clock);
    load("nvmlDeviceGetTemperature", f.temperature);
    load("nvmlDeviceGetPowerUsage", f.power);
    load("nvmlDeviceGetFieldValues", f.field_values);
    load("nvmlDeviceGetCurrentClocksEventReasons", f.clock_reasons);
    load("nvmlDeviceGetCurrentClocksThrottleReasons", f.clock_reasons);  // its name in drivers before 535
}

const Nvml& Nvml::instance() {
    static const Nvml library(library_of_this_process());
    return library;
}

std::string Nvml::driver_version() const {
    std::array<char, 96> text{};
    if (!m_ready || m_functions->driver_version == nullptr ||
        m_functions->driver_version(text.data(), text.size()) != kSuccess)
        return {};
    return text.data();
}

Nvml::Device Nvml::device(const std::string& uuid) const {
    Device device = nullptr;
    if (!m_ready || m_functions->handle_by_uuid(uuid.c_str(), &device) != kSuccess) return nullptr;
    return device;
}

std::int64_t Nvml::free_memory_bytes(Device device) const {
    Memory memory{};
    if (device == nullptr || m_functions->memory_info == nullptr ||
        m_functions->memory_info(device, &memory) != kSuccess)
        return 0;
    return static_cast<std::int64_t>(memory.free);
}

TelemetryReading Nvml::read(Device device) const {
    TelemetryReading reading;
    if (device == nullptr) return reading;
    const auto start = std::chrono::steady_clock::now();
    const Functions& f = *m_functions;
    reading.reasons = f.reasons(device);  // first: the device may be done before the last question
    reading.sm_clock_mhz = f.clock_mhz(device, kSmClock);
    reading.memory_clock_mhz = f.clock_mhz(device, kMemoryClock);
    reading.power_w = f.power_w(device);
    reading.temperature_c = f.temperature_c(device);
    reading.cost_us =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    return reading;
}

}  // namespace moescope::cuda
