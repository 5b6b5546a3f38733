// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/telemetry.h"

#include <nlohmann/json.hpp>

#include "moescope/measurement/reading_schedule.h"
#include "support.h"

namespace moescope {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TelemetryReading reading(double sm_mhz, std::vector<std::string> reasons = {}) {
    return {.sm_clock_mhz = sm_mhz,
            .memory_clock_mhz = 2619.0,
            .temperature_c = 40.0,
            .power_w = 300.0,
            .reasons = std::move(reasons),
            .cost_us = 120.0};
}

constexpr ReferenceClocks kReference{1980.0, 2619.0};

TEST(Telemetry, SummaryHasTheSpreadOfWhatWasTold) {
    std::vector<TelemetryReading> readings{reading(1980), reading(1950), reading(1965)};
    readings[0].power_w = 250.0;
    readings[1].power_w.reset();
    readings[2].power_w = 350.0;
    const CellTelemetry cell = summarize(readings, kReference);
    EXPECT_EQ(cell.readings, 3);
    EXPECT_EQ(*cell.sm_clock_mhz, (Spread{1950, 1965, 1980}));
    EXPECT_EQ(*cell.power_w, (Spread{250, 300, 350}));
    EXPECT_DOUBLE_EQ(*cell.reading_us, 120.0);
    EXPECT_FALSE(cell.flagged());
}

TEST(Telemetry, NothingReadIsNothingTold) {
    EXPECT_EQ(summarize({}, kReference), CellTelemetry{});
    EXPECT_EQ(telemetry_to_json({}), "");
    EXPECT_EQ(flags_text(""), "");
}

TEST(Telemetry, AnyThrottlingReadingFlagsTheCell) {
    const std::vector<TelemetryReading> readings{reading(1980, {"idle"}), reading(1980, {"power_cap"}),
                                                 reading(1980, {"power_cap", "sw_thermal"})};
    const CellTelemetry cell = summarize(readings, kReference);
    EXPECT_THAT(cell.throttle_reasons, ElementsAre("idle", "power_cap", "sw_thermal"));
    EXPECT_THAT(cell.flags, ElementsAre("power_cap", "sw_thermal"));
    for (const char* word :
         {"power_cap", "power_brake", "sw_thermal", "hw_thermal", "hw_slowdown", "sync_boost"})
        EXPECT_TRUE(is_throttling(word)) << word;
    for (const char* word : {"idle", "application_clocks", "display_clock", ""})
        EXPECT_FALSE(is_throttling(word)) << word;
}

TEST(Telemetry, ClocksAreOffPastThreePercentOfTheReference) {
    const auto flags = [](double sm_mhz, double memory_mhz, const ReferenceClocks& reference) {
        TelemetryReading r = reading(sm_mhz);
        r.memory_clock_mhz = memory_mhz;
        return summarize(std::vector{r, r, reading(1980)}, reference).flags;
    };
    EXPECT_THAT(flags(1980 * 0.971, 2619, kReference), IsEmpty());
    EXPECT_THAT(flags(1980 * 0.969, 2619, kReference), ElementsAre("sm_clock"));
    EXPECT_THAT(flags(1980 * 1.031, 2619, kReference), ElementsAre("sm_clock"));
    EXPECT_THAT(flags(1980, 1593, kReference), ElementsAre("memory_clock"));
    EXPECT_THAT(flags(1000, 1000, {}), IsEmpty());  // nothing to hold them against
}

TEST(Telemetry, JsonRoundTrips) {
    CellTelemetry cell = summarize(std::vector{reading(1700, {"power_cap"})}, kReference);
    cell.retries = 2;
    cell.warnings = {"efficiency 1.1 is above 1.02: \"no\""};
    const std::string text = telemetry_to_json(cell);
    EXPECT_EQ(telemetry_from_json(text), cell);
    EXPECT_EQ(nlohmann::json::parse(text)["flagged"], true);
    EXPECT_EQ(flags_text(text), "power_cap, sm_clock");
    cell.power_w.reset();
    EXPECT_TRUE(nlohmann::json::parse(telemetry_to_json(cell))["power_w"].is_null());
    EXPECT_EQ(telemetry_from_json(telemetry_to_json(cell)), cell);
}

TEST(Telemetry, ForeignTelemetryIsReadAsFarAsItGoes) {
    for (const char* text : {"", "3", "[]", "{", R"({"sm_clock_mhz":1980,"flags":"none","retries":[]})",
                             R"({"power_w":{"min":1},"flags":[1]})"}) {
        EXPECT_EQ(telemetry_from_json(text), CellTelemetry{}) << text;
    }
}

TEST(ReadingSchedule, OnceForEachCellAndThenNowAndAgain) {
    using std::chrono::milliseconds;
    ReadingSchedule schedule(milliseconds(10));
    const auto start = ReadingSchedule::Clock::now();
    EXPECT_TRUE(schedule.due("a", CacheMode::cold, start));
    EXPECT_FALSE(schedule.due("a", CacheMode::cold, start + milliseconds(9)));
    EXPECT_TRUE(schedule.due("a", CacheMode::hot, start + milliseconds(9)));
    EXPECT_TRUE(schedule.due("b", CacheMode::cold, start + milliseconds(9)));
    EXPECT_FALSE(schedule.due("a", CacheMode::cold, start + milliseconds(18)));
    EXPECT_TRUE(schedule.due("a", CacheMode::cold, start + milliseconds(19)));
    schedule.begin_case();
    EXPECT_TRUE(schedule.due("a", CacheMode::cold, start + milliseconds(20)));
}

}  // namespace
}  // namespace moescope
