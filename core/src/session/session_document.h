// SPDX-License-Identifier: Apache-2.0
#pragma once

// Pieces of the session document that the journal and the plan share.

#include "json/json_fields.h"
#include "moescope/session/session.h"

namespace moescope {

json::Json load_document(const LoadStats& load);
json::Json peaks_document(const Peaks& peaks);
json::Json clocks_document(const ReferenceClocks& clocks);
json::Json result_document(const Result& result);
/// Everything but the results.
json::Json session_header_document(const Session& session);

Peaks peaks_from_document(const json::Json& document, const std::string& where);
ReferenceClocks clocks_from_document(const json::Json& document, const std::string& where);
Result result_from_document(const json::Json& document, const std::string& where);
/// Reads the header and, if there, the results. Throws Error for a newer schema.
Session session_from_document(const json::Json& document, const std::string& source);

}  // namespace moescope
