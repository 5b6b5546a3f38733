// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope::ui {

/// One of the sessions that are open in the window.
struct OpenSession {
    /// 1, 2, ...: the same as long as the session is open, and never that of another one then. It is what
    /// tells sessions of one name apart in legends, and what picks their shade, marker and dash.
    int number = 0;
    Session session;
    QString path;    ///< where Ctrl+S saves; empty as long as nobody has chosen
    QString keptAt;  ///< the file of the program's own that a sweep has left it in; empty: there is none
    bool modified = false;  ///< has what neither of those files has
    bool shown = true;      ///< in charts and tables

    /// File name, else the session's name.
    QString displayName() const;
    /// The session's name without its device, else the file's, no longer than legends bear.
    std::string shortName() const;
    /// Kernel names that are told from those of other sessions by number and name.
    std::string seriesId(const std::string& kernel) const;
};

/// Where in the open sessions a shown result comes from.
struct Origin {
    const OpenSession* session = nullptr;
    std::size_t result = 0;
};

/// Results of all of `shown`, one after another, their kernels named by OpenSession::seriesId(). What they
/// share of device, driver, date and version is kept, what differs is listed. Peaks are those of `baseline`,
/// without any that differs between the sessions by more than a hundredth (the launch floor: a twentieth), as
/// no single line in a chart could stand for them; percents in results are of each session's own peaks.
Session uniteSessions(const std::vector<const OpenSession*>& shown, const OpenSession& baseline);

}  // namespace moescope::ui
