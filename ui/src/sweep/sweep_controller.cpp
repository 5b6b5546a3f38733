// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/sweep/sweep_controller.h"

namespace moescope::ui {

SweepController::SweepController(std::shared_ptr<const BackendFactory> factory, QObject* parent)
    : QObject(parent) {
    auto* worker = new SweepWorker(std::move(factory));
    worker->moveToThread(&m_thread);
    // Deleted on its own thread: a CUDA context must be released by the thread that made it.
    connect(&m_thread, &QThread::finished, worker, &QObject::deleteLater);
    connect(this, &SweepController::runRequested, worker, &SweepWorker::run);
    connect(this, &SweepController::factoryChanged, worker, &SweepWorker::setFactory);
    connect(worker, &SweepWorker::resultsRevised, this, &SweepController::resultsRevised);
    connect(worker, &SweepWorker::peaksMeasured, this, &SweepController::peaksMeasured);
    connect(worker, &SweepWorker::clocksKnown, this, &SweepController::clocksKnown);
    connect(worker, &SweepWorker::resultsReady, this, &SweepController::resultsReady);
    connect(worker, &SweepWorker::progressed, this, &SweepController::progressed);
    connect(worker, &SweepWorker::finished, this, [this](const SweepOutcome& outcome) {
        setPaused(false);
        setRunning(false);
        emit finished(outcome);
    });
    m_thread.setObjectName(QStringLiteral("sweep"));
    m_thread.start();
}

SweepController::~SweepController() {
    shutDown();
}

void SweepController::start(std::shared_ptr<const Plan> plan, const Session& session, const QString& path) {
    start({std::move(plan), session, path.toStdString()});
}

void SweepController::startAgain(std::shared_ptr<const Plan> plan, const Session& session,
                                 const QString& path, std::unordered_set<std::string> cells, bool append) {
    SweepRequest request{std::move(plan), session, path.toStdString()};
    request.again = std::move(cells);
    request.append = append;
    start(std::move(request));
}

void SweepController::start(SweepRequest request) {
    if (m_running) return;
    m_stop = std::stop_source();
    request.stop = m_stop.get_token();
    request.gate = m_gate;
    request.retry_throttled = m_retryThrottled;
    setRunning(true);
    emit runRequested(request);
}

void SweepController::setFactory(std::shared_ptr<const BackendFactory> factory) {
    emit factoryChanged(factory);  // queued behind the sweep under way, before the next
}

void SweepController::setPaused(bool paused) {
    if (m_paused == paused || (paused && !m_running)) return;
    m_paused = paused;
    paused ? m_gate->close() : m_gate->open();
    emit pausedChanged(paused);
}

void SweepController::cancel() {
    m_stop.request_stop();
}

void SweepController::shutDown() {
    m_stop.request_stop();
    m_thread.quit();
    m_thread.wait();
}

void SweepController::setRunning(bool running) {
    if (m_running == running) return;
    m_running = running;
    emit runningChanged(running);
}

}  // namespace moescope::ui
