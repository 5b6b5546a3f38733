// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "json/json_fields.h"
#include "moescope/workload/case.h"

namespace moescope {

/// The fields of SPEC section 5 that fix the problem.
json::Json case_document(const Case& c);
/// Reads them and leaves the others to the caller. Throws Error naming `where`, the field and the remedy.
Case read_case(json::Fields& fields, const std::string& where);

}  // namespace moescope
