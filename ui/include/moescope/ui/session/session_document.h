// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"

namespace moescope::ui {

/// Results on their way from the worker to the window; nobody changes them any more.
using ResultBatch = std::vector<std::shared_ptr<const Result>>;

/// The session that the window shows. Lives on the GUI thread; views and charts read it, only the window's
/// controllers change it.
class SessionDocument : public QObject {
    Q_OBJECT

  public:
    explicit SessionDocument(QObject* parent = nullptr);

    const Session& session() const { return m_session; }
    /// Where Ctrl+S saves; empty as long as nobody has chosen.
    const QString& path() const { return m_path; }
    /// There are results that are not in the file at path().
    bool isModified() const { return m_modified; }
    QString displayName() const;

    /// The kernel that speedups are over: the chosen one, else core's proposal.
    std::string baseline() const;
    std::optional<double> speedup(std::size_t index) const;
    /// Of the sweep under way, else null.
    const Plan* plan() const { return m_plan.get(); }

    void open(Session session, const QString& path);
    /// A session that a sweep of `plan` is about to fill.
    void begin(Session session, std::shared_ptr<const Plan> plan);
    /// The sweep is over, whether or not all of its plan was measured.
    void end();
    void append(const ResultBatch& batch);
    /// Puts results in the place of those of the same cells.
    void revise(const ResultBatch& batch);
    void setPeaks(const Peaks& peaks);
    void setClocks(const ReferenceClocks& clocks);
    void setBaseline(const std::string& kernel);
    void markSaved(const QString& path);

  signals:
    void aboutToReset();
    void reset();
    void aboutToAppend(int first, int last);
    void appended();
    void peaksChanged();
    void baselineChanged();
    void ended();
    /// Path, name or modified.
    void stateChanged();

  private:
    void replace(Session session, const QString& path, std::shared_ptr<const Plan> plan);

    Session m_session;
    std::shared_ptr<const Plan> m_plan;
    QString m_path;
    bool m_modified = false;
    std::string m_chosenBaseline;
    mutable bool m_speedupsStale = true;
    mutable std::unordered_map<std::size_t, double> m_speedups;
};

}  // namespace moescope::ui
