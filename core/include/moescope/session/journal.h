// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// The sweep in progress, on disk: `<session path>.journal`, JSON lines. The first line is the session
/// without results, every further line one finished cell, written whole in one call. A killed process
/// therefore loses no finished cell; a torn last line is ignored when read. finish() turns it into the
/// session file.
class Journal {
  public:
    /// Starts a journal for `session` (its results, if any, are written first; the file appears whole, by
    /// rename). Throws Error when another process sweeps to the same path.
    static std::unique_ptr<Journal> start(const Session& session, const std::string& session_path);
    ~Journal();
    Journal(const Journal&) = delete;  // owns a file and its lock
    Journal& operator=(const Journal&) = delete;

    void append(const Result& result);
    /// Peaks become known after the sweep has begun; the last such line counts.
    void set_peaks(const Peaks& peaks);
    void set_clocks(const ReferenceClocks& clocks);
    /// Saves the session file from `session` and removes the journal.
    void finish(const Session& session);

    static std::string path_for(const std::string& session_path);
    /// The unfinished sweep beside `session_path`, if there is one that holds a header. Cells appear once,
    /// the newest counts. Throws Error if the journal is unreadable or newer than this program.
    static std::optional<Session> recover(const std::string& session_path);

    /// Session paths of the sweeps in `folder` that ended before finish() and hold a result: their journals
    /// are there, and no process writes to them any more. Newest first; a folder that is not there has none.
    /// What cannot be read is left out.
    static std::vector<std::string> interrupted(const std::string& folder);

  private:
    Journal();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
