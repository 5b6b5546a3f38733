// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <vector>

#include "moescope/ui/compare/comparison_runner.h"
#include "moescope/ui/compare/comparison_setup.h"
#include "moescope/ui/compare/comparison_view.h"
#include "moescope/ui/panels/message_bar.h"

class QStackedWidget;

namespace moescope::ui {

/// The comparison page: what to compare on the left, the comparison on the right. Compares by itself, off the
/// GUI thread, when a choice changes.
class ComparisonPage : public QWidget {
    Q_OBJECT

  public:
    explicit ComparisonPage(QWidget* parent = nullptr);

    /// What the window has open; `baseline` is an index into it. Until somebody chooses, the baseline is A
    /// and the others are B. Files that were added on the page stay.
    void setSessions(const std::vector<SessionPtr>& sessions, std::size_t baseline = 0);
    /// Compares files. What is wrong is said in the message bar; false then.
    bool compareFiles(const QString& base, const QStringList& others);
    bool addFiles(const QStringList& paths);

    /// Rows of the table that has the focus, else the picture of the shown chart, go to the clipboard.
    void copy();
    void askAndExportChart() { askAndExport(m_view->charts()); }
    void askAndExportTable();
    bool exportChart(const ComparisonChartPane& pane, const QString& path, const ChartFileSize& size,
                     const ChartOptions& look);
    /// All cells of the comparison as CSV, Markdown or JSON, by extension.
    bool exportTable(const QString& path);

    ComparisonSetup& setup() { return *m_setup; }
    ComparisonView& view() { return *m_view; }
    ComparisonRunner& runner() { return m_runner; }
    MessageBar& messages() { return *m_messages; }
    QComboBox& resultBox() { return *m_results; }
    QProgressBar& progressBar() { return *m_progress; }
    QPushButton& stopButton() { return *m_stop; }
    /// Nothing is being compared, and nothing is about to be.
    bool isSettled() const { return !m_runner.isBusy() && !m_wait.isActive(); }

  signals:
    void told(const QString& text);  ///< for the status bar

  protected:
    /// Files that are dropped here are added, not opened.
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

  private:
    QWidget* buildBar();
    void compare();
    void showAnswer(const std::vector<ComparedPtr>& answer);
    void showHint(const QString& text);
    void askForFiles();
    void askAndExport(const ComparisonChartPane& pane);
    void copyPicture(const ComparisonChartPane& pane);
    template <typename Work>
    bool attempt(Work&& work);

    ComparisonSetup* m_setup;
    ComparisonView* m_view;
    MessageBar* m_messages;
    QStackedWidget* m_stack;  ///< the hint, or the view
    QLabel* m_hint;
    QComboBox* m_results;  ///< which of several comparisons is shown
    QProgressBar* m_progress;
    QPushButton* m_stop;
    QTimer m_wait;  ///< several choices in a row make one comparison
    std::vector<ComparedPtr> m_answer;
    bool m_touched = false;  ///< somebody has chosen
    bool m_choosingFirst = false;
    ComparisonRunner m_runner;  ///< last: its end comes first, while all that it tells is still there
};

}  // namespace moescope::ui
