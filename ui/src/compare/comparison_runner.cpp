// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_runner.h"

#include <QtConcurrent>
#include <algorithm>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"

namespace moescope::ui {
namespace {

bool sharesSession(const ComparisonRunner::Request& request) {
    const auto in_others = [&](const SessionPtr& session) {
        return std::any_of(request.others.begin(), request.others.end(), [&](const SessionPtr& other) {
            return other == session || (!session->id.empty() && other->id == session->id);
        });
    };
    return std::any_of(request.base.begin(), request.base.end(), in_others);
}

/// Copies, without the kernels that are not wanted.
std::vector<Session> copies(const std::vector<SessionPtr>& sessions, const ComparisonRunner::Request& request,
                            bool is_base) {
    const bool drift_possible = !sharesSession(request);
    const auto unwanted = [&](const Result& result) {
        if (!request.only_mapped || (drift_possible && result.kernel == "stream41")) return false;
        const auto& map = request.options.kernel_map;
        return std::none_of(map.begin(), map.end(), [&](const auto& pair) {
            return result.kernel == (is_base ? pair.first : pair.second);
        });
    };
    std::vector<Session> all;
    for (const SessionPtr& session : sessions) {
        all.push_back(*session);
        std::erase_if(all.back().results, unwanted);
    }
    return all;
}

}  // namespace

ComparisonRunner::ComparisonRunner(QObject* parent) : QObject(parent) {
    connect(&m_watcher, &QFutureWatcherBase::finished, this, &ComparisonRunner::deliver);
}

ComparisonRunner::~ComparisonRunner() {
    m_stop.request_stop();
    m_watcher.waitForFinished();
}

ComparisonRunner::Answer ComparisonRunner::compare(const Request& request, const CompareWatch& watch) {
    if (request.base.empty() || request.others.empty())
        throw Error("nothing to compare: choose a session as A and another as B");
    const std::vector<Session> base = copies(request.base, request, true);
    Answer answer;
    const auto add = [&](const std::vector<SessionPtr>& others) {
        const std::vector<Session> other = copies(others, request, false);
        answer.push_back(std::make_shared<const ComparedSessions>(
            ComparedSessions{request.base, others, compare_sessions(base, other, request.options, watch)}));
    };
    if (request.as_repetitions)
        add(request.others);
    else
        for (const SessionPtr& other : request.others) add({other});
    return answer;
}

void ComparisonRunner::request(Request request) {
    if (!m_busy) {
        start(std::move(request));
        return;
    }
    m_next = std::move(request);
    m_stop.request_stop();
}

void ComparisonRunner::cancel() {
    if (!m_busy) return;
    m_next.reset();
    m_stop.request_stop();
}

void ComparisonRunner::start(Request request) {
    m_busy = true;
    m_stop = std::stop_source();
    const std::uint64_t generation = ++m_generation;
    CompareWatch watch;
    watch.stop = m_stop.get_token();
    // Every hundredth is enough for a progress bar; the worker must not flood the event loop.
    watch.progress = [this, generation](std::size_t done, std::size_t cells) {
        if (done != cells && done % std::max<std::size_t>(1, cells / 100) != 0) return;
        QMetaObject::invokeMethod(
            this,
            [this, generation, done, cells] {
                if (generation == m_generation && m_busy)
                    emit progressed(static_cast<int>(done), static_cast<int>(cells));
            },
            Qt::QueuedConnection);
    };
    m_watcher.setFuture(QtConcurrent::run([request = std::move(request), watch]() -> Outcome {
        try {
            return {compare(request, watch), {}};
        } catch (const std::exception& error) {
            return {{}, errorText(error)};
        }
    }));
    emit started();
}

void ComparisonRunner::deliver() {
    const Outcome outcome = m_watcher.result();
    const bool stopped = m_stop.stop_requested();
    m_busy = false;
    if (m_next) {
        start(*std::exchange(m_next, std::nullopt));
        return;  // what has just come is out of date
    }
    if (stopped)
        emit cancelled();
    else if (!outcome.error.isEmpty())
        emit failed(outcome.error);
    else
        emit ready(outcome.answer);
}

}  // namespace moescope::ui
