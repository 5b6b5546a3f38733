// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep does to the sessions that are open.
#include <algorithm>
#include <utility>

#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

const Plan* SessionDocument::plan() const {
    const bool live_shown = m_live != nullptr && !m_sources.empty() && m_sources.back() == m_live;
    return live_shown ? m_plan.get() : nullptr;
}

void SessionDocument::begin(Session session, std::shared_ptr<const Plan> plan) {
    emit aboutToReset();
    m_plan = std::move(plan);
    m_current = m_live = &add(std::move(session), {});
    m_textEdited = false;
    m_liveCells.clear();
    showOnly({m_live});
    emit reset();
    wholeListChanged();
    emit stateChanged();
}

void SessionDocument::beginOn(std::size_t index, std::shared_ptr<const Plan> plan) {
    emit aboutToReset();
    m_plan = std::move(plan);
    m_current = m_live = m_open[index].get();
    m_textEdited = m_live->modified;
    m_liveCells.clear();
    for (std::size_t i = 0; i < m_live->session.results.size(); ++i)
        m_liveCells[cell_key(m_live->session.results[i])] = i;
    m_live->shown = true;
    unite();
    emit reset();
    wholeListChanged();
    emit stateChanged();
}

void SessionDocument::end(const QString& kept_at) {
    m_plan.reset();
    if (m_live != nullptr) {
        if (!kept_at.isEmpty()) {
            // What was added to a session with a file of its own is not in that file.
            m_live->keptAt = kept_at;
            if (m_live->path.isEmpty() && !m_textEdited) m_live->modified = false;
        }
        const bool united = m_sources.size() > 1;
        if (united) emit aboutToReset();
        m_live = nullptr;
        if (united) {
            unite();  // it is in its place among the others again
            emit reset();
        }
        wholeListChanged();
        emit stateChanged();
    }
    emit ended();
}

/// In session(); nothing where the live session is not shown.
std::optional<std::size_t> SessionDocument::shownPlace(std::size_t live_result) const {
    if (m_live == nullptr || m_sources.empty() || m_sources.back() != m_live) return std::nullopt;
    for (const OpenSession* source : m_sources)
        if (source != m_live) live_result += source->session.results.size();
    return live_result;
}

void SessionDocument::append(const ResultBatch& batch) {
    if (batch.empty() || m_live == nullptr) return;
    std::vector<Result>& results = m_live->session.results;
    const std::optional<std::size_t> first = shownPlace(results.size());
    if (first) emit aboutToAppend(static_cast<int>(*first), static_cast<int>(*first + batch.size()) - 1);
    for (const auto& result : batch) {
        m_liveCells[cell_key(*result)] = results.size();
        results.push_back(*result);
        if (!first || m_sources.size() == 1) continue;
        m_united.results.push_back(*result);
        m_united.results.back().kernel = m_live->seriesId(result->kernel);
    }
    m_speedupsStale = true;
    const bool was_modified = std::exchange(m_live->modified, true);
    if (first) emit appended();
    wholeListChanged();
    if (!was_modified) emit stateChanged();
}

void SessionDocument::revise(const ResultBatch& batch) {
    if (m_live == nullptr) return;
    std::size_t lowest = m_live->session.results.size();
    std::size_t highest = 0;
    for (const auto& result : batch) {
        const auto found = m_liveCells.find(cell_key(*result));
        if (found == m_liveCells.end()) continue;
        const std::size_t at = found->second;
        m_live->session.results[at] = *result;
        lowest = std::min(lowest, at);
        highest = std::max(highest, at);
        const std::optional<std::size_t> place = shownPlace(at);
        if (!place || m_sources.size() == 1) continue;
        m_united.results[*place] = *result;
        m_united.results[*place].kernel = m_live->seriesId(result->kernel);
    }
    if (lowest > highest) return;
    m_speedupsStale = true;
    const bool was_modified = std::exchange(m_live->modified, true);
    if (const auto first = shownPlace(lowest))
        emit revised(static_cast<int>(*first), static_cast<int>(*first + highest - lowest));
    wholeListChanged();
    if (!was_modified) emit stateChanged();
}

void SessionDocument::setClocks(const ReferenceClocks& clocks) {
    if (m_live == nullptr) return;
    m_live->session.environment.clocks = clocks;
}

void SessionDocument::setPeaks(const Peaks& peaks) {
    if (m_live == nullptr) return;
    m_live->session.peaks = peaks;
    if (m_sources.size() > 1 && m_sources.back() == m_live) {
        emit aboutToReset();
        unite();
        emit reset();
    }
    emit peaksChanged();
}

}  // namespace moescope::ui
