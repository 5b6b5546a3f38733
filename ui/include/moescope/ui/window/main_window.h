// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <memory>

#include "moescope/measurement/backend.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/sweep/sweep_controller.h"
#include "moescope/ui/theme/theme.h"
#include "moescope/ui/window/window_actions.h"

class QDockWidget;

namespace moescope::ui {

class ChartPanel;
class ComparisonSwitch;
class LoadPanel;
class MatrixPanel;
class MessageBar;
class PivotPanel;
class PlanPanel;
class RecoveryOffer;
class ResultsPanel;
class SessionCommands;
class SessionsPanel;
class SweepCommands;
class SweepStatus;
class TelemetryPanel;

/// The window: puts panels into docks and connects them with the session, the sweep and the actions.
class MainWindow : public QMainWindow {
    Q_OBJECT

  public:
    explicit MainWindow(std::shared_ptr<const BackendFactory> factory, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Starts a sweep of the plan that the matrix panel shows. Does nothing without one or while one runs.
    void run();
    void cancel();
    /// Without asking about unsaved changes: the system is shutting down, and nobody may be there to answer.
    void closeUnasked();
    void setTheme(ThemeChoice choice);
    void restoreDefaultLayout();

    SessionDocument& document() { return m_document; }
    SweepController& sweep() { return m_sweep; }
    SessionCommands& commands() { return *m_commands; }
    SweepCommands& sweeps() { return *m_sweeps; }
    WindowActions& actions() { return *m_actions; }
    MatrixPanel& matrix() { return *m_matrix; }
    PlanPanel& plan() { return *m_plan; }
    ResultsPanel& results() { return *m_results; }
    SessionsPanel& sessions() { return *m_sessions; }
    PivotPanel& pivot() { return *m_pivot; }
    TelemetryPanel& telemetry() { return *m_telemetry; }
    LoadPanel& load() { return *m_load; }
    ChartPanel& charts() { return *m_charts; }
    MessageBar& messages() { return *m_messages; }
    SweepStatus& status() { return *m_status; }
    ComparisonSwitch& comparison() { return *m_comparison; }
    /// Where the last sweep keeps its results.
    const QString& sweepPath() const;

  protected:
    void changeEvent(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

  private:
    void buildPanels();
    QDockWidget* addDock(const QString& name, const QString& title, QWidget* panel, Qt::DockWidgetArea area);
    void connectPanels();
    /// In every panel but the one that it was picked in.
    void highlight(const Case& picked);
    void connectSweep();
    void connectSessions();
    void connectActions();
    void connectComparison();
    void restoreSettings();
    void saveSettings();
    void updateActions();
    void updateTitle();
    void updateRecent();
    void copy();
    void showShortcuts();

    SessionDocument m_document;
    SweepController m_sweep;
    WindowActions* m_actions = nullptr;
    SessionCommands* m_commands = nullptr;
    SweepCommands* m_sweeps = nullptr;
    RecoveryOffer* m_recovery = nullptr;
    MatrixPanel* m_matrix = nullptr;
    PlanPanel* m_plan = nullptr;
    ResultsPanel* m_results = nullptr;
    SessionsPanel* m_sessions = nullptr;
    PivotPanel* m_pivot = nullptr;
    TelemetryPanel* m_telemetry = nullptr;
    LoadPanel* m_load = nullptr;
    ChartPanel* m_charts = nullptr;
    MessageBar* m_messages = nullptr;
    SweepStatus* m_status = nullptr;
    ComparisonSwitch* m_comparison = nullptr;
    QDockWidget* m_matrixDock = nullptr;
    QDockWidget* m_resultsDock = nullptr;
    QDockWidget* m_sessionsDock = nullptr;
    QDockWidget* m_planDock = nullptr;
    QDockWidget* m_pivotDock = nullptr;
    QDockWidget* m_telemetryDock = nullptr;
    QDockWidget* m_loadDock = nullptr;
    ThemeChoice m_theme = ThemeChoice::system;
    bool m_askOnClose = true;
};

}  // namespace moescope::ui
