// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <memory>
#include <optional>
#include <vector>

#include "moescope/measurement/plan.h"

namespace moescope::ui {

/// Expands selections off the GUI thread, so that typing stays fluid with 100,000 cases. While one plan is
/// being made only the newest of the requests that follow is kept.
class Planner : public QObject {
    Q_OBJECT

  public:
    struct Request {
        Selection selection;
        Device device;
        std::vector<KernelTraits> kernels;
    };

    explicit Planner(QObject* parent = nullptr);
    /// Waits for the plan in work.
    ~Planner() override;

    void request(Request request);
    bool isBusy() const { return m_busy; }

  signals:
    void planReady(const std::shared_ptr<const moescope::Plan>& plan);
    void planFailed(const QString& message);

  private:
    struct Answer {
        std::shared_ptr<const Plan> plan;
        QString error;
    };
    void start(Request request);
    void deliver();

    QFutureWatcher<Answer> m_watcher;
    std::optional<Request> m_next;
    bool m_busy = false;
};

}  // namespace moescope::ui
