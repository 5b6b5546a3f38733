// SPDX-License-Identifier: Apache-2.0
#pragma once

// Parts of a session as JSON text, for programs that hand them on by themselves (the worker process does).
// The session file has the same fields, written and read by the same code. JSON has no infinity: where a
// number may be infinite it is the string "inf".

#include <string>
#include <string_view>

#include "moescope/measurement/backend.h"

namespace moescope {

std::string case_to_json(const Case& c);
std::string device_to_json(const Device& device);
std::string verification_to_json(const Verification& verification);
std::string reading_to_json(const TelemetryReading& reading);

// Throw Error for what is not of that form; a field that may be left out is as in a new object.
Case case_from_json(std::string_view text);
Device device_from_json(std::string_view text);
Verification verification_from_json(std::string_view text);
TelemetryReading reading_from_json(std::string_view text);

}  // namespace moescope
