// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <string>

namespace moescope::ui {

/// Where the program keeps what it sweeps; need not be there yet.
QString sweepFolder();

/// A new path for the sweep that is about to start, under the program's own data folder, which is made if
/// missing: ".../sessions/2026-11-23T05-12-44-quick.moescope.json". Throws Error.
QString newSweepPath(const std::string& name);

/// Session files opened or written lately, newest first; kept in the settings.
QStringList recentSessions();
void rememberSession(const QString& path);

/// The sweep that ran when the window was closed, told once at the next start. Empty: there was none.
QString takeInterruptedSweep();
void noteInterruptedSweep(const QString& path);

/// Appends ".moescope.json" where a name has no extension of its own.
QString withSessionExtension(const QString& path);

}  // namespace moescope::ui
