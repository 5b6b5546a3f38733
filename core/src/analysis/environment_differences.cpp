// SPDX-License-Identifier: Apache-2.0
#include "analysis/environment_differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include "analysis/session_title.h"

namespace moescope {
namespace {

using Side = std::span<const Session>;

/// Values of one property on a side, in order, `, ` between different ones.
std::string values_of(Side side, const std::function<std::string(const Session&)>& property) {
    std::set<std::string> seen;
    std::string text;
    for (const Session& s : side) {
        const std::string value = property(s);
        if (value.empty() || !seen.insert(value).second) continue;
        text += (text.empty() ? "" : ", ") + value;
    }
    return text;
}

std::string caches(const Session& s) {
    std::set<std::string> modes;
    for (const Result& r : s.results) modes.emplace(to_string(r.cache));
    return modes.size() == 2 ? "both" : modes.empty() ? "" : *modes.begin();
}

std::string launches(const Session& s) {
    return s.results.empty() ? std::string() : std::string(to_string(s.results.front().launch));
}

std::string mhz_text(std::optional<double> mhz) {
    return mhz && *mhz > 0.0 ? fmt::format("{:.0f} MHz", *mhz) : std::string();
}

class Differences {
  public:
    Differences(Side base, Side other) : m_base(base), m_other(other) {}

    void add(const std::string& text) { m_list.push_back(text); }

    /// Says so when both sides know the property and differ in it.
    bool compare(const char* what, const std::function<std::string(const Session&)>& property) {
        const std::string base = values_of(m_base, property);
        const std::string other = values_of(m_other, property);
        if (base.empty() || other.empty() || base == other) return false;
        add(fmt::format("{} differs: {} / {}", what, base, other));
        return true;
    }

    void compare_number(const char* what, const char* unit, double tolerance,
                        std::optional<double> Peaks::*member) {
        const auto base = m_base.front().peaks.*member;
        const auto other = m_other.front().peaks.*member;
        if (!base || !other || *base <= 0.0) return;
        const double ratio = *other / *base;
        if (std::abs(ratio - 1.0) > tolerance)
            add(fmt::format("{} differs by {:+.1f} %: {:.4g} / {:.4g} {}", what, 100.0 * (ratio - 1.0), *base,
                            *other, unit));
    }

    std::vector<std::string> take() { return std::move(m_list); }

  private:
    Side m_base;
    Side m_other;
    std::vector<std::string> m_list;
};

void add_repeated_sessions(Side base, Side other, Differences& differences) {
    for (const Session& o : other) {
        const auto same = [&](const Session& b) { return !b.id.empty() && b.id == o.id; };
        if (std::any_of(base.begin(), base.end(), same))
            differences.add(fmt::format("session '{}' is on both sides: part of this compares it with itself",
                                        title_of(o)));
    }
}

void add_duplicates(Side side, Differences& differences) {
    for (std::size_t i = 1; i < side.size(); ++i) {
        const auto same = [&](const Session& s) { return !s.id.empty() && s.id == side[i].id; };
        if (std::any_of(side.begin(), side.begin() + static_cast<std::ptrdiff_t>(i), same))
            differences.add(fmt::format("session '{}' was given twice on one side; its samples count once",
                                        title_of(side[i])));
    }
}

bool has_imports(Side side) {
    return std::any_of(side.begin(), side.end(), [](const Session& s) {
        return std::any_of(s.results.begin(), s.results.end(),
                           [](const Result& r) { return !r.imported_from.empty(); });
    });
}

}  // namespace

std::vector<std::string> environment_differences(Side base, Side other, const CompareOptions& options,
                                                 const DriftModel& drift) {
    Differences d(base, other);
    add_repeated_sessions(base, other, d);
    add_duplicates(base, d);
    add_duplicates(other, d);
    if (d.compare("the device", [](const Session& s) { return s.environment.device.name; })) {
        if (options.metric != CompareMetric::efficiency)
            d.add(
                "different devices: these ratios compare machines as much as kernels; the metric efficiency "
                "compares each with its own limit");
    } else {
        d.compare("the device (same model, another piece)",
                  [](const Session& s) { return s.environment.device.uuid; });
    }
    d.compare("the driver", [](const Session& s) { return s.environment.device.driver; });
    d.compare("CUDA", [](const Session& s) { return s.environment.device.runtime; });
    d.compare("the host", [](const Session& s) { return s.environment.host; });
    d.compare("the memory clock",
              [](const Session& s) { return mhz_text(s.environment.device.memory_clock_mhz); });
    d.compare("the SM clock at the start",
              [](const Session& s) { return mhz_text(s.environment.clocks.sm_mhz); });
    d.compare("the memory clock at the start",
              [](const Session& s) { return mhz_text(s.environment.clocks.memory_mhz); });
    d.compare("the cache mode", caches);
    d.compare("the launch mode", launches);
    d.compare("the program", [](const Session& s) {
        return s.tool_version.empty() ? "" : fmt::format("{} ({})", s.tool_version, s.tool_git);
    });
    d.compare_number("the theoretical peak", "GB/s", 0.001, &Peaks::theoretical_gbps);
    d.compare_number("the measured peak", "GB/s", 0.01, &Peaks::measured_gbps);
    d.compare_number("the launch floor", "us", 0.03, &Peaks::launch_floor_us);
    if (has_imports(base) != has_imports(other))
        d.add(
            "one side was imported: its times were taken from the host by another program, call overhead "
            "included");
    if (std::abs(drift.reference_shift) > kDriftFloorPercent / 100.0)
        d.add(fmt::format(
            "stream41, which no kernel under test touches, takes {:+.2f} % of time (median of {} cells): "
            "the machine changed, or stream41 did; its shift is allowed for as noise",
            100.0 * std::expm1(drift.reference_shift), drift.reference_cells));
    if ((base.size() > 1 || other.size() > 1) && !drift.in_turns)
        d.add(
            "the sides were not measured in turns: what drifted in between looks like a change, so the "
            "allowance for "
            "drift does not shrink with more sessions");
    return d.take();
}

}  // namespace moescope
