// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <set>
#include <string>

#include "moescope/error.h"
#include "moescope/kernels/cpu_backend.h"
#include "moescope/kernels/cpu_kernel.h"
#include "system_info.h"
#include "thread_pool.h"

namespace moescope {
namespace {

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

/// "32768K", "1M", "4096": bytes; nothing for anything else, or for more than 63 bits hold.
std::optional<std::int64_t> parse_size(const std::string& text) {
    std::int64_t value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0) return std::nullopt;
    const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    const int shift = unit.starts_with('K')   ? 10
                      : unit.starts_with('M') ? 20
                      : unit.starts_with('G') ? 30
                                              : 0;
    if (value > std::numeric_limits<std::int64_t>::max() >> shift) return std::nullopt;
    return value << shift;
}

/// What the user says of the last-level cache, in bytes; nothing where nothing is said. A virtual machine is
/// told the size of the whole processor's, of which it has a part.
std::optional<std::int64_t> stated_cache_bytes() {
    constexpr const char* kVariable = "MOESCOPE_CPU_CACHE";
    const char* value = std::getenv(kVariable);
    if (value == nullptr || *value == '\0') return std::nullopt;
    const std::string text = value;
    const std::optional<std::int64_t> bytes = parse_size(text);
    const std::string unit = text.substr(std::min(text.find_first_not_of("0123456789"), text.size()));
    const bool is_size = bytes && (unit.empty() || unit == "K" || unit == "M" || unit == "G");
    constexpr std::int64_t kLeast = 1 << 10;
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    if (!is_size || *bytes < kLeast || *bytes > kMost)
        throw Error(
            fmt::format("{}={}: not the size of a cache: give bytes, or a number with K, M or G, e.g. 32M",
                        kVariable, text));
    return bytes;
}

/// Value of a line "key: value" or "key : value", blanks trimmed; empty when there is none.
std::string value_of(const std::string& path, std::string_view key) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || !line.starts_with(key)) continue;
        if (line.find_first_not_of(" \t", key.size()) != colon) continue;
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        if (begin == std::string::npos) return "";
        return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
    }
    return "";
}

/// kB lines of /proc/meminfo; 0 when missing.
std::int64_t memory_line(const std::string& root, std::string_view key) {
    return parse_size(value_of(root + "/proc/meminfo", key)).value_or(0) << 10;
}

/// What a container may still use; no limit where none is set.
std::optional<std::int64_t> container_free_bytes(const std::string& root) {
    const std::optional<std::int64_t> limit = parse_size(first_line(root + "/sys/fs/cgroup/memory.max"));
    const std::optional<std::int64_t> used = parse_size(first_line(root + "/sys/fs/cgroup/memory.current"));
    if (!limit || !used) return std::nullopt;
    return std::max<std::int64_t>(0, *limit - *used);
}

/// Cache of the highest level that `processor` sees: its size, and which processors share it.
struct Cache {
    int level = 0;
    std::int64_t bytes = 0;
    std::string shared_by;
};

Cache last_level_cache(const std::string& root, int processor) {
    Cache last;
    const std::string folder =
        root + "/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/cache/index";
    for (int index = 0; index < 16; ++index) {
        const std::string entry = folder + std::to_string(index);
        const std::int64_t level = parse_size(first_line(entry + "/level")).value_or(0);
        const std::int64_t bytes = parse_size(first_line(entry + "/size")).value_or(0);
        if (bytes == 0 || level <= last.level || first_line(entry + "/type") == "Instruction") continue;
        last = {static_cast<int>(level), bytes, first_line(entry + "/shared_cpu_list")};
        if (last.shared_by.empty()) last.shared_by = "cpu" + std::to_string(processor);
    }
    return last;
}

}  // namespace

std::set<int> allowed_processors() {
    std::set<int> processors;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int i = 0; i < CPU_SETSIZE; ++i)
            if (CPU_ISSET(i, &set)) processors.insert(i);
    return processors;
}

std::int64_t last_level_cache_bytes(const std::string& root, const std::set<int>& processors) {
    std::set<std::string> seen;
    std::int64_t bytes = 0;
    for (const int processor : processors) {
        const Cache cache = last_level_cache(root, processor);
        if (cache.bytes != 0 && seen.insert(cache.shared_by).second) bytes += cache.bytes;
    }
    return bytes;
}

std::int64_t available_memory_bytes(const std::string& root) {
    const std::int64_t system = memory_line(root, "MemAvailable");
    const std::optional<std::int64_t> container = container_free_bytes(root);
    return container ? std::min(system, *container) : system;
}

std::string processor_name(const std::string& root) {
    for (const std::string_view key : {"model name", "Model", "Hardware", "cpu model"}) {
        std::string name = value_of(root + "/proc/cpuinfo", key);
        if (!name.empty()) return name;
    }
    return "CPU";
}

Device cpu_device() {
    Device device;
    device.id = "cpu";
    device.kind = "cpu";
    device.name = processor_name("");
    device.isa = std::string(to_string(choose_cpu_isa()));
    device.sm_count = available_threads();
    device.cache_bytes = stated_cache_bytes().value_or(last_level_cache_bytes("", allowed_processors()));
    if (device.cache_bytes == 0)
        device.cache_bytes = std::max({0L, sysconf(_SC_LEVEL3_CACHE_SIZE), sysconf(_SC_LEVEL2_CACHE_SIZE)});
    // A virtual machine may hide its cache: without a size launches would find each other's data there.
    if (device.cache_bytes == 0) device.cache_bytes = kAssumedCacheBytes;
    device.memory_bytes = memory_line("", "MemTotal");
    device.free_bytes = available_memory_bytes("");
    // Where /proc is not mounted the system call still answers; its free memory leaves out what caches would
    // give.
    if (struct sysinfo info{}; device.memory_bytes == 0 && sysinfo(&info) == 0) {
        device.memory_bytes = static_cast<std::int64_t>(info.totalram) * info.mem_unit;
        device.free_bytes = static_cast<std::int64_t>(info.freeram) * info.mem_unit;
    }
    return device;
}

}  // namespace moescope
