// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "moescope/ui/session/session_document.h"
#include "moescope/ui/support/notification.h"
#include "moescope/ui/sweep/planner.h"
#include "moescope/ui/sweep/sweep_controller.h"

class QWidget;

namespace moescope::ui {

class MatrixPanel;
class MessageBar;
class SweepStatus;

/// Starts sweeps: of the matrix, of what a session lacks, of some of its cells once more. Says how they end.
class SweepCommands : public QObject {
    Q_OBJECT

  public:
    SweepCommands(SessionDocument& document, SweepController& sweep, MatrixPanel& matrix,
                  MessageBar& messages, SweepStatus& status, QWidget* window);

    /// The plan that the matrix panel shows. Does nothing without one or while a sweep runs.
    void run();
    void cancel();
    /// Measures what that session's sweep had not finished, into the same file.
    void goOn(std::size_t session);
    /// Measures these results of SessionDocument::session() once more; they must be of one session. Their
    /// samples replace the earlier ones, or with `append` follow them. The results go into a new file of the
    /// program's own; the session's file stays as it is until somebody saves.
    void measureAgain(const std::vector<std::size_t>& shown_results, bool append);
    /// Takes all cells of the current session once more, behind the samples that they have.
    void appendToAll();

    /// Where the last sweep keeps its results.
    const QString& path() const { return m_path; }
    void setNotifier(Notifier notifier) { m_notify = std::move(notifier); }

  signals:
    /// Of these cells, by cell_key, into SessionDocument::live().
    void started(const std::shared_ptr<const moescope::Plan>& plan,
                 const std::unordered_set<std::string>& cells);
    void ended(const moescope::ui::SweepOutcome& outcome);

  private:
    /// A sweep of an open session that waits for its plan.
    struct Pending {
        int session_number = 0;
        std::optional<std::unordered_set<std::string>> cells;  ///< nothing: what is not finished
        bool append = false;
    };
    void measureAgain(const OpenSession& session, const std::vector<std::size_t>& results, bool append);
    void requestPlan(const OpenSession& session, Pending pending);
    void startPending(const std::shared_ptr<const Plan>& plan);
    void sweepFinished(const SweepOutcome& outcome);
    void tell(const SweepOutcome& outcome, const QString& session);

    SessionDocument& m_document;
    SweepController& m_sweep;
    MatrixPanel& m_matrix;
    MessageBar& m_messages;
    SweepStatus& m_status;
    QWidget* m_window;
    Planner m_planner;
    std::optional<Pending> m_pending;
    QString m_path;
    Notifier m_notify = notifyDesktop;
};

}  // namespace moescope::ui
