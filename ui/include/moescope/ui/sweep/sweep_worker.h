// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>
#include <QObject>
#include <QString>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_set>

#include "moescope/measurement/backend.h"
#include "moescope/measurement/plan.h"
#include "moescope/measurement/runner.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/sweep/pause_gate.h"

namespace moescope::ui {

/// Everything a sweep needs; the worker gets its own copy.
struct SweepRequest {
    std::shared_ptr<const Plan> plan;
    Session session;   ///< with what it has already
    std::string path;  ///< session file, with its journal beside it while the sweep runs
    std::stop_token stop{};
    std::shared_ptr<PauseGate> gate = std::make_shared<PauseGate>();  ///< waited at after every case
    int retry_throttled = 0;  ///< how often a case with a flagged cell is measured again at the end
    /// Cells of the session to measure once more, by cell_key, and no others. Without it, what the session
    /// has not finished (finished_cells()).
    std::optional<std::unordered_set<std::string>> again{};
    bool append = false;  ///< their samples follow the earlier ones instead of replacing them
};

struct SweepOutcome {
    enum class Kind { completed, cancelled, failed };
    Kind kind = Kind::completed;
    QString path;   ///< where the results are; empty when there are none
    QString error;  ///< why it failed
};

/// Runs sweeps on the thread it lives on. Opens the backend there and keeps it for the next sweep of the same
/// device. What it reports are copies that nobody changes.
class SweepWorker : public QObject {
    Q_OBJECT

  public:
    explicit SweepWorker(std::shared_ptr<const BackendFactory> factory);
    ~SweepWorker() override;

  public slots:
    void run(const moescope::ui::SweepRequest& request);
    /// Closes the device; the next sweep opens one of the new factory.
    void setFactory(const std::shared_ptr<const moescope::BackendFactory>& factory);

  signals:
    void peaksMeasured(const moescope::Peaks& peaks);
    void clocksKnown(const moescope::ReferenceClocks& clocks);
    void resultsReady(const moescope::ui::ResultBatch& batch);
    /// Results that take the place of those of the same cells.
    void resultsRevised(const moescope::ui::ResultBatch& batch);
    void progressed(const moescope::Progress& progress);
    void finished(const moescope::ui::SweepOutcome& outcome);

  private:
    Backend& backendFor(const std::string& device_id);

    std::shared_ptr<const BackendFactory> m_factory;
    std::unique_ptr<Backend> m_backend;
    std::string m_deviceId;
};

}  // namespace moescope::ui
