// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/measurement/backend.h"
#include "moescope/workload/distribution.h"
#include "moescope/workload/selection.h"

namespace moescope {

enum class Status { ok, failed, skipped, cancelled };
std::string_view to_string(Status status);

/// Percent of each peak; nothing where the peak is unknown.
struct PercentOfPeak {
    std::optional<double> theoretical;
    std::optional<double> measured;
    std::optional<double> seed;
};

/// The part of a merged cell's samples that one process took.
struct Repetition {
    std::string session;  ///< id of the session it came from
    std::string created;  ///< and when that began, ISO 8601, UTC
    int samples = 0;      ///< how many of samples_us, in their order
};

/// One cell: a case, solved by a kernel, in one cache mode. Names and units as in SPEC section 5.
struct Result {
    Case c;
    std::string kernel;
    CacheMode cache = CacheMode::cold;
    LaunchMode launch = LaunchMode::graph;  ///< the session's; no part of cell_key()
    Status status = Status::ok;
    std::string error;  ///< why it is not ok

    std::vector<double> samples_us;  ///< microseconds per launch, in the order taken
    int launches_per_sample = 0;
    std::optional<double> median_us;
    std::optional<std::array<double, 2>> ci95_us;
    std::string stop_reason;  ///< `ci`, `max_samples`, `max_time`, `cancelled`

    std::optional<double> gflops;
    std::optional<double> gbps;
    PercentOfPeak percent_of_peak;
    std::optional<double> efficiency;

    LoadStats load;
    /// Bytes touched between two uses of the same data, as a multiple of the last-level cache. Below about 1
    /// a `cold` cell is not: its data may still have been cached.
    std::optional<double> cold_reuse;
    Verification verification;
    std::string telemetry;  ///< JSON object (telemetry_to_json); empty when nothing was recorded
    std::vector<Repetition> repetitions{};  ///< of a merged session: whose samples are whose; else empty
    std::string imported_from{};  ///< form of a log read: timed by another program, from the host; else empty
    std::string extra;            ///< JSON object of fields this version does not know; kept on saving
};

std::string cell_key(const Result& result);
/// Valid tokens x bytes per token; stream41 writes no scales.
std::int64_t moved_bytes(const Result& result);

struct Peaks {
    std::optional<double> theoretical_gbps{};
    std::optional<double> measured_gbps{};    ///< at the session's start, as all metrics use it
    std::optional<double> launch_floor_us{};  ///< likewise
    /// The same again when the last cell was done; nothing for a sweep that was interrupted.
    std::optional<double> measured_end_gbps{};
    std::optional<double> launch_floor_end_us{};
    std::string end_error{};  ///< why they could not be taken
    std::string extra{};      ///< JSON object of fields this version does not know; kept on saving
};

struct Environment {
    Device device;
    std::string host;
    std::string os;
    std::string compiler;
    ReferenceClocks clocks{};  ///< while the ceilings were taken at the start
    std::string extra;
};

/// Of this machine and build; the device is left as given.
Environment current_environment(const Device& device);

inline constexpr int kSchemaVersion = 1;

struct Session {
    std::string id;  ///< random, for telling a journal's session from its neighbour
    std::string name;
    std::string notes;
    std::string created;  ///< ISO 8601, UTC
    std::string tool_version;
    std::string tool_git;
    Environment environment;
    Peaks peaks;
    Selection spec;
    std::vector<Result> results;
    std::string extra;
};

/// "moescope 0.1.0 (git)" of this build.
std::string tool_version();

/// A new, empty session for a plan's selection on its device, stamped with time, tool and environment.
Session new_session(const Selection& selection, const Device& device);

}  // namespace moescope
