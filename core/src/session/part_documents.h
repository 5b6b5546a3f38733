// SPDX-License-Identifier: Apache-2.0
#pragma once

// Device and verification as they are in the session document and on the way to a worker process.

#include <string>

#include "json/json_fields.h"
#include "moescope/measurement/backend.h"

namespace moescope {

/// Without the versions of driver and runtime and the memory that is free: the session has those elsewhere,
/// or not at all.
json::Json device_document(const Device& device);
json::Json verification_document(const Verification& verification);

// Throw Error naming `where` and the field.
Device read_device(const json::Json& document, const std::string& where);
Verification read_verification(const json::Json& document, const std::string& where);

}  // namespace moescope
