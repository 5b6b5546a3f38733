// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFutureWatcher>
#include <QObject>
#include <QString>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui {

/// Compares sessions off the GUI thread: the bootstrap of a thousand cells takes seconds. A request stops the
/// one before it; only the newest is answered.
class ComparisonRunner : public QObject {
    Q_OBJECT

  public:
    struct Request {
        std::vector<SessionPtr> base;
        std::vector<SessionPtr> others;
        bool as_repetitions = false;  ///< the others are runs of one build: compare them as one
        /// Nothing but the kernels that options.kernel_map names, and, between sessions, stream41, which
        /// tells drift.
        bool only_mapped = false;
        CompareOptions options{};
    };
    /// One for each of the others, or a single one.
    using Answer = std::vector<ComparedPtr>;

    explicit ComparisonRunner(QObject* parent = nullptr);
    /// Stops and waits.
    ~ComparisonRunner() override;

    void request(Request request);
    /// Nothing is answered any more.
    void cancel();
    bool isBusy() const { return m_busy; }

    /// What the worker does, for programs without an event loop. Throws Error.
    static Answer compare(const Request& request, const CompareWatch& watch = {});

  signals:
    void started();
    void progressed(int done, int cells);
    void ready(const std::vector<moescope::ui::ComparedPtr>& answer);
    void failed(const QString& message);
    void cancelled();

  private:
    struct Outcome {
        Answer answer;
        QString error;
    };
    void start(Request request);
    void deliver();

    QFutureWatcher<Outcome> m_watcher;
    std::stop_source m_stop;
    std::optional<Request> m_next;
    std::uint64_t m_generation = 0;  ///< tells progress of the present work from what is still in the queue
    bool m_busy = false;
};

}  // namespace moescope::ui
