// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/sweep/sweep_worker.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "moescope/error.h"
#include "moescope/session/journal.h"
#include "moescope/session/merge.h"
#include "moescope/ui/support/setting_names.h"

namespace moescope::ui {
namespace {

using Clock = std::chrono::steady_clock;
/// The window needs no more than 30 updates a second.
constexpr auto kBatchInterval = std::chrono::milliseconds(33);

/// Journals every result as it comes and passes results and progress on in batches. The sweep keeps its
/// thread busy for as long as a cell takes, so a second thread sends what would else wait for the next cell.
class BatchingObserver final : public SweepObserver {
  public:
    BatchingObserver(SweepWorker& worker, Session& session, Journal& journal, const SweepRequest& request)
        : m_worker(worker),
          m_session(session),
          m_journal(journal),
          m_request(request),
          m_gate(*request.gate),
          m_stop(request.stop),
          m_run(new_session(request.plan->selection, request.plan->device)),
          m_flusher([this](std::stop_token ended) { flushNowAndThen(ended); }) {
        for (std::size_t at = 0; at < session.results.size(); ++at)
            m_cells[cell_key(session.results[at])] = at;
    }

    void on_clocks(const ReferenceClocks& clocks) override {
        m_session.environment.clocks = clocks;
        m_journal.set_clocks(clocks);
        emit m_worker.clocksKnown(clocks);
    }
    void on_peaks(const Peaks& peaks) override {
        m_session.peaks = peaks;
        m_journal.set_peaks(peaks);
        emit m_worker.peaksMeasured(peaks);
    }

    void on_result(const Result& measured) override {
        const auto [cell, is_new] = m_cells.try_emplace(cell_key(measured), m_session.results.size());
        const Result result = is_new ? measured : joined(measured, cell->second);
        m_journal.append(result);
        if (is_new)
            m_session.results.push_back(result);
        else
            m_session.results[cell->second] = result;
        const std::lock_guard lock(m_mutex);
        (is_new ? m_batch : m_revised).push_back(std::make_shared<const Result>(result));
        flushIfDue();
    }

    /// Comes after every case, when all of it is on disk: the place to hold a sweep.
    void on_progress(const Progress& progress) override {
        {
            const std::lock_guard lock(m_mutex);
            m_progress = withoutHolding(progress);
            m_progressPending = true;
            flushIfDue();
        }
        const Clock::time_point before = Clock::now();
        m_gate.wait(m_stop);
        m_heldSeconds += std::chrono::duration<double>(Clock::now() - before).count();
    }

    void flush() {
        const std::lock_guard lock(m_mutex);
        flushLocked();
    }

  private:
    /// To what the session had before the sweep: a retry's samples replace those that this sweep took.
    Result joined(const Result& measured, std::size_t place) const {
        if (!m_request.append || place >= m_request.session.results.size()) return measured;
        return append_repetition(m_request.session.results[place], m_request.session, measured, m_run);
    }

    /// Time that the sweep was held is no time that it took.
    Progress withoutHolding(Progress progress) const {
        if (progress.elapsed_seconds <= m_heldSeconds) return progress;
        const double share = 1.0 - m_heldSeconds / progress.elapsed_seconds;
        progress.elapsed_seconds *= share;
        progress.eta_seconds *= share;
        progress.cells_per_second /= share;
        return progress;
    }

    void flushLocked() {
        if (!m_batch.empty()) emit m_worker.resultsReady(std::exchange(m_batch, {}));
        if (!m_revised.empty()) emit m_worker.resultsRevised(std::exchange(m_revised, {}));
        if (std::exchange(m_progressPending, false)) emit m_worker.progressed(m_progress);
        m_lastFlush = Clock::now();
    }

    void flushIfDue() {
        if (Clock::now() - m_lastFlush >= kBatchInterval) flushLocked();
    }

    void flushNowAndThen(const std::stop_token& stop) {
        std::unique_lock lock(m_mutex);
        while (!stop.stop_requested()) {
            m_wake.wait_for(lock, stop, kBatchInterval, [] { return false; });
            flushIfDue();
        }
    }

    SweepWorker& m_worker;
    Session& m_session;
    Journal& m_journal;
    const SweepRequest& m_request;
    PauseGate& m_gate;
    std::stop_token m_stop;
    Session m_run;  ///< names this process as the one that takes appended samples; has no results
    double m_heldSeconds = 0.0;
    std::unordered_map<std::string, std::size_t> m_cells;  ///< place of each in the session's results
    ResultBatch m_batch;
    ResultBatch m_revised;  ///< after m_batch: a cell is revised only once it is there
    Progress m_progress;
    bool m_progressPending = false;
    Clock::time_point m_lastFlush{};
    std::mutex m_mutex;  ///< guards the batch, the progress and the time of the last flush
    std::condition_variable_any m_wake;
    std::jthread m_flusher;  ///< last: it uses all of the above
};

}  // namespace

SweepWorker::SweepWorker(std::shared_ptr<const BackendFactory> factory) : m_factory(std::move(factory)) {}

SweepWorker::~SweepWorker() = default;

Backend& SweepWorker::backendFor(const std::string& device_id) {
    if (!m_backend || m_deviceId != device_id) {
        m_backend.reset();  // two devices at once would hold the memory of both
        m_backend = m_factory->open(device_id);
        m_deviceId = device_id;
    }
    return *m_backend;
}

void SweepWorker::setFactory(const std::shared_ptr<const BackendFactory>& factory) {
    m_backend.reset();
    m_factory = factory;
}

void SweepWorker::run(const SweepRequest& request) {
    SweepOutcome outcome;
    Session session = request.session;
    std::unique_ptr<Journal> journal;
    const auto keep = [&] {
        if (!journal) return;
        journal->finish(session);
        if (session.results.empty())
            std::filesystem::remove(request.path);  // a session without results is nobody's
        else
            outcome.path = QString::fromStdString(request.path);
    };
    try {
        journal = Journal::start(session, request.path);
        BatchingObserver observer(*this, session, *journal, request);
        SweepOptions options;
        options.only = request.again;
        if (!request.again) options.done = finished_cells(session);
        if (!session.results.empty() && session.peaks.measured_gbps) {
            options.known_peaks = session.peaks;
            options.known_clocks = session.environment.clocks;
        }
        options.retry_throttled = request.retry_throttled;
        try {
            Backend& backend = backendFor(request.plan->device.id);
            const SweepEnd end = run_sweep(*request.plan, backend, options, observer, request.stop);
            if (end == SweepEnd::cancelled) outcome.kind = SweepOutcome::Kind::cancelled;
        } catch (...) {
            // The device may be lost: open it anew next time. What was measured is kept all the same.
            m_backend.reset();
            observer.flush();
            keep();
            throw;
        }
        observer.flush();
        keep();
    } catch (const std::exception& error) {
        outcome.kind = SweepOutcome::Kind::failed;
        outcome.error = errorText(error);
    }
    emit finished(outcome);
}

}  // namespace moescope::ui
