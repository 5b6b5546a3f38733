// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThread>
#include <memory>
#include <stop_token>
#include <string>
#include <unordered_set>

#include "moescope/ui/sweep/sweep_worker.h"

namespace moescope::ui {

/// The GUI thread's end of a sweep: owns the worker's thread, starts and stops sweeps, passes reports on.
class SweepController : public QObject {
    Q_OBJECT

  public:
    explicit SweepController(std::shared_ptr<const BackendFactory> factory, QObject* parent = nullptr);
    /// Stops and waits.
    ~SweepController() override;

    bool isRunning() const { return m_running; }

    /// One sweep at a time; does nothing while one runs.
    void start(std::shared_ptr<const Plan> plan, const Session& session, const QString& path);
    /// Measures cells that the session has once more, by cell_key: their samples replace the earlier ones, or
    /// with `append` follow them.
    void startAgain(std::shared_ptr<const Plan> plan, const Session& session, const QString& path,
                    std::unordered_set<std::string> cells, bool append);
    /// Of sweeps that start from now on: how often a case with a flagged cell is measured again at the end.
    void setRetryThrottled(int times) { m_retryThrottled = times; }
    /// Devices are opened by this one from the next sweep on.
    void setFactory(std::shared_ptr<const BackendFactory> factory);
    /// Asks the sweep to stop; finished() follows.
    void cancel();
    /// Holds the sweep after the case in work, or lets it go on. A held sweep can be cancelled.
    void setPaused(bool paused);
    bool isPaused() const { return m_paused; }
    /// Stops, waits until the worker has put what it has on disk, and ends its thread.
    void shutDown();

  signals:
    void runningChanged(bool running);
    void pausedChanged(bool paused);
    void peaksMeasured(const moescope::Peaks& peaks);
    void clocksKnown(const moescope::ReferenceClocks& clocks);
    /// Results that take the place of those of the same cells.
    void resultsRevised(const moescope::ui::ResultBatch& batch);
    void resultsReady(const moescope::ui::ResultBatch& batch);
    void progressed(const moescope::Progress& progress);
    void finished(const moescope::ui::SweepOutcome& outcome);
    /// To the worker.
    void factoryChanged(const std::shared_ptr<const moescope::BackendFactory>& factory);
    void runRequested(const moescope::ui::SweepRequest& request);

  private:
    void start(SweepRequest request);
    void setRunning(bool running);

    QThread m_thread;
    std::stop_source m_stop;
    std::shared_ptr<PauseGate> m_gate = std::make_shared<PauseGate>();
    int m_retryThrottled = 0;
    bool m_running = false;
    bool m_paused = false;
};

}  // namespace moescope::ui
