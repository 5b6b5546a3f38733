// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/main_window.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QDockWidget>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QStatusBar>
#include <QTabBar>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/load_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/pivot_panel.h"
#include "moescope/ui/panels/plan_panel.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/panels/sessions_panel.h"
#include "moescope/ui/panels/sweep_status.h"
#include "moescope/ui/panels/telemetry_panel.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/support/table.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/matrix_commands.h"
#include "moescope/ui/window/recovery_offer.h"
#include "moescope/ui/window/session_commands.h"
#include "moescope/ui/window/shortcuts_dialog.h"
#include "moescope/ui/window/sweep_commands.h"

namespace moescope::ui {
namespace {

constexpr int kLayoutVersion = 4;  ///< rises when docks change, so that an old layout is not forced upon them
constexpr const char* kGeometryKey = "window/geometry";
constexpr const char* kStateKey = "window/state";
constexpr const char* kThemeKey = "window/theme";
constexpr const char* kFooterKey = "chart/footer";
constexpr const char* kChartKey = "chart/shown";

/// Qt 6.4 now and then leaves a tab bar without tabs visible when docks are tabbed anew; its base line would
/// cross the panel that lies there. Bars that are used again are shown again by Qt.
void hideEmptyTabBars(const QMainWindow& window) {
    for (auto* bar : window.findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly))
        if (bar->count() == 0) bar->hide();
}

QStringList localFiles(const QMimeData& data) {
    QStringList files;
    for (const QUrl& url : data.urls())
        if (url.isLocalFile()) files << url.toLocalFile();
    return files;
}

/// The panel itself where nothing in it takes the focus.
void focusFirstField(const QDockWidget& dock) {
    for (auto* child : dock.widget()->findChildren<QWidget*>()) {
        const bool takes_focus = (child->focusPolicy() & Qt::TabFocus) != 0;
        if (!takes_focus || !child->isEnabled() || !child->isVisibleTo(dock.widget())) continue;
        child->setFocus(Qt::ShortcutFocusReason);
        return;
    }
    dock.widget()->setFocus(Qt::ShortcutFocusReason);
}

}  // namespace

MainWindow::MainWindow(std::shared_ptr<const BackendFactory> factory, QWidget* parent)
    : QMainWindow(parent), m_sweep(factory), m_matrix(new MatrixPanel(std::move(factory))) {
    resize(1280, 800);
    setAcceptDrops(true);
    m_actions = new WindowActions(this);
    buildPanels();
    m_commands = new SessionCommands(m_document, *m_charts, *m_messages, this);
    m_sweeps = new SweepCommands(m_document, m_sweep, *m_matrix, *m_messages, *m_status, this);
    m_recovery = new RecoveryOffer(m_document, *m_messages, this);
    connectPanels();
    connectSweep();
    connectSessions();
    connectActions();
    connectMatrix(*m_matrix, *m_actions, m_sweep);
    connectComparison();
    restoreDefaultLayout();
    restoreSettings();
    updateRecent();
    updateActions();
    updateTitle();
}

MainWindow::~MainWindow() {
    m_sweep.shutDown();
    // Panels read the document. As children of the window they would outlive it, a member.
    for (QDockWidget* dock :
         {m_matrixDock, m_resultsDock, m_sessionsDock, m_pivotDock, m_telemetryDock, m_planDock, m_loadDock})
        delete dock;
    delete takeCentralWidget();
}

void MainWindow::buildPanels() {
    auto* center = new QWidget(this);
    auto* column = new QVBoxLayout(center);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_messages = new MessageBar(center);
    m_charts = new ChartPanel(m_document, center);
    column->addWidget(m_messages);
    column->addWidget(m_charts, 1);
    setCentralWidget(center);
    m_comparison = new ComparisonSwitch(*this, *m_charts, *m_actions->compare);

    m_results = new ResultsPanel(m_document);
    m_sessions = new SessionsPanel(m_document);
    m_pivot = new PivotPanel(m_document);
    m_telemetry = new TelemetryPanel(m_document);
    m_plan = new PlanPanel;
    m_load = new LoadPanel;
    setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    m_matrixDock = addDock("dock.matrix", "Matrix", m_matrix, Qt::LeftDockWidgetArea);
    m_resultsDock = addDock("dock.results", "Results", m_results, Qt::BottomDockWidgetArea);
    m_sessionsDock = addDock("dock.sessions", "Sessions", m_sessions, Qt::BottomDockWidgetArea);
    m_pivotDock = addDock("dock.pivot", "Pivot", m_pivot, Qt::BottomDockWidgetArea);
    m_telemetryDock = addDock("dock.telemetry", "Telemetry", m_telemetry, Qt::BottomDockWidgetArea);
    m_planDock = addDock("dock.plan", "Plan", m_plan, Qt::BottomDockWidgetArea);
    m_loadDock = addDock("dock.load", "Tokens per expert", m_load, Qt::BottomDockWidgetArea);

    m_status = new SweepStatus;
    statusBar()->addWidget(m_status, 1);
    statusBar()->setSizeGripEnabled(false);
}

QDockWidget* MainWindow::addDock(const QString& name, const QString& title, QWidget* panel,
                                 Qt::DockWidgetArea area) {
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(panel);
    addDockWidget(area, dock);
    connect(m_actions->addPanel(title, dock->toggleViewAction()), &QAction::triggered, this, [this, dock] {
        m_comparison->setActive(false);
        dock->show();
        dock->raise();
        focusFirstField(*dock);
    });
    return dock;
}

void MainWindow::restoreDefaultLayout() {
    m_comparison->setActive(false);
    const auto docks = {m_matrixDock,    m_resultsDock, m_sessionsDock, m_pivotDock,
                        m_telemetryDock, m_planDock,    m_loadDock};
    // All away first: side by side for a moment, panels would widen the window beyond a small screen.
    for (QDockWidget* dock : docks) {
        dock->setFloating(false);
        removeDockWidget(dock);
    }
    addDockWidget(Qt::LeftDockWidgetArea, m_matrixDock);
    addDockWidget(Qt::BottomDockWidgetArea, m_resultsDock);
    splitDockWidget(m_resultsDock, m_loadDock, Qt::Horizontal);
    tabifyDockWidget(m_resultsDock, m_sessionsDock);
    tabifyDockWidget(m_sessionsDock, m_pivotDock);
    tabifyDockWidget(m_pivotDock, m_telemetryDock);
    tabifyDockWidget(m_telemetryDock, m_planDock);
    for (QDockWidget* dock : docks) dock->show();
    m_planDock->raise();
    resizeDocks({m_matrixDock}, {310}, Qt::Horizontal);
    resizeDocks({m_resultsDock, m_loadDock}, {600, 340}, Qt::Horizontal);
    resizeDocks({m_resultsDock}, {190}, Qt::Vertical);
    // The layout is applied when it is next asked for.
    QTimer::singleShot(0, this, [this] { hideEmptyTabBars(*this); });
}

void MainWindow::connectPanels() {
    connect(m_matrix, &MatrixPanel::planChanged, this, [this](const std::shared_ptr<const Plan>& plan) {
        if (plan) m_plan->setPlan(plan);
        updateActions();
    });
    connect(m_plan, &PlanPanel::caseSelected, m_load, &LoadPanel::showPlanned);
    connect(m_plan, &PlanPanel::casePicked, this, [this](const Case& picked) {
        m_results->selectCase(picked);
        highlight(picked);  // also where the session has no result of it
    });
    connect(m_results, &ResultsPanel::resultSelected, this, [this](const Result& result) {
        m_load->showCase(result.c);
        highlight(result.c);
    });
    connect(m_charts, &ChartPanel::resultPicked, this, [this](std::size_t result) {
        const Case picked = m_document.session().results[result].c;
        m_results->selectResult(result);
        m_load->showCase(picked);  // also where a filter keeps its row out of the table
        highlight(picked);
    });
    m_pivot->setShown([this] { return m_results->shownIndices(); });
    connect(m_results, &ResultsPanel::filterChanged, m_pivot, &PivotPanel::scheduleUpdate);
    connect(m_pivot, &PivotPanel::resultPicked, m_charts, &ChartPanel::resultPicked);
    connect(m_telemetry, &TelemetryPanel::resultPicked, m_charts, &ChartPanel::resultPicked);
    connect(&m_document, &SessionDocument::stateChanged, this, &MainWindow::updateTitle);
    connect(&m_document, &SessionDocument::stateChanged, this, &MainWindow::updateActions);
    connect(&m_document, &SessionDocument::reset, this, &MainWindow::updateActions);
    connect(&m_document, &SessionDocument::appended, this, &MainWindow::updateActions);
}

void MainWindow::highlight(const Case& picked) {
    m_charts->selectCase(picked);
    m_plan->selectCase(picked);
    m_telemetry->selectCase(picked);
    m_pivot->selectCase(picked);
}

void MainWindow::connectActions() {
    connect(m_actions->run, &QAction::triggered, this, &MainWindow::run);
    connect(m_actions->pause, &QAction::triggered, &m_sweep, &SweepController::setPaused);
    connect(&m_sweep, &SweepController::pausedChanged, this, [this](bool paused) {
        m_actions->pause->setChecked(paused);
        if (paused) m_status->showText(QStringLiteral("Paused after the case in work; F6 goes on"));
    });
    connect(m_actions->cancel, &QAction::triggered, this, &MainWindow::cancel);
    connect(m_actions->open, &QAction::triggered, m_commands, &SessionCommands::askAndOpen);
    connect(m_actions->save, &QAction::triggered, m_commands, &SessionCommands::saveAgain);
    connect(m_actions->saveAs, &QAction::triggered, m_commands, &SessionCommands::askAndSave);
    connect(m_pivot, &PivotPanel::exportRequested, m_commands,
            [this] { m_commands->askAndExportPivot(m_pivot->pivot()); });
    connect(m_actions->exportChart, &QAction::triggered, this, [this] {
        m_comparison->isActive() ? m_comparison->page().askAndExportChart() : m_commands->askAndExportChart();
    });
    connect(m_actions->exportTable, &QAction::triggered, this, [this] {
        m_comparison->isActive() ? m_comparison->page().askAndExportTable() : m_commands->askAndExportShown();
    });
    connect(m_actions->exportReport, &QAction::triggered, m_commands, &SessionCommands::askAndExportReport);
    m_commands->setShownResults([this] { return m_results->shownResults(); });
    connect(m_actions->resetView, &QAction::triggered, this, [this] {
        m_comparison->isActive() ? m_comparison->page().view().charts().resetView() : m_charts->resetView();
    });
    const auto step = [this](int by) {
        m_comparison->isActive() ? m_comparison->page().view().charts().stepChart(by)
                                 : m_charts->stepChart(by);
    };
    connect(m_actions->nextChart, &QAction::triggered, m_charts, [step] { step(1); });
    connect(m_actions->previousChart, &QAction::triggered, m_charts, [step] { step(-1); });
    connect(m_actions->filter, &QAction::triggered, this, [this] {
        if (m_comparison->isActive()) {
            m_comparison->page().view().filterEdit().setFocus(Qt::ShortcutFocusReason);
            return;
        }
        m_resultsDock->show();
        m_resultsDock->raise();
        m_results->filterEdit().setFocus(Qt::ShortcutFocusReason);
        m_results->filterEdit().selectAll();
    });
    connect(m_actions->shortcuts, &QAction::triggered, this, &MainWindow::showShortcuts);
    connect(m_actions->copy, &QAction::triggered, this, &MainWindow::copy);
    connect(m_actions->quit, &QAction::triggered, this, &QWidget::close);
    connect(m_actions->restoreLayout, &QAction::triggered, this, &MainWindow::restoreDefaultLayout);
    connect(m_actions->chartFooter, &QAction::toggled, m_charts, &ChartPanel::setFooterShown);
    connect(m_actions->themes, &QActionGroup::triggered, this,
            [this](QAction* action) { setTheme(static_cast<ThemeChoice>(action->data().toInt())); });
    connect(m_actions->about, &QAction::triggered, this, [this] {
        QMessageBox::about(
            this, QStringLiteral("About moescope"),
            QStringLiteral("%1, with Qt %2\n\nProfiler for fused SiLU x Mul + FP8 group quantization on the "
                           "masked MoE layout.\n\nThe desktop program is licensed under the GNU General "
                           "Public License, version 3 or later.")
                .arg(qs(tool_version()), QLatin1String(qVersion())));
    });
    connect(m_commands, &SessionCommands::told, m_status, &SweepStatus::showText);
    connect(m_commands, &SessionCommands::recordedOpened, this, [this] { m_resultsDock->raise(); });
    connect(m_commands, &SessionCommands::recentChanged, this, &MainWindow::updateRecent);
    connect(m_commands, &SessionCommands::opened, this, [this] {
        // A sweep's matrix and the states of its cells stay in view.
        if (!m_sweep.isRunning()) {
            m_plan->model().forgetSweep();
            m_matrix->setSelection(m_document.current()->session.spec);
        }
        m_resultsDock->raise();
        m_status->showText(
            QStringLiteral("%1 in %2")
                .arg(counted(static_cast<std::int64_t>(m_document.session().results.size()), "result"),
                     m_document.shownCount() > 1 ? QStringLiteral("%1 sessions").arg(m_document.shownCount())
                                                 : m_document.displayName()));
    });
}

void MainWindow::showShortcuts() {
    (new ShortcutsDialog(*m_actions, this))->open();
}

void MainWindow::copy() {
    if (m_comparison->isActive()) {
        m_comparison->page().copy();
        return;
    }
    if (m_pivot->table().hasFocus() && m_pivot->table().selectionModel()->hasSelection()) {
        QGuiApplication::clipboard()->setText(m_pivot->selectionAsText());
        m_status->showText(QStringLiteral("Cells copied"));
        return;
    }
    for (const QTableView* table : {&m_results->table(), &m_plan->table(), &m_sessions->table()}) {
        if (!table->hasFocus() || !table->selectionModel()->hasSelection()) continue;
        QGuiApplication::clipboard()->setText(selectedRowsAsText(*table));
        m_status->showText(
            QStringLiteral("%1 copied")
                .arg(counted(table->selectionModel()->selectedRows().size(), QStringLiteral("row"))));
        return;
    }
    m_commands->copyChart();
}

void MainWindow::setTheme(ThemeChoice choice) {
    m_theme = choice;
    for (QAction* action : m_actions->themes->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(choice));
    applyThemeChoice(*qApp, choice);
}

void MainWindow::restoreSettings() {
    const QSettings settings;
    restoreGeometry(settings.value(QLatin1String(kGeometryKey)).toByteArray());
    restoreState(settings.value(QLatin1String(kStateKey)).toByteArray(), kLayoutVersion);
    setTheme(static_cast<ThemeChoice>(qBound(0, settings.value(QLatin1String(kThemeKey), 0).toInt(), 2)));
    m_actions->chartFooter->setChecked(settings.value(QLatin1String(kFooterKey), true).toBool());
    m_charts->showChart(settings.value(QLatin1String(kChartKey)).toString());
    const QString interrupted = takeInterruptedSweep();
    if (!m_recovery->offer() && !interrupted.isEmpty())
        m_messages->showNote(
            QStringLiteral("The window was closed during a sweep. What it had measured is in %1")
                .arg(interrupted));
}

void MainWindow::saveSettings() {
    QSettings settings;
    settings.setValue(QLatin1String(kGeometryKey), saveGeometry());
    settings.setValue(QLatin1String(kStateKey), saveState(kLayoutVersion));
    settings.setValue(QLatin1String(kThemeKey), static_cast<int>(m_theme));
    settings.setValue(QLatin1String(kFooterKey), m_charts->footerShown());
    settings.setValue(QLatin1String(kChartKey), m_charts->chartId());
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_actions != nullptr) m_actions->updateIcons(palette());
}

void MainWindow::closeUnasked() {
    m_askOnClose = false;
    close();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (m_askOnClose && !m_commands->mayCloseAll()) {
        event->ignore();
        return;
    }
    const bool was_running = m_sweep.isRunning();
    m_sweep.shutDown();              // the worker puts what it has on disk before this returns
    m_comparison->setActive(false);  // or docks would come back hidden at the next start
    if (was_running && QFileInfo::exists(sweepPath())) {
        rememberSession(sweepPath());
        noteInterruptedSweep(sweepPath());
    }
    saveSettings();
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!localFiles(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    m_commands->open(localFiles(*event->mimeData()));
    event->acceptProposedAction();
}

}  // namespace moescope::ui
