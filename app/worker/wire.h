// SPDX-License-Identifier: Apache-2.0
#pragma once

// The protocol between program and worker (docs/plugins.md): JSON objects, one a line.
//   request   {"id": 7, "call": "sample", ...}      answer  {"id": 7, "result": ...} or {"id": 7, "error":
//   "..."}
// `stop` is a request without an answer: it ends the call in work early. The worker ends when its input does.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope::worker {

using Json = nlohmann::ordered_json;

/// Both sides must have the same one: they are one program, but maybe not one build.
inline constexpr int kProtocolVersion = 2;

/// A plugin's kernel as the parent knows it.
struct PluginKernel {
    KernelTraits traits;
    std::string device_kind;
    std::string plugin;
};

/// One line. What is not UTF-8 is replaced.
std::string to_line(const Json& message);

Json to_json(const PluginKernel& kernel);
Json to_json(const Device& device);
Json to_json(const BufferSizes& sizes);
Json to_json(const Case& c);
Json to_json(const Rotation& rotation);
Json to_json(const Verification& verification);
Json to_json(const Ceilings& ceilings);
Json to_json(const std::optional<TelemetryReading>& reading);  ///< null for nothing

// Throw nlohmann::json::exception or Error for what is not of that form.
PluginKernel plugin_kernel_from(const Json& json);
Device device_from(const Json& json);
BufferSizes sizes_from(const Json& json);
Case case_from(const Json& json);
Rotation rotation_from(const Json& json);
Verification verification_from(const Json& json);
Ceilings ceilings_from(const Json& json);
std::optional<TelemetryReading> reading_from(const Json& json);

}  // namespace moescope::worker
