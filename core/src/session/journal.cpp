// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <unordered_map>

#include "moescope/message.h"
#include "moescope/session/session_file.h"
#include "session/session_document.h"
#include "text/atomic_file.h"
#include "text/file.h"

namespace moescope {
namespace {

std::string line_of(const char* kind, json::Json value) {
    json::Json line = json::Json::object();
    line[kind] = std::move(value);
    return line.dump() + "\n";
}

constexpr std::string_view kSuffix = ".journal";

/// Another process holds the journal at `path`.
bool is_locked(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(descriptor);
    return locked;
}

void refuse_if_locked(const std::string& path) {
    if (is_locked(path))
        throw Error(
            fmt::format("'{}' is being written by another sweep; wait for it or choose another --out", path));
}

/// Throws rather than drop the finished cells of another sweep.
void refuse_to_drop(const Session& session, const std::string& session_path) {
    std::optional<Session> unfinished;
    try {
        unfinished = Journal::recover(session_path);
    } catch (const Error& e) {
        throw Error(fmt::format("{}; delete it or choose another --out", e.what()));
    }
    if (!unfinished || unfinished->results.empty() || unfinished->id == session.id) return;
    throw Error(
        fmt::format("an unfinished sweep with {} results lies in '{}': go on with --resume {}, or delete it",
                    unfinished->results.size(), Journal::path_for(session_path), session_path));
}

/// One pass over the journal's lines.
class Reader {
  public:
    Reader(std::string source, std::string_view text) : m_source(std::move(source)), m_text(text) {}

    std::optional<Session> read() {
        while (!m_text.empty()) {
            const std::size_t end = m_text.find('\n');
            if (end == std::string_view::npos) break;  // torn by a kill; the cell was not finished
            const std::string_view line = m_text.substr(0, end);
            m_text.remove_prefix(end + 1);
            ++m_line;
            if (!line.empty()) take(json::parse(line, where()));
        }
        return std::move(m_session);
    }

  private:
    std::string where() const { return fmt::format("{}: line {}", m_source, m_line); }

    void take(const json::Json& line) {
        if (!line.is_object() || line.size() != 1)
            throw Error(fmt::format("{}: not a line of a sweep's journal", where()));
        if (line.contains("session")) {
            m_session = session_from_document(line["session"], where());
        } else if (!m_session) {
            throw Error(fmt::format("{}: not a sweep's journal (no session first)", where()));
        } else if (line.contains("peaks")) {
            m_session->peaks = peaks_from_document(line["peaks"], where());
        } else if (line.contains("clocks")) {
            m_session->environment.clocks = clocks_from_document(line["clocks"], where());
        } else if (line.contains("result")) {
            add(result_from_document(line["result"], where()));
        }  // other kinds of line: of a later version, and no results
    }

    void add(Result result) {
        const auto [it, is_new] = m_index.try_emplace(cell_key(result), m_session->results.size());
        if (is_new) {
            m_session->results.push_back(std::move(result));
        } else {
            m_session->results[it->second] = std::move(result);
        }
    }

    std::string m_source;
    std::string_view m_text;
    std::size_t m_line = 0;
    std::optional<Session> m_session;
    std::unordered_map<std::string, std::size_t> m_index;
};

}  // namespace

struct Journal::Impl {
    std::string session_path;
    std::string path;
    int descriptor = -1;

    void write(std::string_view data) const {
        if (text::write_all(descriptor, data)) return;
        throw SettingError(
            fmt::format("cannot write '{}': {}; what is finished is kept: make room, then {} {}", path,
                        std::strerror(errno), mention(Setting::resume), session_path));
    }
};

Journal::Journal() : m_impl(std::make_unique<Impl>()) {}

Journal::~Journal() {
    if (m_impl->descriptor >= 0) ::close(m_impl->descriptor);
}

std::string Journal::path_for(const std::string& session_path) {
    return session_path + std::string(kSuffix);
}

std::unique_ptr<Journal> Journal::start(const Session& session, const std::string& session_path) {
    if (text::is_stream(session_path))
        throw Error(fmt::format("'{}' is no file: finished cells are kept beside the session; name a file",
                                session_path));
    check_writable(session_path);
    std::unique_ptr<Journal> journal(new Journal);
    Impl& impl = *journal->m_impl;
    impl.session_path = session_path;
    impl.path = text::behind_links(path_for(session_path));
    refuse_if_locked(impl.path);
    refuse_to_drop(session, session_path);

    impl.descriptor = text::create_temporary(impl.path);  // its lock moves along with the rename
    const std::string temporary = text::temporary_path(impl.path);
    try {
        refuse_if_locked(impl.path);  // another sweep may have had that lock a moment ago
    } catch (const Error&) {
        ::unlink(temporary.c_str());
        throw;
    }
    std::string head = line_of("session", session_header_document(session));
    for (const Result& result : session.results) head += line_of("result", result_document(result));
    if (!text::write_all(impl.descriptor, head) || std::rename(temporary.c_str(), impl.path.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        text::fail_writing(impl.path, error);
    }
    return journal;
}

void Journal::append(const Result& result) {
    m_impl->write(line_of("result", result_document(result)));
}

void Journal::set_peaks(const Peaks& peaks) {
    m_impl->write(line_of("peaks", peaks_document(peaks)));
}

void Journal::set_clocks(const ReferenceClocks& clocks) {
    m_impl->write(line_of("clocks", clocks_document(clocks)));
}

void Journal::finish(const Session& session) {
    save_session(session, m_impl->session_path);
    ::unlink(m_impl->path.c_str());
}

std::optional<Session> Journal::recover(const std::string& session_path) {
    const std::string path = path_for(session_path);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return std::nullopt;
    const std::string content = text::read_file(path);
    return Reader(path, content).read();
}

std::vector<std::string> Journal::interrupted(const std::string& folder) {
    std::vector<std::pair<std::filesystem::file_time_type, std::string>> found;
    std::error_code problem;
    for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
        const std::string path = entry.path().string();
        if (!path.ends_with(kSuffix) || is_locked(path)) continue;
        const std::string session_path = path.substr(0, path.size() - kSuffix.size());
        try {
            const std::optional<Session> session = recover(session_path);
            if (session && !session->results.empty())
                found.emplace_back(std::filesystem::last_write_time(path, problem), session_path);
        } catch (const Error&) {
            continue;  // no journal of ours, or of a later version: not for this program to offer
        }
    }
    std::sort(found.begin(), found.end(), std::greater<>());
    std::vector<std::string> paths;
    for (auto& [time, path] : found) paths.push_back(std::move(path));
    return paths;
}

}  // namespace moescope
