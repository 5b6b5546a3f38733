// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/sweep_commands.h"

#include <QApplication>
#include <QWidget>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/sweep_status.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// The device here that a session was measured on. Throws Error where there is none: samples of two devices
/// are no repetitions of each other.
const DeviceCatalog::Entry& deviceOf(const Session& session, const std::vector<DeviceCatalog::Entry>& here) {
    const Device& wanted = session.environment.device;
    const DeviceCatalog::Entry* found = nullptr;
    for (const DeviceCatalog::Entry& entry : here)
        if (entry.device.name == wanted.name && (found == nullptr || entry.device.id == wanted.id))
            found = &entry;
    if (found != nullptr) return *found;
    if (here.empty()) throw Error("devices are still being looked for: try again in a moment");
    throw Error("'" + session.name + "' was measured on " + wanted.name +
                ", which is not here: open it on that machine, or run a sweep of its matrix (F5)");
}

/// Cells that a plan would measure.
std::unordered_set<std::string> cellsOf(const Plan& plan) {
    std::unordered_set<std::string> cells;
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
        if (plan.cases[i].rejected) continue;
        for (const KernelTraits& kernel : plan.kernels) {
            if (plan.is_skipped(i, kernel.id)) continue;
            for (const CacheMode mode : cache_modes(plan.selection.cache))
                cells.insert(cell_key(plan.cases[i].c, kernel.id, mode));
        }
    }
    return cells;
}

}  // namespace

SweepCommands::SweepCommands(SessionDocument& document, SweepController& sweep, MatrixPanel& matrix,
                             MessageBar& messages, SweepStatus& status, QWidget* window)
    : QObject(window),
      m_document(document),
      m_sweep(sweep),
      m_matrix(matrix),
      m_messages(messages),
      m_status(status),
      m_window(window) {
    connect(&m_planner, &Planner::planReady, this, &SweepCommands::startPending);
    connect(&m_planner, &Planner::planFailed, this, [this](const QString& message) {
        m_pending.reset();
        m_messages.showError(message);
    });
    connect(&sweep, &SweepController::finished, this, &SweepCommands::sweepFinished);
}

void SweepCommands::run() {
    const std::shared_ptr<const Plan> plan = m_matrix.plan();
    if (!plan || plan->cells() == 0 || m_sweep.isRunning()) return;
    try {
        m_path = newSweepPath(plan->selection.name);
        Session session = new_session(plan->selection, plan->device);
        m_document.begin(session, plan);
        m_messages.clear();
        m_status.begin(plan->cells());
        emit started(plan, cellsOf(*plan));
        m_sweep.start(plan, session, m_path);
    } catch (const Error& error) {
        m_messages.showError(errorText(error));
    }
}

void SweepCommands::cancel() {
    if (!m_sweep.isRunning()) return;
    m_status.stopping();
    m_sweep.cancel();
}

void SweepCommands::goOn(std::size_t session) {
    requestPlan(m_document.at(session), {m_document.at(session).number, std::nullopt, false});
}

void SweepCommands::measureAgain(const std::vector<std::size_t>& shown_results, bool append) {
    const OpenSession* session = nullptr;
    std::vector<std::size_t> results;
    for (const std::size_t shown : shown_results) {
        const Origin origin = m_document.origin(shown);
        if (session != nullptr && origin.session != session) {
            m_messages.showError(
                QStringLiteral("The selected rows are of several sessions: select rows of one of them"));
            return;
        }
        session = origin.session;
        results.push_back(origin.result);
    }
    if (session == nullptr) {
        m_messages.showError(QStringLiteral("No cell is selected: select rows of the results table first"));
        return;
    }
    measureAgain(*session, results, append);
}

void SweepCommands::appendToAll() {
    const OpenSession* session = m_document.current();
    if (session == nullptr) return;
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < session->session.results.size(); ++i)
        if (session->session.results[i].status == Status::ok) all.push_back(i);
    measureAgain(*session, all, true);
}

void SweepCommands::measureAgain(const OpenSession& session, const std::vector<std::size_t>& results,
                                 bool append) {
    std::unordered_set<std::string> cells;
    for (const std::size_t at : results) {
        const Result& result = session.session.results[at];
        if (!result.imported_from.empty()) {
            m_messages.showError(
                QStringLiteral("%1 was timed by another program (%2): run a sweep of its matrix (F5) instead")
                    .arg(session.displayName(), qs(result.imported_from)));
            return;
        }
        cells.insert(cell_key(result));
    }
    requestPlan(session, {session.number, std::move(cells), append});
}

void SweepCommands::requestPlan(const OpenSession& session, Pending pending) {
    if (m_sweep.isRunning()) return;
    try {
        const DeviceCatalog::Entry& entry = deviceOf(session.session, m_matrix.devices());
        m_pending = std::move(pending);
        m_planner.request({session.session.spec, entry.device, entry.kernels});
    } catch (const Error& error) {
        m_messages.showError(errorText(error));
    }
}

void SweepCommands::startPending(const std::shared_ptr<const Plan>& plan) {
    const std::optional<Pending> pending = std::exchange(m_pending, std::nullopt);
    if (!pending || m_sweep.isRunning()) return;
    std::size_t index = 0;
    while (index < m_document.count() && m_document.at(index).number != pending->session_number) ++index;
    if (index == m_document.count()) return;  // closed meanwhile
    try {
        const OpenSession& open = m_document.at(index);
        std::unordered_set<std::string> cells = cellsOf(*plan);
        if (pending->cells) {
            for (const std::string& cell : *pending->cells)
                if (!cells.contains(cell))
                    throw Error("the matrix of '" + open.session.name + "' does not lead to " + cell +
                                " here: run a sweep with that case (F5) instead");
            cells = *pending->cells;
        } else {
            for (const std::string& done : finished_cells(open.session)) cells.erase(done);
            if (cells.empty())
                throw Error("'" + open.session.name + "' has all of its cells: nothing is left to measure");
        }
        // A file that somebody has chosen is written when it is saved, not by a sweep.
        const bool into_same = !pending->cells && open.path.isEmpty() && !open.keptAt.isEmpty();
        m_path = into_same ? open.keptAt : newSweepPath(open.session.spec.name);
        const Session session = open.session;
        m_document.beginOn(index, plan);
        m_messages.clear();
        m_status.begin(static_cast<std::int64_t>(cells.size()));
        emit started(plan, cells);
        if (pending->cells)
            m_sweep.startAgain(plan, session, m_path, *pending->cells, pending->append);
        else
            m_sweep.start(plan, session, m_path);
    } catch (const Error& error) {
        m_messages.showError(errorText(error));
    }
}

void SweepCommands::sweepFinished(const SweepOutcome& outcome) {
    const QString session = m_document.live() != nullptr ? m_document.live()->displayName() : QString();
    m_document.end(outcome.path);
    m_status.end(outcome);
    if (!outcome.error.isEmpty()) m_messages.showError(outcome.error);
    if (!outcome.path.isEmpty()) rememberSession(outcome.path);
    tell(outcome, session);
    emit ended(outcome);
}

/// Somebody may look elsewhere while a sweep takes its time.
void SweepCommands::tell(const SweepOutcome& outcome, const QString& session) {
    if (m_window->isActiveWindow()) return;
    QApplication::alert(m_window);
    if (!m_notify || outcome.kind == SweepOutcome::Kind::cancelled) return;
    const bool failed = outcome.kind == SweepOutcome::Kind::failed;
    m_notify(failed ? QStringLiteral("The sweep failed") : QStringLiteral("The sweep is done"),
             failed ? outcome.error : QStringLiteral("%1: %2").arg(session, m_status.label().text()));
}

}  // namespace moescope::ui
