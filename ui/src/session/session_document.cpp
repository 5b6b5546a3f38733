// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/session/session_document.h"

#include <algorithm>
#include <utility>

#include "moescope/analysis/metrics.h"
#include "moescope/ui/session/series_id.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

const Session kNoSession;
const QString kNoPath;

}  // namespace

SessionDocument::SessionDocument(QObject* parent) : QObject(parent) {}

SessionDocument::~SessionDocument() = default;

const Session& SessionDocument::session() const {
    if (m_sources.empty()) return kNoSession;
    return m_sources.size() == 1 ? m_sources.front()->session : m_united;
}

Origin SessionDocument::origin(std::size_t shown_result) const {
    for (const OpenSession* source : m_sources) {
        if (shown_result < source->session.results.size()) return {source, shown_result};
        shown_result -= source->session.results.size();
    }
    return {};
}

std::vector<const OpenSession*> SessionDocument::shownSessions() const {
    std::vector<const OpenSession*> shown;
    for (const Owned& each : m_open)
        if (each->shown && each.get() != m_live) shown.push_back(each.get());
    if (m_live != nullptr && m_live->shown) shown.push_back(m_live);  // last: it grows
    return shown;
}

std::size_t SessionDocument::shownCount() const {
    return m_sources.size();
}

std::size_t SessionDocument::indexOf(const QString& path) const {
    std::size_t index = 0;
    while (index < m_open.size() && (path.isEmpty() || m_open[index]->path != path)) ++index;
    return index;
}

std::size_t SessionDocument::currentIndex() const {
    std::size_t index = 0;
    while (index < m_open.size() && m_open[index].get() != m_current) ++index;
    return index;
}

const QString& SessionDocument::path() const {
    return m_current != nullptr ? m_current->path : kNoPath;
}

QString SessionDocument::displayName() const {
    return m_current != nullptr ? m_current->displayName() : QStringLiteral("no session");
}

const OpenSession* SessionDocument::baselineSession() const {
    const OpenSession* first = nullptr;
    for (const Owned& each : m_open) {
        if (!each->shown) continue;
        if (each->number == m_chosenSession) return each.get();
        if (first == nullptr) first = each.get();
    }
    return first;
}

std::string SessionDocument::baseline() const {
    const OpenSession* base = baselineSession();
    if (base == nullptr || base->session.results.empty()) return {};
    const std::vector<Result>& results = base->session.results;
    const bool present = std::any_of(results.begin(), results.end(),
                                     [&](const Result& r) { return r.kernel == m_chosenBaseline; });
    const std::string kernel = present ? m_chosenBaseline : default_baseline(results);
    return m_sources.size() > 1 ? base->seriesId(kernel) : kernel;
}

std::optional<double> SessionDocument::speedup(std::size_t index) const {
    if (m_speedupsStale) {
        m_speedups.clear();
        for (const Speedup& s : speedups(session().results, baseline())) m_speedups[s.result_index] = s.ratio;
        m_speedupsStale = false;
    }
    const auto at = m_speedups.find(index);
    if (at == m_speedups.end()) return std::nullopt;
    return at->second;
}

int SessionDocument::freeNumber() const {
    int number = 1;
    while (std::any_of(m_open.begin(), m_open.end(), [&](const Owned& o) { return o->number == number; }))
        ++number;
    return number;
}

OpenSession& SessionDocument::add(Session session, const QString& path) {
    const std::size_t index = indexOf(path);
    if (index < m_open.size()) {
        m_open[index]->session = std::move(session);
        m_open[index]->modified = false;
        return *m_open[index];
    }
    emit aboutToAdd(static_cast<int>(m_open.size()));
    auto opened = std::make_unique<OpenSession>();
    opened->number = freeNumber();
    opened->session = std::move(session);
    opened->path = path;
    m_open.push_back(std::move(opened));
    emit added();
    return *m_open.back();
}

void SessionDocument::unite() {
    m_sources = shownSessions();
    m_united = {};
    if (m_sources.size() > 1) m_united = uniteSessions(m_sources, *baselineSession());
    m_speedupsStale = true;
}

void SessionDocument::showOnly(const std::vector<const OpenSession*>& sessions) {
    for (const Owned& each : m_open)
        each->shown = std::find(sessions.begin(), sessions.end(), each.get()) != sessions.end();
    unite();
}

void SessionDocument::wholeListChanged() {
    if (!m_open.empty()) emit listChanged(0, static_cast<int>(m_open.size()) - 1);
}

void SessionDocument::open(Session session, const QString& path) {
    std::vector<std::pair<Session, QString>> one;
    one.emplace_back(std::move(session), path);
    open(std::move(one));
}

void SessionDocument::open(std::vector<std::pair<Session, QString>> sessions) {
    if (sessions.empty()) return;
    emit aboutToReset();
    std::vector<const OpenSession*> opened;
    for (auto& [session, path] : sessions) {
        m_current = &add(std::move(session), path);
        opened.push_back(m_current);
    }
    showOnly(opened);
    emit reset();
    wholeListChanged();
    emit stateChanged();
}

void SessionDocument::openKept(Session session, const QString& kept_at) {
    open(std::move(session), {});
    m_current->keptAt = kept_at;
    wholeListChanged();
}

void SessionDocument::close(std::size_t index) {
    OpenSession* closed = m_open[index].get();
    if (closed == m_live) return;
    emit aboutToReset();
    emit aboutToRemove(static_cast<int>(index));
    const Owned dying = std::move(m_open[index]);  // m_sources points to it until all is told
    m_open.erase(m_open.begin() + static_cast<std::ptrdiff_t>(index));
    if (m_current == closed)
        m_current = m_open.empty() ? nullptr : m_open[std::min(index, m_open.size() - 1)].get();
    emit removed();
    const bool nothing_shown =
        std::none_of(m_open.begin(), m_open.end(), [](const Owned& each) { return each->shown; });
    if (nothing_shown && m_current != nullptr && closed->shown) m_current->shown = true;
    unite();
    emit reset();
    wholeListChanged();
    emit stateChanged();
}

void SessionDocument::closeAll() {
    for (std::size_t index = m_open.size(); index-- > 0;) close(index);
}

void SessionDocument::setShown(std::size_t index, bool shown) {
    if (m_open[index]->shown == shown) return;
    emit aboutToReset();
    m_open[index]->shown = shown;
    unite();
    emit reset();
    wholeListChanged();  // another may be the baseline now
}

void SessionDocument::setCurrent(std::size_t index) {
    if (m_current == m_open[index].get()) return;
    m_current = m_open[index].get();
    wholeListChanged();
    emit stateChanged();
}

void SessionDocument::setBaselineSession(std::size_t index) {
    if (m_chosenSession == m_open[index]->number && baselineSession() == m_open[index].get()) return;
    m_chosenSession = m_open[index]->number;
    if (!m_open[index]->shown) {
        setShown(index, true);
        return;
    }
    emit aboutToReset();  // peaks are the baseline's
    unite();
    emit reset();
    emit baselineChanged();
    wholeListChanged();
}

void SessionDocument::setBaseline(const std::string& kernel) {
    const OpenSession* before = baselineSession();
    const std::string baseline_before = baseline();
    m_chosenBaseline = kernelOf(kernel);
    if (const int number = sessionNumberOf(kernel); number > 0 && m_sources.size() > 1)
        m_chosenSession = number;
    if (baseline() == baseline_before) return;
    if (baselineSession() != before) {
        emit aboutToReset();
        unite();
        emit reset();
        wholeListChanged();
    }
    m_speedupsStale = true;
    emit baselineChanged();
}

void SessionDocument::rename(std::size_t index, const QString& name) {
    OpenSession& renamed = *m_open[index];
    if (qs(renamed.session.name) == name) return;
    const bool in_legends = renamed.shown && m_sources.size() > 1;
    if (in_legends) emit aboutToReset();
    renamed.session.name = name.toStdString();
    renamed.modified = true;
    m_textEdited = m_textEdited || &renamed == m_live;
    if (in_legends) {
        unite();
        emit reset();
    }
    emit listChanged(static_cast<int>(index), static_cast<int>(index));
    emit stateChanged();
}

void SessionDocument::setNotes(std::size_t index, const QString& notes) {
    OpenSession& edited = *m_open[index];
    if (qs(edited.session.notes) == notes) return;
    edited.session.notes = notes.toStdString();
    edited.modified = true;
    m_textEdited = m_textEdited || &edited == m_live;
    emit listChanged(static_cast<int>(index), static_cast<int>(index));
    emit stateChanged();
}

void SessionDocument::markSaved(const QString& path) {
    if (m_current == nullptr) return;
    m_current->path = path;
    m_current->modified = false;
    const auto index = static_cast<int>(currentIndex());
    emit listChanged(index, index);
    emit stateChanged();
}

}  // namespace moescope::ui
