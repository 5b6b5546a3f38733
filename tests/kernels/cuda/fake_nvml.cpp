// SPDX-License-Identifier: Apache-2.0
// A driver's management library for tests: the few functions that the wrapper asks for, with answers that the
// environment variable FAKE_NVML chooses at each call. Words in it take something away:
//   init, clock, power, instant, temperature, reasons: that function fails.
// FAKE_NVML_REASONS holds the bits of the clock reasons, in hexadecimal.

#include <cstdlib>
#include <cstring>

namespace {

constexpr int kSuccess = 0;
constexpr int kNotSupported = 3;
int g_initialised = 0;

bool without(const char* word) {
    const char* words = std::getenv("FAKE_NVML");
    return words != nullptr && std::strstr(words, word) != nullptr;
}

int answer(const char* word, unsigned value, unsigned* out) {
    if (g_initialised <= 0 || without(word)) return kNotSupported;
    *out = value;
    return kSuccess;
}

struct FieldValue {
    unsigned field;
    unsigned scope;
    long long timestamp;
    long long latency_us;
    int type;
    int status;
    unsigned long long value;
};

}  // namespace

extern "C" {

int fake_nvml_initialised() {
    return g_initialised;
}

int nvmlInit_v2() {
    if (without("init")) return kNotSupported;
    ++g_initialised;
    return kSuccess;
}

int nvmlShutdown() {
    --g_initialised;
    return kSuccess;
}

int nvmlSystemGetDriverVersion(char* text, unsigned length) {
    std::strncpy(text, "999.1.2", length);
    return kSuccess;
}

int nvmlDeviceGetHandleByUUID(const char* uuid, void** device) {
    if (std::strcmp(uuid, "GPU-1") != 0) return kNotSupported;
    *device = &g_initialised;
    return kSuccess;
}

int nvmlDeviceGetMemoryInfo(void*, unsigned long long* memory) {
    memory[0] = 80;
    memory[1] = 70;
    memory[2] = 10;
    return kSuccess;
}

int nvmlDeviceGetClockInfo(void*, int which, unsigned* mhz) {
    return answer("clock", which == 2 ? 2619 : 1980, mhz);
}

int nvmlDeviceGetTemperature(void*, int, unsigned* celsius) {
    return answer("temperature", 41, celsius);
}

int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
    return answer("power", 126650, milliwatts);
}

int nvmlDeviceGetFieldValues(void*, int count, FieldValue* values) {
    for (int i = 0; i < count; ++i) {
        values[i].status = values[i].field == 186 && !without("instant") ? kSuccess : kNotSupported;
        values[i].type = 1;
        values[i].value = 512345;
    }
    return kSuccess;
}

#ifdef FAKE_NVML_OLD
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* bits) {
#else
int nvmlDeviceGetCurrentClocksEventReasons(void*, unsigned long long* bits) {
#endif
    if (without("reasons")) return kNotSupported;
    const char* text = std::getenv("FAKE_NVML_REASONS");
    *bits = text == nullptr ? 0 : std::strtoull(text, nullptr, 16);
    return kSuccess;
}

}  // extern "C"
