// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/telemetry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "json/json_fields.h"
#include "moescope/analysis/statistics.h"

namespace moescope {
namespace {

using json::Json;

constexpr std::array<std::string_view, 6> kThrottling{"power_cap",  "power_brake", "sw_thermal",
                                                      "hw_thermal", "hw_slowdown", "sync_boost"};

/// Spread of one quantity over the readings that have it.
std::optional<Spread> spread_of(std::span<const TelemetryReading> readings,
                                std::optional<double> TelemetryReading::*quantity) {
    std::vector<double> values;
    for (const TelemetryReading& reading : readings) {
        if (reading.*quantity) values.push_back(*(reading.*quantity));
    }
    if (values.empty()) return std::nullopt;
    const auto [min, max] = std::minmax_element(values.begin(), values.end());
    return Spread{*min, median(values), *max};
}

void add_once(std::vector<std::string>& words, const std::string& word) {
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

bool is_off(const std::optional<Spread>& clock, std::optional<double> reference) {
    if (!clock || !reference || *reference <= 0.0) return false;
    return std::abs(clock->median / *reference - 1.0) * 100.0 > kClockTolerancePercent;
}

Json spread_document(const std::optional<Spread>& spread) {
    if (!spread) return nullptr;
    return {{"min", spread->min}, {"median", spread->median}, {"max", spread->max}};
}

std::optional<double> read_number(const Json& object, const char* name) {
    const auto it = object.find(name);
    if (it == object.end() || !it->is_number()) return std::nullopt;
    return it->get<double>();
}

std::optional<Spread> read_spread(const Json& object, const char* name) {
    const auto it = object.find(name);
    if (it == object.end() || !it->is_object()) return std::nullopt;
    const auto min = read_number(*it, "min");
    const auto middle = read_number(*it, "median");
    const auto max = read_number(*it, "max");
    if (!min || !middle || !max) return std::nullopt;
    return Spread{*min, *middle, *max};
}

std::vector<std::string> read_words(const Json& object, const char* name) {
    std::vector<std::string> words;
    const auto it = object.find(name);
    if (it == object.end() || !it->is_array()) return words;
    for (const Json& word : *it) {
        if (word.is_string()) words.push_back(word.get<std::string>());
    }
    return words;
}

}  // namespace

bool is_throttling(std::string_view reason) {
    return std::find(kThrottling.begin(), kThrottling.end(), reason) != kThrottling.end();
}

CellTelemetry summarize(std::span<const TelemetryReading> readings, const ReferenceClocks& reference) {
    CellTelemetry cell;
    if (readings.empty()) return cell;
    cell.readings = static_cast<int>(readings.size());
    std::vector<double> costs;
    for (const TelemetryReading& reading : readings) {
        costs.push_back(reading.cost_us);
        for (const std::string& reason : reading.reasons) {
            add_once(cell.throttle_reasons, reason);
            if (is_throttling(reason)) add_once(cell.flags, reason);
        }
    }
    cell.reading_us = std::round(median(costs) * 10.0) / 10.0;
    cell.sm_clock_mhz = spread_of(readings, &TelemetryReading::sm_clock_mhz);
    cell.memory_clock_mhz = spread_of(readings, &TelemetryReading::memory_clock_mhz);
    cell.temperature_c = spread_of(readings, &TelemetryReading::temperature_c);
    cell.power_w = spread_of(readings, &TelemetryReading::power_w);
    if (is_off(cell.sm_clock_mhz, reference.sm_mhz)) cell.flags.emplace_back("sm_clock");
    if (is_off(cell.memory_clock_mhz, reference.memory_mhz)) cell.flags.emplace_back("memory_clock");
    return cell;
}

std::string telemetry_to_json(const CellTelemetry& cell) {
    if (cell == CellTelemetry{}) return {};
    const Json document{{"readings", cell.readings},
                        {"reading_us", json::nullable(cell.reading_us)},
                        {"sm_clock_mhz", spread_document(cell.sm_clock_mhz)},
                        {"memory_clock_mhz", spread_document(cell.memory_clock_mhz)},
                        {"temperature_c", spread_document(cell.temperature_c)},
                        {"power_w", spread_document(cell.power_w)},
                        {"throttle_reasons", cell.throttle_reasons},
                        {"flagged", cell.flagged()},
                        {"flags", cell.flags},
                        {"retries", cell.retries},
                        {"warnings", cell.warnings}};
    return document.dump();
}

CellTelemetry telemetry_from_json(std::string_view text) {
    CellTelemetry cell;
    const Json document = Json::parse(text, nullptr, false);
    if (!document.is_object()) return cell;
    cell.readings = static_cast<int>(read_number(document, "readings").value_or(0.0));
    cell.reading_us = read_number(document, "reading_us");
    cell.sm_clock_mhz = read_spread(document, "sm_clock_mhz");
    cell.memory_clock_mhz = read_spread(document, "memory_clock_mhz");
    cell.temperature_c = read_spread(document, "temperature_c");
    cell.power_w = read_spread(document, "power_w");
    cell.throttle_reasons = read_words(document, "throttle_reasons");
    cell.flags = read_words(document, "flags");
    cell.retries = static_cast<int>(read_number(document, "retries").value_or(0.0));
    cell.warnings = read_words(document, "warnings");
    return cell;
}

std::string flags_text(std::string_view telemetry_json) {
    if (telemetry_json.empty()) return {};
    return fmt::format("{}", fmt::join(telemetry_from_json(telemetry_json).flags, ", "));
}

}  // namespace moescope
