// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/session_file.h"

#include <fmt/format.h>

#include <filesystem>

#include "moescope/error.h"
#include "moescope/session/journal.h"
#include "session/result_lines.h"
#include "session/session_document.h"
#include "text/file.h"

namespace moescope {

std::string session_to_json(const Session& session) {
    // One result a line: the file stays greppable and a diff of two sessions readable.
    std::string text = session_header_document(session).dump(2);
    text.erase(text.rfind('\n'));  // "\n}"
    text += ",\n  \"results\": [";
    for (std::size_t i = 0; i < session.results.size(); ++i) {
        text += i == 0 ? "\n    " : ",\n    ";
        text += result_document(session.results[i]).dump();
    }
    text += session.results.empty() ? "]\n}\n" : "\n  ]\n}\n";
    return text;
}

Session session_from_json(std::string_view text, const std::string& source) {
    if (std::optional<Session> session = session_from_lines(text, source)) return std::move(*session);
    return session_from_document(json::parse(text, source), source);
}

Session load_session(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        if (auto recovered = Journal::recover(path)) return std::move(*recovered);
    }
    return session_from_json(text::read_file(path), path);
}

void save_session(const Session& session, const std::string& path) {
    write_file_atomically(path, session_to_json(session));
}

}  // namespace moescope
