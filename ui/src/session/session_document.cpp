// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/session/session_document.h"

#include <QFileInfo>
#include <algorithm>
#include <utility>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

SessionDocument::SessionDocument(QObject* parent) : QObject(parent) {}

QString SessionDocument::displayName() const {
    if (!m_path.isEmpty()) return QFileInfo(m_path).fileName();
    return m_session.name.empty() ? QStringLiteral("no session") : qs(m_session.name);
}

std::string SessionDocument::baseline() const {
    const auto& results = m_session.results;
    const bool present = std::any_of(results.begin(), results.end(),
                                     [&](const Result& r) { return r.kernel == m_chosenBaseline; });
    if (present) return m_chosenBaseline;
    return results.empty() ? std::string() : default_baseline(results);
}

std::optional<double> SessionDocument::speedup(std::size_t index) const {
    if (m_speedupsStale) {
        m_speedups.clear();
        for (const Speedup& s : speedups(m_session.results, baseline())) m_speedups[s.result_index] = s.ratio;
        m_speedupsStale = false;
    }
    const auto at = m_speedups.find(index);
    if (at == m_speedups.end()) return std::nullopt;
    return at->second;
}

void SessionDocument::replace(Session session, const QString& path, std::shared_ptr<const Plan> plan) {
    emit aboutToReset();
    m_session = std::move(session);
    m_plan = std::move(plan);
    m_path = path;
    m_modified = false;
    m_speedupsStale = true;
    emit reset();
    emit stateChanged();
}

void SessionDocument::open(Session session, const QString& path) {
    replace(std::move(session), path, nullptr);
}

void SessionDocument::begin(Session session, std::shared_ptr<const Plan> plan) {
    replace(std::move(session), QString(), std::move(plan));
}

void SessionDocument::end() {
    m_plan.reset();
    emit ended();
}

void SessionDocument::append(const ResultBatch& batch) {
    if (batch.empty()) return;
    const auto first = static_cast<int>(m_session.results.size());
    emit aboutToAppend(first, first + static_cast<int>(batch.size()) - 1);
    for (const auto& result : batch) m_session.results.push_back(*result);
    m_speedupsStale = true;
    const bool was_modified = std::exchange(m_modified, true);
    emit appended();
    if (!was_modified) emit stateChanged();
}

void SessionDocument::revise(const ResultBatch& batch) {
    std::unordered_map<std::string, const Result*> newest;
    for (const auto& result : batch) newest[cell_key(*result)] = result.get();
    emit aboutToReset();
    for (Result& result : m_session.results)
        if (const auto found = newest.find(cell_key(result)); found != newest.end()) result = *found->second;
    m_speedupsStale = true;
    m_modified = true;
    emit reset();
    emit stateChanged();
}

void SessionDocument::setClocks(const ReferenceClocks& clocks) {
    m_session.environment.clocks = clocks;
}

void SessionDocument::setPeaks(const Peaks& peaks) {
    m_session.peaks = peaks;
    emit peaksChanged();
}

void SessionDocument::setBaseline(const std::string& kernel) {
    if (kernel == m_chosenBaseline) return;
    m_chosenBaseline = kernel;
    m_speedupsStale = true;
    emit baselineChanged();
}

void SessionDocument::markSaved(const QString& path) {
    m_path = path;
    m_modified = false;
    emit stateChanged();
}

}  // namespace moescope::ui
