// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "system_info.h"

namespace moescope {
namespace {

/// Enough for a mean; each is a file, and some systems ask the processor itself for its answer.
constexpr std::size_t kMaxProcessors = 8;
constexpr int kMaxSensors = 64;

std::string first_word(const std::string& path) {
    std::ifstream file(path);
    std::string word;
    file >> word;
    return word;
}

std::optional<double> number_in(const std::string& path) {
    const std::string word = first_word(path);
    double value = 0.0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || error != std::errc{} || rest != word.data() + word.size()) return std::nullopt;
    return value;
}

/// Mean over some of the processors, evenly chosen; the files hold kHz.
std::optional<double> mean_clock_mhz(const std::string& root, const std::set<int>& processors) {
    const std::size_t step = std::max<std::size_t>(1, processors.size() / kMaxProcessors);
    double sum = 0.0;
    int found = 0;
    std::size_t index = 0;
    for (const int processor : processors) {
        if (index++ % step != 0) continue;
        const auto khz = number_in(root + "/sys/devices/system/cpu/cpu" + std::to_string(processor) +
                                   "/cpufreq/scaling_cur_freq");
        if (!khz || *khz <= 0.0) continue;
        sum += *khz / 1e3;
        ++found;
    }
    if (found == 0) return std::nullopt;
    return sum / found;
}

bool is_package_sensor(std::string_view name) {
    return name == "x86_pkg_temp" || name == "coretemp" || name == "k10temp" || name == "zenpower" ||
           name == "cpu-thermal" || name == "cpu_thermal";
}

/// Of the processor's package; the files hold thousandths of a degree.
std::optional<double> package_temperature_c(const std::string& root) {
    const auto try_sensor = [&](const std::string& folder, const char* name,
                                const char* value) -> std::optional<double> {
        if (!is_package_sensor(first_word(folder + name))) return std::nullopt;
        const auto thousandths = number_in(folder + value);
        if (!thousandths || *thousandths <= 0.0) return std::nullopt;
        return *thousandths / 1e3;
    };
    for (int i = 0; i < kMaxSensors; ++i) {
        const std::string number = std::to_string(i);
        if (const auto c = try_sensor(root + "/sys/class/thermal/thermal_zone" + number, "/type", "/temp"))
            return c;
        if (const auto c = try_sensor(root + "/sys/class/hwmon/hwmon" + number, "/name", "/temp1_input"))
            return c;
    }
    return std::nullopt;
}

}  // namespace

std::optional<TelemetryReading> read_cpu_telemetry(const std::string& root, const std::set<int>& processors) {
    const auto start = std::chrono::steady_clock::now();
    TelemetryReading reading;
    reading.sm_clock_mhz = mean_clock_mhz(root, processors);
    reading.temperature_c = package_temperature_c(root);
    if (!reading.sm_clock_mhz && !reading.temperature_c) return std::nullopt;
    reading.cost_us =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
    return reading;
}

}  // namespace moescope
