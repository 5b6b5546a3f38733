// SPDX-License-Identifier: GPL-3.0-or-later
// What the comparison page reads and writes: sessions in, charts and tables out, and the clipboard.
#include <QClipboard>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMimeData>
#include <QSettings>
#include <QStandardPaths>
#include <QUrl>

#include "moescope/analysis/comparison_report.h"
#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/compare/comparison_page.h"
#include "moescope/ui/panels/export_dialog.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kFolderKey = "files/folder";

QString lastFolder() {
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QSettings().value(QLatin1String(kFolderKey), documents).toString();
}

void rememberFolder(const QString& path) {
    QSettings().setValue(QLatin1String(kFolderKey), QFileInfo(path).absolutePath());
}

/// Empty: the user has thought better of it. The filter that is chosen gives its extension to a bare name.
QString askForPath(QWidget* parent, const QString& title, const QString& stem, const QStringList& filters) {
    QFileDialog dialog(parent, title, lastFolder());
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setNameFilters(filters);
    const auto suffix = [](const QString& filter) {
        return filter.section(QStringLiteral("*."), 1).section(QLatin1Char(')'), 0, 0);
    };
    dialog.setDefaultSuffix(suffix(filters.front()));
    QObject::connect(&dialog, &QFileDialog::filterSelected, &dialog,
                     [&](const QString& filter) { dialog.setDefaultSuffix(suffix(filter)); });
    dialog.selectFile(stem);
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

}  // namespace

template <typename Work>
bool ComparisonPage::attempt(Work&& work) {
    try {
        work();
        m_messages->hide();
        return true;
    } catch (const std::exception& error) {
        m_messages->showError(errorText(error));
        return false;
    }
}

bool ComparisonPage::addFiles(const QStringList& paths) {
    return attempt([&] {
        for (const QString& path : paths) m_setup->sources().addFile(path);
    });
}

bool ComparisonPage::compareFiles(const QString& base, const QStringList& others) {
    return attempt([&] {
        const int base_row = m_setup->sources().addFile(base);
        std::vector<int> other_rows;
        for (const QString& other : others) other_rows.push_back(m_setup->sources().addFile(other));
        m_setup->sources().choose({base_row}, other_rows);
    });
}

void ComparisonPage::askForFiles() {
    const QStringList paths = QFileDialog::getOpenFileNames(
        this, QStringLiteral("Add sessions to compare"), lastFolder(),
        QStringLiteral("Sessions and logs (*.moescope.json *.json *.txt *.log);;All files (*)"));
    if (paths.isEmpty()) return;
    rememberFolder(paths.front());
    addFiles(paths);
}

void ComparisonPage::dragEnterEvent(QDragEnterEvent* event) {
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) event->acceptProposedAction();
}

void ComparisonPage::dropEvent(QDropEvent* event) {
    QStringList paths;
    for (const QUrl& url : event->mimeData()->urls())
        if (url.isLocalFile()) paths << url.toLocalFile();
    addFiles(paths);
    event->acceptProposedAction();
}

void ComparisonPage::copy() {
    const QString rows = m_view->selectedText();
    if (rows.isEmpty()) {
        copyPicture(m_view->boxes().isAncestorOf(focusWidget()) ? m_view->boxes() : m_view->charts());
        return;
    }
    QGuiApplication::clipboard()->setText(rows);
    emit told(QStringLiteral("%1 copied").arg(counted(rows.count(QLatin1Char('\n')), QStringLiteral("row"))));
}

void ComparisonPage::copyPicture(const ComparisonChartPane& pane) {
    attempt([&] {
        QGuiApplication::clipboard()->setImage(pane.image());
        emit told(QStringLiteral("Chart copied"));
    });
}

bool ComparisonPage::exportChart(const ComparisonChartPane& pane, const QString& path,
                                 const ChartFileSize& size, const ChartOptions& look) {
    return attempt([&] {
        pane.exportTo(path, size, look);
        rememberFolder(path);
        emit told(QStringLiteral("Exported %1").arg(path));
    });
}

void ComparisonPage::askAndExport(const ComparisonChartPane& pane) {
    ExportDialog dialog(pane.shownSize(), Theme::forPalette(palette()), pane.footerShown(), this);
    dialog.offerView(pane.view());
    if (dialog.exec() != QDialog::Accepted) return;
    const QString path =
        askForPath(this, QStringLiteral("Export chart"), pane.chartId(),
                   {QStringLiteral("PNG picture (*.png)"), QStringLiteral("SVG drawing (*.svg)"),
                    QStringLiteral("PDF page (*.pdf)")});
    if (!path.isEmpty()) exportChart(pane, path, dialog.size(), dialog.look());
}

bool ComparisonPage::exportTable(const QString& path) {
    return attempt([&] {
        if (!m_view->compared()) throw Error("there is no comparison to export: choose sessions as A and B");
        const std::span<const Comparison> one(&m_view->compared()->comparison, 1);
        const QString extension = QFileInfo(path).suffix().toLower();
        if (extension == QLatin1String("csv"))
            write_file_atomically(path.toStdString(), comparisons_to_csv(one));
        else if (extension == QLatin1String("md"))
            write_file_atomically(path.toStdString(), comparisons_to_markdown(one));
        else if (extension == QLatin1String("json"))
            write_file_atomically(path.toStdString(), comparisons_to_json(one));
        else
            throw Error("'" + path.toStdString() +
                        "' is no table file: its name must end in .csv, .md or .json");
        rememberFolder(path);
        emit told(QStringLiteral("Exported %1").arg(path));
    });
}

void ComparisonPage::askAndExportTable() {
    const QString path =
        askForPath(this, QStringLiteral("Export comparison"), QStringLiteral("comparison"),
                   {QStringLiteral("CSV table (*.csv)"), QStringLiteral("Markdown report (*.md)"),
                    QStringLiteral("JSON (*.json)")});
    if (!path.isEmpty()) exportTable(path);
}

}  // namespace moescope::ui
