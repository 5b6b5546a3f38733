// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/session_commands.h"

#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QSettings>
#include <QStandardPaths>
#include <exception>

#include "moescope/session/export.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/session/session_store.h"

namespace moescope::ui {
namespace {

constexpr const char* kFolderKey = "files/folder";
const QString kSessionFilter =
    QStringLiteral("Sessions (*.moescope.json);;JSON files (*.json);;All files (*)");
const QString kChartFilter = QStringLiteral("PNG picture (*.png);;SVG drawing (*.svg);;PDF page (*.pdf)");

QString lastFolder() {
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QSettings().value(QLatin1String(kFolderKey), documents).toString();
}

void rememberFolder(const QString& path) {
    QSettings().setValue(QLatin1String(kFolderKey), QFileInfo(path).absolutePath());
}

/// The extension that a filter such as "PNG picture (*.png)" stands for, unless the name brings its own.
QString withFilterExtension(const QString& path, const QString& filter) {
    if (!QFileInfo(path).suffix().isEmpty()) return path;
    return path + QLatin1Char('.') + filter.section(QStringLiteral("*."), 1).section(QLatin1Char(')'), 0, 0);
}

}  // namespace

SessionCommands::SessionCommands(SessionDocument& document, ChartPanel& charts, MessageBar& messages,
                                 QWidget* window)
    : QObject(window), m_document(document), m_charts(charts), m_messages(messages), m_window(window) {}

template <typename Work>
bool SessionCommands::attempt(Work&& work) {
    try {
        work();
        m_messages.hide();
        return true;
    } catch (const std::exception& error) {
        m_messages.showError(QString::fromUtf8(error.what()));
        return false;
    }
}

bool SessionCommands::open(const QString& path) {
    return attempt([&] {
        m_document.open(load_session(path.toStdString()), QFileInfo(path).absoluteFilePath());
        rememberSession(path);
        rememberFolder(path);
        emit recentChanged();
        emit opened();
    });
}

bool SessionCommands::save(const QString& path) {
    return attempt([&] {
        save_session(m_document.session(), path.toStdString());
        m_document.markSaved(path);
        rememberSession(path);
        rememberFolder(path);
        emit recentChanged();
        emit told(QStringLiteral("Saved %1").arg(path));
    });
}

bool SessionCommands::exportChart(const QString& path) {
    return attempt([&] {
        m_charts.exportTo(path);
        rememberFolder(path);
        emit told(QStringLiteral("Exported %1").arg(path));
    });
}

bool SessionCommands::exportCsv(const QString& path) {
    return attempt([&] {
        write_file_atomically(path.toStdString(), results_to_csv(m_document.session().results));
        rememberFolder(path);
        emit told(QStringLiteral("Exported %1").arg(path));
    });
}

QString SessionCommands::suggestedStem() const {
    return lastFolder() + QLatin1Char('/') + QFileInfo(m_document.displayName()).baseName();
}

void SessionCommands::askAndOpen() {
    const QString path =
        QFileDialog::getOpenFileName(m_window, QStringLiteral("Open session"), lastFolder(), kSessionFilter);
    if (!path.isEmpty()) open(path);
}

void SessionCommands::saveAgain() {
    if (m_document.path().isEmpty())
        askAndSave();
    else
        save(m_document.path());
}

void SessionCommands::askAndSave() {
    const QString path =
        QFileDialog::getSaveFileName(m_window, QStringLiteral("Save session"),
                                     suggestedStem() + QStringLiteral(".moescope.json"), kSessionFilter);
    if (!path.isEmpty()) save(withSessionExtension(path));
}

void SessionCommands::askAndExportChart() {
    QString filter;
    const QString path = QFileDialog::getSaveFileName(
        m_window, QStringLiteral("Export chart"),
        QStringLiteral("%1-%2.png").arg(suggestedStem(), m_charts.chartId()), kChartFilter, &filter);
    if (!path.isEmpty()) exportChart(withFilterExtension(path, filter));
}

void SessionCommands::askAndExportCsv() {
    const QString filter = QStringLiteral("CSV table (*.csv)");
    const QString path = QFileDialog::getSaveFileName(m_window, QStringLiteral("Export results"),
                                                      suggestedStem() + QStringLiteral(".csv"), filter);
    if (!path.isEmpty()) exportCsv(withFilterExtension(path, filter));
}

void SessionCommands::copyChart() {
    attempt([&] {
        QGuiApplication::clipboard()->setImage(m_charts.image());
        emit told(QStringLiteral("Chart copied"));
    });
}

}  // namespace moescope::ui
