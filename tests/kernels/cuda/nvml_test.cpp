// SPDX-License-Identifier: Apache-2.0
// The wrapper of the driver's management library against one made for the test (fake_nvml.cpp).
#include "nvml.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace moescope::cuda {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The folder of this program: the libraries are built, and carried to other machines, beside it.
std::string beside_this_program(const char* name) {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

class NvmlTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(fake())) GTEST_SKIP() << fake() << " is not here";
    }
    void TearDown() override {
        unsetenv("FAKE_NVML");
        unsetenv("FAKE_NVML_REASONS");
    }
    static std::string fake() { return beside_this_program("libfake_nvml.so"); }
    static std::string old_fake() { return beside_this_program("libfake_nvml_old.so"); }
    static void take_away(const char* words) { setenv("FAKE_NVML", words, 1); }
    static void set_reasons(const char* bits) { setenv("FAKE_NVML_REASONS", bits, 1); }
};

TEST_F(NvmlTest, TellsWhatTheLibraryTells) {
    const Nvml nvml(fake());
    ASSERT_TRUE(nvml.ready());
    EXPECT_EQ(nvml.driver_version(), "999.1.2");
    const Nvml::Device device = nvml.device("GPU-1");
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(nvml.free_memory_bytes(device), 70);
    const TelemetryReading reading = nvml.read(device);
    EXPECT_DOUBLE_EQ(*reading.sm_clock_mhz, 1980.0);
    EXPECT_DOUBLE_EQ(*reading.memory_clock_mhz, 2619.0);
    EXPECT_DOUBLE_EQ(*reading.temperature_c, 41.0);
    EXPECT_DOUBLE_EQ(*reading.power_w, 512.345);  // of this moment, not the average
    EXPECT_THAT(reading.reasons, IsEmpty());
    EXPECT_GT(reading.cost_us, 0.0);
}

TEST_F(NvmlTest, ClockReasonsAreWords) {
    const Nvml nvml(fake());
    const Nvml::Device device = nvml.device("GPU-1");
    set_reasons("1");
    EXPECT_THAT(nvml.read(device).reasons, ElementsAre("idle"));
    set_reasons("84");
    EXPECT_THAT(nvml.read(device).reasons, ElementsAre("power_cap", "power_brake"));
    set_reasons("1ff");
    const auto all = nvml.read(device).reasons;
    EXPECT_EQ(all.size(), 9U);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const std::string& w) { return is_throttling(w); }),
              6);
    set_reasons("1000");  // of a later driver
    EXPECT_THAT(nvml.read(device).reasons, IsEmpty());
}

TEST_F(NvmlTest, WhatFailsIsLeftOut) {
    const Nvml nvml(fake());
    const Nvml::Device device = nvml.device("GPU-1");
    set_reasons("4");
    take_away("instant");
    EXPECT_DOUBLE_EQ(*nvml.read(device).power_w, 126.65);
    take_away("instant power clock temperature");
    const TelemetryReading reading = nvml.read(device);
    EXPECT_FALSE(reading.power_w);
    EXPECT_FALSE(reading.sm_clock_mhz);
    EXPECT_FALSE(reading.memory_clock_mhz);
    EXPECT_FALSE(reading.temperature_c);
    EXPECT_THAT(reading.reasons, ElementsAre("power_cap"));
    take_away("reasons");
    EXPECT_THAT(nvml.read(device).reasons, IsEmpty());
    EXPECT_TRUE(nvml.read(device).sm_clock_mhz);
}

TEST_F(NvmlTest, OlderDriversNameTheReasonsDifferently) {
    const Nvml nvml(old_fake());
    set_reasons("40");
    EXPECT_THAT(nvml.read(nvml.device("GPU-1")).reasons, ElementsAre("hw_thermal"));
}

TEST_F(NvmlTest, UnknownDevicesTellNothing) {
    const Nvml nvml(fake());
    EXPECT_EQ(nvml.device("GPU-2"), nullptr);
    EXPECT_EQ(nvml.device(""), nullptr);
    EXPECT_EQ(nvml.free_memory_bytes(nullptr), 0);
    EXPECT_FALSE(nvml.read(nullptr).sm_clock_mhz);
}

TEST_F(NvmlTest, InitialisationAndShutdownArePaired) {
    void* library = dlopen(fake().c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr);
    const auto initialised = reinterpret_cast<int (*)()>(dlsym(library, "fake_nvml_initialised"));
    {
        const Nvml nvml(fake());
        EXPECT_EQ(initialised(), 1);
    }
    EXPECT_EQ(initialised(), 0);
    take_away("init");
    {
        const Nvml nvml(fake());
        EXPECT_FALSE(nvml.ready());
        EXPECT_EQ(nvml.device("GPU-1"), nullptr);
        EXPECT_EQ(nvml.driver_version(), "");
    }
    EXPECT_EQ(initialised(), 0);
    dlclose(library);
}

TEST_F(NvmlTest, WithoutTheLibraryEverythingIsEmpty) {
    // Missing, switched off, and one that is something else.
    for (const char* library : {"libno-such-library.so.7", "none", "libm.so.6"}) {
        const Nvml nvml(library);
        EXPECT_FALSE(nvml.ready()) << library;
        EXPECT_EQ(nvml.driver_version(), "");
        EXPECT_EQ(nvml.device("GPU-1"), nullptr);
        EXPECT_EQ(nvml.free_memory_bytes(nvml.device("GPU-1")), 0);
        const TelemetryReading reading = nvml.read(nvml.device("GPU-1"));
        EXPECT_FALSE(reading.sm_clock_mhz || reading.power_w || reading.temperature_c);
    }
}

}  // namespace
}  // namespace moescope::cuda
