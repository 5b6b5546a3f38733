// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// State of a device at one moment, as far as it tells.
struct TelemetryReading {
    std::optional<double> sm_clock_mhz{};      ///< GPU: multiprocessors; CPU: mean over processors
    std::optional<double> memory_clock_mhz{};  ///< MHz
    std::optional<double> temperature_c{};     ///< of the chip
    std::optional<double> power_w{};
    /// Why clocks are what they are, in the words of is_throttling() and `idle`, `application_clocks`,
    /// `display_clock`.
    std::vector<std::string> reasons{};
    double cost_us = 0.0;  ///< host time that the reading took
};

/// Whether a clock reason means that the device is held back: `power_cap` (its own power limit),
/// `power_brake` (told so by the power supply), `sw_thermal`, `hw_thermal`, `hw_slowdown`, `sync_boost`.
bool is_throttling(std::string_view reason);

/// Clocks while the session's ceilings were taken: what the cells' clocks are held against.
struct ReferenceClocks {
    std::optional<double> sm_mhz{};
    std::optional<double> memory_mhz{};

    bool operator==(const ReferenceClocks&) const = default;
};

/// A cell's median clock further than this from the reference flags the cell, percent.
inline constexpr double kClockTolerancePercent = 3.0;
/// A cold cell above this efficiency beats its limit by more than noise: the limit is wrong, or the cell.
inline constexpr double kSuspiciousEfficiency = 1.02;

struct Spread {
    double min = 0.0;
    double median = 0.0;
    double max = 0.0;

    bool operator==(const Spread&) const = default;
};

/// The readings of one cell in short: Result::telemetry in fields.
struct CellTelemetry {
    int readings = 0;
    std::optional<double> reading_us{};  ///< host time of one reading, median
    std::optional<Spread> sm_clock_mhz{};
    std::optional<Spread> memory_clock_mhz{};
    std::optional<Spread> temperature_c{};
    std::optional<Spread> power_w{};
    std::vector<std::string> throttle_reasons{};  ///< all clock reasons seen, harmless ones too
    /// Why the cell is flagged: throttling reasons of any reading, `sm_clock` and `memory_clock` for medians
    /// off the reference. Empty: measured as the session's ceilings were.
    std::vector<std::string> flags{};
    int retries = 0;                      ///< times it was measured again
    std::vector<std::string> warnings{};  ///< in words, e.g. faster than its limit

    bool flagged() const { return !flags.empty(); }
    bool operator==(const CellTelemetry&) const = default;
};

CellTelemetry summarize(std::span<const TelemetryReading> readings, const ReferenceClocks& reference);

/// The form of a result's "telemetry"; an empty string when there is nothing to tell.
std::string telemetry_to_json(const CellTelemetry& telemetry);
/// Fields of another form are left out: telemetry is an open object, and other programs write their own.
CellTelemetry telemetry_from_json(std::string_view text);
/// The flags of a result's "telemetry" for people, e.g. "power_cap, sm_clock"; empty when there are none.
std::string flags_text(std::string_view telemetry_json);

}  // namespace moescope
