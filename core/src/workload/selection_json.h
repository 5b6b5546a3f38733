// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "json/json_fields.h"
#include "moescope/workload/selection.h"

namespace moescope {

json::Json selection_document(const Selection& selection);
Selection selection_from_document(const json::Json& document, const std::string& source);

}  // namespace moescope
