// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>
#include <vector>

#include "moescope/session/session.h"
#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/models/pivot.h"
#include "moescope/ui/session/open_session.h"

class QWidget;

namespace moescope::ui {

class ChartPanel;
class MessageBar;
class SessionDocument;

/// Opening, saving and exporting: the dialogs that ask for a path, and the commands that take one. What goes
/// wrong is said in the message bar.
class SessionCommands : public QObject {
    Q_OBJECT

  public:
    SessionCommands(SessionDocument& document, ChartPanel& charts, MessageBar& messages, QWidget* window);

    bool open(const QString& path);
    /// Opens all of them and shows them side by side; one that cannot be read is told and the others are
    /// open.
    bool open(const QStringList& paths);
    /// Closes an open session; asks first when it has what no file has. False: the user keeps it open.
    bool close(std::size_t session);
    /// Before the window closes: asks about every session with unsaved changes. False: stay.
    bool mayCloseAll();
    /// What to do with changes that no file has.
    enum class Unsaved { save, discard, keepOpen };
    /// Who is asked instead of the user.
    void setAsk(std::function<Unsaved(const OpenSession& session)> ask) { m_ask = std::move(ask); }
    /// A session that comes with the program, for the first start: has no path of its own, is not put among
    /// the recent ones, and a note says what it is.
    bool openRecorded(const QString& path);
    bool save(const QString& path);
    bool exportChart(const QString& path);
    bool exportChart(const QString& path, const ChartFileSize& size, const ChartOptions& look);
    bool exportCsv(const QString& path);
    /// What the results table shows, as CSV, Markdown or JSON (a session) by extension.
    bool exportShown(const QString& path);
    /// A pivot as CSV, Markdown or JSON by extension.
    bool exportPivot(const PivotTable& pivot, const QString& path);
    bool exportReport(const QString& path);
    /// Asked before exportShown(); without it everything is exported.
    void setShownResults(std::function<std::vector<Result>()> shown) { m_shown = std::move(shown); }

    void askAndOpen();
    /// Where it was saved before, else asks.
    void saveAgain();
    void askAndSave();
    void askAndExportChart();
    void askAndExportShown();
    void askAndExportPivot(const PivotTable& pivot);
    void askAndExportReport();
    void copyChart();

  signals:
    void opened();
    /// Unlike opened(), the matrix stays: it was measured on another machine.
    void recordedOpened();
    void recentChanged();
    void told(const QString& text);  ///< for the status bar

  private:
    template <typename Work>
    bool attempt(Work&& work);
    QString suggestedStem() const;
    Unsaved askUser(const OpenSession& session) const;
    bool settle(std::size_t session);
    bool saveWhereItBelongs();
    /// False: there is a file at `path`, which the dialog could not ask about, and the user keeps it.
    bool mayWrite(const QString& path, const QString& asked) const;

    SessionDocument& m_document;
    ChartPanel& m_charts;
    MessageBar& m_messages;
    QWidget* m_window;
    std::function<std::vector<Result>()> m_shown;
    std::function<Unsaved(const OpenSession&)> m_ask;
};

}  // namespace moescope::ui
