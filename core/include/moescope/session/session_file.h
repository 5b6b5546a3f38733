// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "moescope/session/session.h"

namespace moescope {

/// One JSON document, as SPEC section 5 and resources/schema/ say.
std::string session_to_json(const Session& session);
/// Throws Error naming `source` for what is no session, truncated, or of a newer schema.
Session session_from_json(std::string_view text, const std::string& source);

/// Reads a session. Where `path` does not exist but an unfinished sweep's journal lies beside it, that is
/// recovered. Throws Error.
Session load_session(const std::string& path);
/// Whether a session, whole or unfinished, seems to lie at `path`: by its first lines, without reading it
/// all.
bool is_session_file(const std::string& path);
/// Writes to a temporary file beside `path`, then renames it. Throws Error; nothing half-written stays.
void save_session(const Session& session, const std::string& path);

/// Throws Error, naming the remedy, when a file cannot be created at `path`. Leaves nothing behind.
void check_writable(const std::string& path);
/// Writes text to a temporary file beside `path`, then renames it; a symbolic link stays, what it leads to is
/// replaced. A pipe or a device is written to. Throws Error.
void write_file_atomically(const std::string& path, std::string_view text);

}  // namespace moescope
