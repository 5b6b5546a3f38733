// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/session_commands.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMessageBox>
#include <QSettings>
#include <QStandardPaths>
#include <exception>

#include "moescope/error.h"
#include "moescope/session/export.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/export_dialog.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/report/html_report.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kFolderKey = "files/folder";
const QString kSessionFilter =
    QStringLiteral("Sessions (*.moescope.json);;JSON files (*.json);;All files (*)");
const QString kChartFilter = QStringLiteral("PNG picture (*.png);;SVG drawing (*.svg);;PDF page (*.pdf)");

const QString kTableFilter = QStringLiteral("CSV table (*.csv);;Markdown table (*.md);;Session (*.json)");

QString lastFolder() {
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QSettings().value(QLatin1String(kFolderKey), documents).toString();
}

void rememberFolder(const QString& path) {
    QSettings().setValue(QLatin1String(kFolderKey), QFileInfo(path).absolutePath());
}

/// The extension that a filter such as "PNG picture (*.png)" stands for, unless the name brings its own.
QString withFilterExtension(const QString& path, const QString& filter) {
    if (path.isEmpty() || !QFileInfo(path).suffix().isEmpty()) return path;
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

bool SessionCommands::openRecorded(const QString& path) {
    Session session;
    const bool opened_it = attempt([&] {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) throw Error("'" + path.toStdString() + "' cannot be read");
        session = session_from_json(file.readAll().toStdString(), path.toStdString());
        m_document.open(session, {});
        emit recordedOpened();
    });
    if (!opened_it) return false;
    m_messages.showNote(
        QStringLiteral(
            "A recorded session to explore: %1, measured %2 with moescope %3. Nothing was measured "
            "on this machine yet: Run (F5) sweeps the matrix on the left here.")
            .arg(qs(session.name), qs(session.created).left(10), qs(session.tool_version)));
    return true;
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

bool SessionCommands::exportChart(const QString& path, const ChartFileSize& size, const ChartOptions& look) {
    return attempt([&] {
        m_charts.exportTo(path, size, look);
        rememberFolder(path);
        emit told(QStringLiteral("Exported %1").arg(path));
    });
}

bool SessionCommands::exportShown(const QString& path) {
    return attempt([&] {
        Session shown = m_document.session();
        if (m_shown) shown.results = m_shown();
        const QString extension = QFileInfo(path).suffix().toLower();
        if (extension == QLatin1String("csv"))
            write_file_atomically(path.toStdString(), results_to_csv(shown.results));
        else if (extension == QLatin1String("md"))
            write_file_atomically(path.toStdString(), results_to_markdown(shown.results));
        else if (extension == QLatin1String("json"))
            save_session(shown, path.toStdString());
        else
            throw Error("'" + path.toStdString() +
                        "' is no table file: its name must end in .csv, .md or .json");
        rememberFolder(path);
        emit told(
            QStringLiteral("Exported %1 to %2")
                .arg(counted(static_cast<std::int64_t>(shown.results.size()), QStringLiteral("row")), path));
    });
}

bool SessionCommands::exportPivot(const PivotTable& pivot, const QString& path) {
    return attempt([&] {
        const QString extension = QFileInfo(path).suffix().toLower();
        QString text;
        if (extension == QLatin1String("csv"))
            text = pivotToCsv(pivot);
        else if (extension == QLatin1String("md"))
            text = pivotToMarkdown(pivot);
        else if (extension == QLatin1String("json"))
            text = pivotToJson(pivot);
        else
            throw Error("'" + path.toStdString() +
                        "' is no table file: its name must end in .csv, .md or .json");
        write_file_atomically(path.toStdString(), text.toStdString());
        rememberFolder(path);
        emit told(
            QStringLiteral("Exported %1 to %2")
                .arg(counted(static_cast<std::int64_t>(pivot.rows.size()), QStringLiteral("row")), path));
    });
}

bool SessionCommands::exportReport(const QString& path) {
    return attempt([&] {
        const ChartData data = m_charts.data();
        writeHtmlReport(m_document.session(), {data.baseline, data.peak, true}, path);
        rememberFolder(path);
        emit told(QStringLiteral("Exported %1").arg(path));
    });
}

bool SessionCommands::mayWrite(const QString& path, const QString& asked) const {
    if (path == asked || !QFileInfo::exists(path)) return true;
    return QMessageBox::question(m_window, QStringLiteral("Replace file?"),
                                 QStringLiteral("%1 exists already. Replace it?").arg(path)) ==
           QMessageBox::Yes;
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
    const QString asked =
        QFileDialog::getSaveFileName(m_window, QStringLiteral("Save session"),
                                     suggestedStem() + QStringLiteral(".moescope.json"), kSessionFilter);
    const QString path = withSessionExtension(asked);
    if (!asked.isEmpty() && mayWrite(path, asked)) save(path);
}

void SessionCommands::askAndExportChart() {
    ExportDialog dialog(m_charts.shownSize(), Theme::forPalette(m_window->palette()), m_charts.footerShown(),
                        m_window);
    dialog.offerView(m_charts.view());
    if (dialog.exec() != QDialog::Accepted) return;
    QString filter;
    const QString asked = QFileDialog::getSaveFileName(
        m_window, QStringLiteral("Export chart"),
        QStringLiteral("%1-%2.png").arg(suggestedStem(), m_charts.chartId()), kChartFilter, &filter);
    const QString path = withFilterExtension(asked, filter);
    if (!asked.isEmpty() && mayWrite(path, asked)) exportChart(path, dialog.size(), dialog.look());
}

void SessionCommands::askAndExportShown() {
    QString filter;
    const QString asked =
        QFileDialog::getSaveFileName(m_window, QStringLiteral("Export shown results"),
                                     suggestedStem() + QStringLiteral(".csv"), kTableFilter, &filter);
    const QString path = withFilterExtension(asked, filter);
    if (!asked.isEmpty() && mayWrite(path, asked)) exportShown(path);
}

void SessionCommands::askAndExportPivot(const PivotTable& pivot) {
    QString filter;
    const QString asked = QFileDialog::getSaveFileName(
        m_window, QStringLiteral("Export pivot"), suggestedStem() + QStringLiteral("-pivot.csv"),
        QStringLiteral("CSV table (*.csv);;Markdown table (*.md);;JSON (*.json)"), &filter);
    const QString path = withFilterExtension(asked, filter);
    if (!asked.isEmpty() && mayWrite(path, asked)) exportPivot(pivot, path);
}

void SessionCommands::askAndExportReport() {
    const QString filter = QStringLiteral("Web page (*.html)");
    const QString asked = QFileDialog::getSaveFileName(m_window, QStringLiteral("Export report"),
                                                       suggestedStem() + QStringLiteral(".html"), filter);
    const QString path = withFilterExtension(asked, filter);
    if (!asked.isEmpty() && mayWrite(path, asked)) exportReport(path);
}

void SessionCommands::copyChart() {
    attempt([&] {
        QGuiApplication::clipboard()->setImage(m_charts.image());
        emit told(QStringLiteral("Chart copied"));
    });
}

}  // namespace moescope::ui
