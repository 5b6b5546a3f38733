// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/sweep/planner.h"

#include <QtConcurrent>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"

namespace moescope::ui {

Planner::Planner(QObject* parent) : QObject(parent) {
    connect(&m_watcher, &QFutureWatcherBase::finished, this, &Planner::deliver);
}

Planner::~Planner() {
    m_watcher.waitForFinished();
}

void Planner::request(Request request) {
    if (m_busy)
        m_next = std::move(request);
    else
        start(std::move(request));
}

void Planner::start(Request request) {
    m_busy = true;
    m_watcher.setFuture(QtConcurrent::run([request = std::move(request)]() -> Answer {
        try {
            return {
                std::make_shared<const Plan>(make_plan(request.selection, request.device, request.kernels)),
                {}};
        } catch (const Error& error) {
            return {nullptr, errorText(error)};
        }
    }));
}

void Planner::deliver() {
    const Answer answer = m_watcher.result();
    m_busy = false;
    if (m_next) {
        start(*std::exchange(m_next, std::nullopt));
        return;  // what has just come is out of date
    }
    if (answer.plan)
        emit planReady(answer.plan);
    else
        emit planFailed(answer.error);
}

}  // namespace moescope::ui
