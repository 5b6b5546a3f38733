// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done now, and the title: they follow sessions, sweep and matrix.
#include <QMenu>

#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"

namespace moescope::ui {

void MainWindow::updateActions() {
    const bool running = m_sweep.isRunning();
    const bool results = !m_document.session().results.empty();
    const auto& plan = m_matrix->plan();
    const bool can_run = plan && plan->cells() > 0;
    const QString one_sweep = running ? QStringLiteral("a sweep runs; Escape stops it") : QString();
    const QString no_sweep = running ? QString() : QStringLiteral("no sweep runs");
    const QString no_results = results ? QString() : QStringLiteral("there are no results");
    const auto first = [](const QString& a, const QString& b) { return a.isEmpty() ? b : a; };
    WindowActions::allow(*m_actions->run,
                         first(one_sweep, can_run ? QString() : QStringLiteral("the matrix has no cells")));
    WindowActions::allow(*m_actions->cancel, no_sweep);
    WindowActions::allow(*m_actions->pause, no_sweep);
    m_actions->recent->setEnabled(!m_actions->recent->isEmpty());
    const OpenSession* current = m_document.current();
    const QString not_this = current == nullptr ? QStringLiteral("no session is open")
                             : current == m_document.live()
                                 ? QStringLiteral("a sweep fills this session; wait for its end or stop it")
                                 : QString();
    for (QAction* action : {m_actions->save, m_actions->saveAs, m_actions->closeSession})
        WindowActions::allow(*action, not_this);
    WindowActions::allow(*m_actions->measureAgain, first(one_sweep, no_results));
    WindowActions::allow(*m_actions->append, first(one_sweep, no_results));
    const QString nothing = m_comparison->isActive() ? QString() : no_results;
    for (QAction* action : {m_actions->exportTable, m_actions->resetView, m_actions->exportChart})
        WindowActions::allow(*action, nothing);
    WindowActions::allow(*m_actions->exportReport, no_results);
}

void MainWindow::updateTitle() {
    setWindowTitle(QStringLiteral("%1[*] - moescope").arg(m_document.displayName()));
    setWindowModified(m_document.isModified());
}

void MainWindow::updateRecent() {
    m_actions->recent->clear();
    for (const QString& path : recentSessions()) {
        QString text = path;
        text.replace(QLatin1Char('&'), QLatin1String("&&"));  // else it would name a key
        QAction* action = m_actions->recent->addAction(text, this, [this, path] { m_commands->open(path); });
        action->setStatusTip(QStringLiteral("Open %1").arg(path));
    }
    updateActions();
}

}  // namespace moescope::ui
