// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "moescope/analysis/metrics.h"
#include "moescope/analysis/statistics.h"
#include "moescope/error.h"
#include "text/hash.h"

namespace moescope {
namespace {

void check(std::span<const Session> sessions) {
    if (sessions.size() < 2) throw Error("merge what? give at least two sessions");
    const std::string& first = sessions.front().environment.device.name;
    for (const Session& s : sessions) {
        const std::string& name = s.environment.device.name;
        if (name != first)
            throw Error(fmt::format(
                "sessions of different devices ({} / {}) are no repetitions; compare them instead", first,
                name));
        if (s.results.empty() || sessions.front().results.empty()) continue;
        if (s.results.front().launch != sessions.front().results.front().launch)
            throw Error("sessions of different launch modes are no repetitions; compare them instead");
    }
}

/// The samples of a result, taken apart by the process that took them.
struct Part {
    Repetition from;
    std::vector<double> samples_us;
};

std::vector<Part> parts_of(const Result& r, const Session& s) {
    std::vector<Part> parts;
    std::size_t at = 0;
    const auto take = [&](const std::string& session, const std::string& created, std::size_t count) {
        count = std::min(count, r.samples_us.size() - at);
        if (count == 0) return;
        const auto begin = r.samples_us.begin() + static_cast<std::ptrdiff_t>(at);
        parts.push_back({{session, created, static_cast<int>(count)},
                         {begin, begin + static_cast<std::ptrdiff_t>(count)}});
        at += count;
    };
    for (const Repetition& p : r.repetitions)
        take(p.session, p.created, static_cast<std::size_t>(std::max(0, p.samples)));
    take(s.id, s.created, r.samples_us.size() - at);
    return parts;
}

bool same_part(const Part& a, const Part& b) {
    if (!a.from.session.empty() && a.from.session == b.from.session) return true;
    // One printed number is often the same in two logs; of many samples that is one file under two names.
    const bool logs = a.samples_us.size() == 1 && !a.from.session.empty() && !b.from.session.empty();
    return !logs && a.samples_us == b.samples_us;
}

/// How many of each oddity there were: said once, not once a cell.
struct Tally {
    int duplicates = 0;
    int problems_dropped = 0;
};

/// Adds the samples of `more` to `kept`. Both are ok.
void append_samples(Result& kept, const Session& kept_session, const Result& more, const Session& session,
                    Tally& tally) {
    std::vector<Part> parts = parts_of(kept, kept_session);
    for (Part& part : parts_of(more, session)) {
        const auto is_same = [&](const Part& p) { return same_part(p, part); };
        if (std::any_of(parts.begin(), parts.end(), is_same)) {
            ++tally.duplicates;
        } else {
            parts.push_back(std::move(part));
        }
    }
    if (parts.size() < 2) return;
    kept.samples_us.clear();
    kept.repetitions.clear();
    for (const Part& part : parts) {
        kept.samples_us.insert(kept.samples_us.end(), part.samples_us.begin(), part.samples_us.end());
        kept.repetitions.push_back(part.from);
    }
}

/// Median over the sessions that know it.
std::optional<double> typical(std::span<const Session> sessions, std::optional<double> Peaks::*member) {
    std::vector<double> values;
    for (const Session& s : sessions) {
        if (s.peaks.*member) values.push_back(*(s.peaks.*member));
    }
    if (values.empty()) return std::nullopt;
    return median(values);
}

template <typename T>
void unite(std::vector<T>& all, const std::vector<T>& more) {
    for (const T& value : more) {
        if (std::find(all.begin(), all.end(), value) == all.end()) all.push_back(value);
    }
}

void unite_spec(Selection& spec, const Selection& more) {
    unite(spec.experts, more.experts);
    unite(spec.max_tokens, more.max_tokens);
    unite(spec.hidden, more.hidden);
    unite(spec.group_size, more.group_size);
    // One of the two axes is filled; where sessions chose differently the first one's stays.
    if (spec.total_tokens.empty() && more.total_tokens.empty())
        unite(spec.tokens_per_expert, more.tokens_per_expert);
    if (spec.tokens_per_expert.empty() && more.tokens_per_expert.empty())
        unite(spec.total_tokens, more.total_tokens);
    unite(spec.strategies, more.strategies);
    if (!spec.kernels.empty()) unite(spec.kernels, more.kernels);
    unite(spec.scale_formats, more.scale_formats);
    unite(spec.input_types, more.input_types);
    if (spec.shard != more.shard) spec.shard.clear();  // --resume then sweeps what no part has
    if (spec.cache != more.cache) spec.cache = CacheSelection::both;
}

/// A new name for a new thing, the same whenever the same sessions are merged.
std::string merged_id(std::span<const Session> sessions) {
    std::uint64_t h = text::kHashStart;
    for (const Session& s : sessions) h = text::fnv1a(s.id + "|", h);
    return fmt::format("merged-{:016x}", h);
}

class Merger {
  public:
    explicit Merger(std::span<const Session> sessions) : m_sessions(sessions) {
        const Session& first = sessions.front();
        m_merged.session = first;
        m_merged.session.results.clear();
        m_merged.session.id = merged_id(sessions);
        m_merged.session.name = fmt::format("{} (merged of {})", first.name, sessions.size());
    }

    Merged run() {
        for (std::size_t i = 0; i < m_sessions.size(); ++i) add(i);
        finish();
        return std::move(m_merged);
    }

  private:
    struct Place {
        std::size_t result = 0;
        std::size_t session = 0;  ///< whose it was first
        bool repeated = false;
    };

    void add(std::size_t index) {
        const Session& session = m_sessions[index];
        unite_spec(m_merged.session.spec, session.spec);
        for (const Result& r : session.results) {
            const auto [it, fresh] =
                m_places.try_emplace(cell_key(r), Place{m_merged.session.results.size(), index});
            if (fresh) {
                m_merged.session.results.push_back(r);
            } else {
                combine(it->second, r, index);
            }
        }
    }

    void combine(Place& place, const Result& r, std::size_t index) {
        Result& kept = m_merged.session.results[place.result];
        if (r.status != Status::ok) {
            if (kept.status == Status::ok) ++m_tally.problems_dropped;
            return;
        }
        if (kept.status != Status::ok) {
            ++m_tally.problems_dropped;
            kept = r;
            place.session = index;
            return;
        }
        append_samples(kept, m_sessions[place.session], r, m_sessions[index], m_tally);
        place.repeated = place.repeated || !kept.repetitions.empty();
    }

    void finish() {
        Session& s = m_merged.session;
        const auto spread = [&](const char* what, std::optional<double> Peaks::*member) {
            s.peaks.*member = typical(m_sessions, member);
            for (const Session& one : m_sessions) {
                const auto value = one.peaks.*member;
                if (value && s.peaks.*member && std::abs(*value / *(s.peaks.*member) - 1.0) > 0.02) {
                    note(fmt::format("{} differs by more than 2 % between the sessions; the median is kept",
                                     what));
                    return;
                }
            }
        };
        spread("the theoretical peak", &Peaks::theoretical_gbps);
        spread("the measured peak", &Peaks::measured_gbps);
        spread("the launch floor", &Peaks::launch_floor_us);
        for (const auto& [key, place] : m_places) {
            Result& r = s.results[place.result];
            if (place.repeated) {
                ++m_merged.repeated;
            } else {
                ++m_merged.united;
            }
            if (r.status == Status::ok) fill_metrics(r, s.peaks);
        }
        if (m_tally.duplicates > 0)
            note(
                fmt::format("{} times the same samples came twice; they are taken once", m_tally.duplicates));
        if (m_tally.problems_dropped > 0)
            note(fmt::format(
                "{} cells failed or were skipped in one session and are ok in another, which is kept",
                m_tally.problems_dropped));
    }

    void note(std::string text) { m_merged.notes.push_back(std::move(text)); }

    std::span<const Session> m_sessions;
    Merged m_merged;
    Tally m_tally;
    std::unordered_map<std::string, Place> m_places;
};

}  // namespace

Result append_repetition(const Result& kept, const Session& session, const Result& more, const Session& run) {
    if (more.status != Status::ok) return kept;
    if (kept.status != Status::ok) return more;
    Result both = kept;
    Tally tally;
    append_samples(both, session, more, run, tally);
    fill_metrics(both, session.peaks);
    return both;
}

Merged merge_sessions(std::span<const Session> sessions) {
    check(sessions);
    return Merger(sessions).run();
}

}  // namespace moescope
