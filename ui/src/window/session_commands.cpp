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
#include "moescope/ui/support/setting_names.h"
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
        m_messages.clear();
        return true;
    } catch (const std::exception& error) {
        m_messages.showError(errorText(error));
        return false;
    }
}

bool SessionCommands::open(const QString& path) {
    return open(QStringList{path});
}

bool SessionCommands::open(const QStringList& paths) {
    std::vector<std::pair<Session, QString>> sessions;
    QStringList problems;
    for (const QString& path : paths) {
        try {
            const QString whole = QFileInfo(path).absoluteFilePath();
            const std::size_t at = m_document.indexOf(whole);
            if (at < m_document.count() && &m_document.at(at) == m_document.live())
                throw Error("'" + path.toStdString() +
                            "' is being measured, and open: check it in the panel Sessions to see it");
            if (at < m_document.count() && m_document.at(at).modified)
                throw Error("'" + path.toStdString() +
                            "' is open with changes that are not saved: save or close it first");
            sessions.emplace_back(load_session(path.toStdString()), whole);
            rememberSession(path);
            rememberFolder(path);
        } catch (const std::exception& error) {
            problems << errorText(error);
        }
    }
    if (!sessions.empty()) {
        m_document.open(std::move(sessions));
        emit recentChanged();
        emit opened();
    }
    if (problems.isEmpty())
        m_messages.clear();
    else
        m_messages.showError(problems.join(QLatin1Char('\n')));
    return problems.isEmpty();
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
        if (m_document.current() == nullptr)
            throw Error("there is no session to save: open one, or run a sweep");
        const QString whole = QFileInfo(path).absoluteFilePath();
        const std::size_t same = m_document.indexOf(whole);
        if (same < m_document.count() && &m_document.at(same) != m_document.current())
            throw Error("'" + path.toStdString() +
                        "' is the file of another open session: close that one first or choose another name");
        save_session(m_document.current()->session, path.toStdString());
        m_document.markSaved(whole);
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
                                 QStringLiteral("%1 exists already. Replace it?").arg(path),
                                 QMessageBox::Yes | QMessageBox::No, QMessageBox::No) == QMessageBox::Yes;
}

QString SessionCommands::suggestedStem() const {
    return lastFolder() + QLatin1Char('/') + QFileInfo(m_document.displayName()).baseName();
}

void SessionCommands::askAndOpen() {
    const QStringList paths = QFileDialog::getOpenFileNames(m_window, QStringLiteral("Open sessions"),
                                                            lastFolder(), kSessionFilter);
    if (!paths.isEmpty()) open(paths);
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
