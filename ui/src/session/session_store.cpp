// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/session/session_store.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

#include "moescope/error.h"
#include "moescope/session/journal.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kMostRecent = 10;
constexpr const char* kRecentKey = "sessions/recent";
constexpr const char* kInterruptedKey = "sessions/interrupted";

/// Letters, digits, dash and dot: safe in any file system.
QString fileNamePart(const std::string& name) {
    QString part;
    for (const QChar c : qs(name))
        part += c.isLetterOrNumber() || c == QLatin1Char('.') ? c : QLatin1Char('-');
    return part.left(60);
}

}  // namespace

QString sweepFolder() {
    return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/sessions");
}

QString newSweepPath(const std::string& name) {
    const QString folder = sweepFolder();
    if (!QDir().mkpath(folder))
        throw Error("the folder " + folder.toStdString() +
                    " for results cannot be made: make it, or set XDG_DATA_HOME to a place you can write to");
    QString stem = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyy-MM-ddTHH-mm-ss"));
    if (!name.empty()) stem += QLatin1Char('-') + fileNamePart(name);
    // Two sweeps may start within a second.
    for (int copy = 1;; ++copy) {
        const QString path = QStringLiteral("%1/%2%3.moescope.json")
                                 .arg(folder, stem, copy == 1 ? QString() : QStringLiteral("-%1").arg(copy));
        if (!QFileInfo::exists(path) && !QFileInfo::exists(qs(Journal::path_for(path.toStdString()))))
            return path;
    }
}

QStringList recentSessions() {
    QStringList present;
    const QStringList stored = QSettings().value(QLatin1String(kRecentKey)).toStringList();
    for (const QString& path : stored)
        if (QFileInfo::exists(path)) present << path;
    return present;
}

void rememberSession(const QString& path) {
    QStringList paths = recentSessions();
    const QString absolute = QFileInfo(path).absoluteFilePath();
    paths.removeAll(absolute);
    paths.prepend(absolute);
    QSettings().setValue(QLatin1String(kRecentKey), QStringList(paths.mid(0, kMostRecent)));
}

QString takeInterruptedSweep() {
    QSettings settings;
    const QString path = settings.value(QLatin1String(kInterruptedKey)).toString();
    settings.remove(QLatin1String(kInterruptedKey));
    return QFileInfo::exists(path) ? path : QString();
}

void noteInterruptedSweep(const QString& path) {
    QSettings().setValue(QLatin1String(kInterruptedKey), path);
}

QString withSessionExtension(const QString& path) {
    return QFileInfo(path).suffix().isEmpty() ? path + QStringLiteral(".moescope.json") : path;
}

}  // namespace moescope::ui
