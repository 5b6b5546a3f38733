// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/session_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "moescope/error.h"
#include "moescope/session/journal.h"
#include "session/result_lines.h"
#include "session/session_document.h"
#include "text/file.h"
#include "text/parse.h"

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

bool is_session_file(const std::string& path) {
    constexpr std::size_t kStart = 4096;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        return std::filesystem::exists(Journal::path_for(path), ignored);
    if (!std::filesystem::is_regular_file(path, ignored)) return false;
    std::ifstream stream(path, std::ios::binary);
    std::string start(kStart, '\0');
    stream.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(stream.gcount()));
    return text::trim(start).starts_with('{') && start.find("\"schema_version\"") != std::string::npos;
}

void save_session(const Session& session, const std::string& path) {
    write_file_atomically(path, session_to_json(session));
}

}  // namespace moescope
