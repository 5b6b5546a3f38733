// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"
#include "moescope/ui/session/open_session.h"

namespace moescope::ui {

/// Results on their way from the worker to the window; nobody changes them any more.
using ResultBatch = std::vector<std::shared_ptr<const Result>>;

/// The sessions that are open, and what of them the window shows. Lives on the GUI thread; views and charts
/// read it, only the window's controllers change it.
class SessionDocument : public QObject {
    Q_OBJECT

  public:
    explicit SessionDocument(QObject* parent = nullptr);
    ~SessionDocument() override;

    /// What views show: the one session that is checked; of several the united results (uniteSessions());
    /// without any an empty one.
    const Session& session() const;
    /// Of a result in session(), which session it is of and where there.
    Origin origin(std::size_t shown_result) const;

    std::size_t count() const { return m_open.size(); }
    const OpenSession& at(std::size_t index) const { return *m_open[index]; }
    std::size_t shownCount() const;
    /// Of the session with this file; none: count().
    std::size_t indexOf(const QString& path) const;
    /// The session that saving, its name in the title and sweeps that go on are about; null: none is open.
    const OpenSession* current() const { return m_current; }
    std::size_t currentIndex() const;
    /// The session that a sweep is filling; null without one.
    const OpenSession* live() const { return m_live; }

    // Of the current one.
    const QString& path() const;
    bool isModified() const { return m_current != nullptr && m_current->modified; }
    QString displayName() const;

    /// The kernel that speedups are over: the chosen one, else core's proposal. Of several sessions it is one
    /// of the baseline session's, by OpenSession::seriesId().
    std::string baseline() const;
    /// Whose kernel that is: the chosen session if it is shown, else the first that is; null: none is shown.
    const OpenSession* baselineSession() const;
    std::optional<double> speedup(std::size_t index) const;
    /// Of the sweep under way, where the session that it fills is shown, else null.
    const Plan* plan() const;

    /// Opens a session, shows nothing else and makes it the current one. A session with the same file, if
    /// open, is replaced.
    void open(Session session, const QString& path);
    /// Likewise for several; the last becomes the current one.
    void open(std::vector<std::pair<Session, QString>> sessions);
    /// What a sweep has left in a file of the program's own.
    void openKept(Session session, const QString& kept_at);
    void close(std::size_t index);
    void closeAll();
    void setShown(std::size_t index, bool shown);
    void setCurrent(std::size_t index);
    void setBaselineSession(std::size_t index);
    void rename(std::size_t index, const QString& name);
    void setNotes(std::size_t index, const QString& notes);

    /// A session that a sweep of `plan` is about to fill.
    void begin(Session session, std::shared_ptr<const Plan> plan);
    /// An open session that a sweep of `plan` is about to add to.
    void beginOn(std::size_t index, std::shared_ptr<const Plan> plan);
    /// The sweep is over, whether or not all of its plan was measured. `kept_at`: the file that has its
    /// results; empty: there is none.
    void end(const QString& kept_at = {});
    // Of the session that the sweep fills.
    void append(const ResultBatch& batch);
    /// Puts results in the place of those of the same cells.
    void revise(const ResultBatch& batch);
    void setPeaks(const Peaks& peaks);
    void setClocks(const ReferenceClocks& clocks);

    /// By its name in session().
    void setBaseline(const std::string& kernel);
    /// The current session is now in the file at `path`.
    void markSaved(const QString& path);

  signals:
    void aboutToReset();
    void reset();
    void aboutToAppend(int first, int last);
    void appended();
    /// Results first to last have changed in place.
    void revised(int first, int last);
    void peaksChanged();
    void baselineChanged();
    void ended();
    /// Path, name or modified of the current session, or which it is.
    void stateChanged();

    // Of the list of open sessions.
    void aboutToAdd(int index);
    void added();
    void aboutToRemove(int index);
    void removed();
    /// Something about sessions first to last.
    void listChanged(int first, int last);

  private:
    using Owned = std::unique_ptr<OpenSession>;
    int freeNumber() const;
    OpenSession& add(Session session, const QString& path);
    std::vector<const OpenSession*> shownSessions() const;
    void showOnly(const std::vector<const OpenSession*>& sessions);
    /// Between aboutToReset() and reset(): what is shown anew.
    void unite();
    std::optional<std::size_t> shownPlace(std::size_t live_result) const;
    void wholeListChanged();

    std::vector<Owned> m_open;
    OpenSession* m_current = nullptr;
    OpenSession* m_live = nullptr;
    bool m_textEdited = false;                  ///< name or notes of the live one, since its sweep began
    std::vector<const OpenSession*> m_sources;  ///< of session(), the live one last
    Session m_united;                           ///< of several sources
    std::unordered_map<std::string, std::size_t> m_liveCells;  ///< place in the live session, by cell_key()
    std::shared_ptr<const Plan> m_plan;
    std::string m_chosenBaseline;  ///< a kernel's own id
    int m_chosenSession = 0;       ///< number of the baseline session; 0: nobody has chosen
    mutable bool m_speedupsStale = true;
    mutable std::unordered_map<std::size_t, double> m_speedups;
};

}  // namespace moescope::ui
