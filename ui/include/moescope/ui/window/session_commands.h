// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

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
    bool save(const QString& path);
    bool exportChart(const QString& path);
    bool exportCsv(const QString& path);

    void askAndOpen();
    /// Where it was saved before, else asks.
    void saveAgain();
    void askAndSave();
    void askAndExportChart();
    void askAndExportCsv();
    void copyChart();

  signals:
    void opened();
    void recentChanged();
    void told(const QString& text);  ///< for the status bar

  private:
    template <typename Work>
    bool attempt(Work&& work);
    QString suggestedStem() const;

    SessionDocument& m_document;
    ChartPanel& m_charts;
    MessageBar& m_messages;
    QWidget* m_window;
};

}  // namespace moescope::ui
