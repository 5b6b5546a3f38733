// SPDX-License-Identifier: Apache-2.0
#include "system_info.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "moescope/kernels/cpu_backend.h"

namespace moescope {
namespace {

/// A made-up /proc and /sys.
class SystemInfo : public testing::Test {
  protected:
    void SetUp() override {
        m_root = std::filesystem::path(testing::TempDir()) /
                 ("moescope_system_info_" +
                  std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::remove_all(m_root);
        std::filesystem::create_directories(m_root);
    }
    void TearDown() override { std::filesystem::remove_all(m_root); }

    void write(const std::string& path, const std::string& text) {
        const std::filesystem::path file = m_root / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }
    void write_cache(int cpu, int index, const std::string& level, const std::string& type,
                     const std::string& size, const std::string& shared) {
        const std::string folder =
            "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cache/index" + std::to_string(index) + "/";
        write(folder + "level", level + "\n");
        write(folder + "type", type + "\n");
        write(folder + "size", size + "\n");
        if (!shared.empty()) write(folder + "shared_cpu_list", shared + "\n");
    }
    std::string root() const { return m_root.string(); }

  private:
    std::filesystem::path m_root;
};

TEST_F(SystemInfo, LastLevelCachesAreCountedOnceEach) {
    for (const int cpu : {0, 1, 2}) {
        write_cache(cpu, 0, "1", "Data", "48K", std::to_string(cpu));
        write_cache(cpu, 1, "1", "Instruction", "32K", std::to_string(cpu));
        write_cache(cpu, 2, "2", "Unified", "1024K", std::to_string(cpu));
        write_cache(cpu, 3, "3", "Unified", "32768K", cpu < 2 ? "0-1" : "2-3");
    }
    EXPECT_EQ(last_level_cache_bytes(root(), {0, 1}), 32 << 20);
    EXPECT_EQ(last_level_cache_bytes(root(), {0, 1, 2}), 64 << 20);
}

TEST_F(SystemInfo, MissingEntriesAreNoSurprise) {
    EXPECT_EQ(last_level_cache_bytes(root(), {0}), 0);
    write_cache(0, 0, "1", "Data", "48K", "0");
    write_cache(0, 1, "2", "Unified", "2M", "");  // nobody says who shares it
    write_cache(0, 3, "3", "Unified", "0K", "0");
    EXPECT_EQ(last_level_cache_bytes(root(), {0}), 2 << 20);
    EXPECT_EQ(last_level_cache_bytes(root(), {0, 7}), 2 << 20);
}

TEST_F(SystemInfo, MemoryWithinTheLimitsOfAContainer) {
    EXPECT_EQ(available_memory_bytes(root()), 0);
    write("proc/meminfo", "MemTotal:       24000000 kB\nMemFree:  1 kB\nMemAvailable:   20000000 kB\n");
    EXPECT_EQ(available_memory_bytes(root()), 20'000'000LL << 10);
    write("sys/fs/cgroup/memory.max", "max\n");
    write("sys/fs/cgroup/memory.current", "1000000000\n");
    EXPECT_EQ(available_memory_bytes(root()), 20'000'000LL << 10);
    write("sys/fs/cgroup/memory.max", "4000000000\n");
    EXPECT_EQ(available_memory_bytes(root()), 3'000'000'000LL);
}

TEST_F(SystemInfo, ProcessorName) {
    EXPECT_EQ(processor_name(root()), "CPU");
    write("proc/cpuinfo", "processor\t: 0\nmodel\t\t: 17\nmodel name\t: Some CPU @ 3.00GHz \n");
    EXPECT_EQ(processor_name(root()), "Some CPU @ 3.00GHz");
}

TEST_F(SystemInfo, ClocksAreTheMeanOfTheProcessors) {
    EXPECT_FALSE(read_cpu_telemetry(root(), {0, 1}));
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3000000\n");
    write("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "2000000\n");
    write("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "<unknown>\n");
    const auto reading = read_cpu_telemetry(root(), {0, 1, 2, 7});
    ASSERT_TRUE(reading);
    EXPECT_DOUBLE_EQ(*reading->sm_clock_mhz, 2500.0);
    EXPECT_FALSE(reading->temperature_c);
    EXPECT_FALSE(reading->power_w);
    EXPECT_GT(reading->cost_us, 0.0);
}

TEST_F(SystemInfo, TemperatureIsThePackages) {
    write("sys/class/thermal/thermal_zone0/type", "acpitz\n");
    write("sys/class/thermal/thermal_zone0/temp", "27000\n");
    write("sys/class/thermal/thermal_zone3/type", "x86_pkg_temp\n");
    write("sys/class/thermal/thermal_zone3/temp", "51500\n");
    EXPECT_DOUBLE_EQ(*read_cpu_telemetry(root(), {})->temperature_c, 51.5);
}

TEST_F(SystemInfo, TemperatureOfAHardwareMonitor) {
    write("sys/class/hwmon/hwmon0/name", "nvme\n");
    write("sys/class/hwmon/hwmon0/temp1_input", "33000\n");
    EXPECT_FALSE(read_cpu_telemetry(root(), {0}));
    write("sys/class/hwmon/hwmon1/name", "k10temp\n");
    write("sys/class/hwmon/hwmon1/temp1_input", "62125\n");
    const auto reading = read_cpu_telemetry(root(), {0});
    EXPECT_DOUBLE_EQ(*reading->temperature_c, 62.125);
    EXPECT_FALSE(reading->sm_clock_mhz);
}

TEST_F(SystemInfo, ThisMachineHasACacheAndMemory) {
    const Device device = cpu_device();
    EXPECT_GT(device.cache_bytes, 0);
    EXPECT_GT(device.memory_bytes, 0);
    EXPECT_GT(device.free_bytes, 0);
    EXPECT_LE(device.free_bytes, device.memory_bytes);
}

}  // namespace
}  // namespace moescope
