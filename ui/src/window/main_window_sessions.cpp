// SPDX-License-Identifier: GPL-3.0-or-later
// How the window's sessions, sweeps and the comparison page work together.
#include <QDockWidget>

#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/plan_panel.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/panels/sessions_panel.h"
#include "moescope/ui/panels/sweep_status.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/recovery_offer.h"
#include "moescope/ui/window/session_commands.h"
#include "moescope/ui/window/sweep_commands.h"

namespace moescope::ui {

void MainWindow::connectSweep() {
    connect(&m_sweep, &SweepController::resultsReady, &m_document, &SessionDocument::append);
    connect(&m_sweep, &SweepController::resultsRevised, &m_document, &SessionDocument::revise);
    connect(&m_sweep, &SweepController::peaksMeasured, &m_document, &SessionDocument::setPeaks);
    connect(&m_sweep, &SweepController::clocksKnown, &m_document, &SessionDocument::setClocks);
    connect(&m_sweep, &SweepController::progressed, m_status, &SweepStatus::showProgress);
    connect(&m_sweep, &SweepController::runningChanged, this, &MainWindow::updateActions);
    PlanModel& cells = m_plan->model();
    connect(&m_sweep, &SweepController::resultsReady, &cells, &PlanModel::setResults);
    connect(&m_sweep, &SweepController::resultsRevised, &cells, &PlanModel::setResults);
    connect(&m_sweep, &SweepController::progressed, &cells,
            [&cells](const Progress& progress) { cells.setCurrent(progress.current); });
    connect(m_sweeps, &SweepCommands::started, this, [this](const auto& plan, const auto& asked) {
        m_plan->setPlan(plan);
        m_plan->model().beginSweep(asked, m_document.live()->session.results);
        m_comparison->setActive(false);
        m_resultsDock->raise();
    });
    connect(m_sweeps, &SweepCommands::ended, this, [this] {
        m_plan->model().endSweep();
        updateRecent();
    });
    connect(m_actions->measureAgain, &QAction::triggered, this,
            [this] { m_sweeps->measureAgain(m_results->selectedIndices(), false); });
    connect(m_actions->append, &QAction::triggered, this, [this] {
        const std::vector<std::size_t> selected = m_results->selectedIndices();
        selected.empty() ? m_sweeps->appendToAll() : m_sweeps->measureAgain(selected, true);
    });
}

void MainWindow::connectSessions() {
    connect(m_sessions, &SessionsPanel::openRequested, m_commands, &SessionCommands::askAndOpen);
    connect(m_sessions, &SessionsPanel::closeRequested, m_commands, &SessionCommands::close);
    connect(m_actions->closeSession, &QAction::triggered, this, [this] {
        if (m_document.current() != nullptr) m_commands->close(m_document.currentIndex());
    });
    connect(m_recovery, &RecoveryOffer::recovered, this, [this](const QString& path) {
        rememberSession(path);
        emit m_commands->recentChanged();
        emit m_commands->opened();
    });
    connect(m_recovery, &RecoveryOffer::goOnRequested, this, [this] {
        if (!m_matrix->devices().empty()) {
            m_sweeps->goOn(m_document.currentIndex());
            return;
        }
        auto* once = new QObject(this);  // devices are still looked for
        connect(m_matrix, &MatrixPanel::planChanged, once, [this, once] {
            if (m_matrix->devices().empty()) return;
            once->deleteLater();
            if (m_document.current() != nullptr) m_sweeps->goOn(m_document.currentIndex());
        });
    });
}

void MainWindow::connectComparison() {
    ComparisonPage& page = m_comparison->page();
    const auto show_open = [this] {
        std::vector<SessionPtr> sessions;
        std::size_t baseline = 0;
        for (std::size_t i = 0; i < m_document.count(); ++i) {
            const OpenSession& open = m_document.at(i);
            if (open.session.results.empty()) continue;
            if (&open == m_document.baselineSession()) baseline = sessions.size();
            sessions.push_back(std::make_shared<const Session>(open.session));
        }
        if (!sessions.empty()) m_comparison->page().setSessions(sessions, baseline);
    };
    connect(m_comparison, &ComparisonSwitch::entered, this, show_open);
    connect(&m_document, &SessionDocument::reset, this, [this, show_open] {
        if (m_comparison->isActive()) show_open();
    });
    connect(m_actions->chartFooter, &QAction::toggled, &page.view(), &ComparisonView::setFooterShown);
    connect(m_actions->compare, &QAction::toggled, this, &MainWindow::updateActions);
    connect(&page, &ComparisonPage::told, m_status, &SweepStatus::showText);
}

void MainWindow::run() {
    m_sweeps->run();
}

void MainWindow::cancel() {
    m_sweeps->cancel();
}

const QString& MainWindow::sweepPath() const {
    return m_sweeps->path();
}

}  // namespace moescope::ui
