// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/compared_cells.h"

#include <QStringList>
#include <algorithm>
#include <numeric>
#include <set>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// Samples of `row` on one side, a run each, not pooled.
std::vector<RunSamples> sideOf(const std::vector<SessionPtr>& sessions, const ComparisonRow& row,
                               const std::string& kernel, const QString& side) {
    std::vector<RunSamples> runs;
    if (kernel.empty()) return runs;
    const std::string wanted = case_key(row.c);
    for (const SessionPtr& session : sessions) {
        for (const Result& r : session->results) {
            if (r.kernel != kernel || r.cache != row.cache || r.status != Status::ok) continue;
            if (!row.launch.empty() && row.launch != to_string(r.launch)) continue;
            if (!(r.c == row.c) && case_key(r.c) != wanted) continue;
            std::vector<double> samples = r.samples_us;
            if (samples.empty() && r.median_us) samples.push_back(*r.median_us);
            std::size_t at = 0;
            const auto add = [&](std::size_t count) {
                RunSamples run;
                for (std::size_t i = 0; i < count && at < samples.size(); ++i)
                    run.samples_us.push_back(samples[at++]);
                // The same file twice is one run, as in the comparison.
                const auto same = [&](const RunSamples& known) { return known.samples_us == run.samples_us; };
                if (!run.samples_us.empty() && std::none_of(runs.begin(), runs.end(), same))
                    runs.push_back(std::move(run));
            };
            for (const Repetition& part : r.repetitions)
                add(static_cast<std::size_t>(std::max(0, part.samples)));
            add(samples.size());
        }
    }
    for (std::size_t i = 0; i < runs.size(); ++i)
        runs[i].name = runs.size() == 1 ? side : QStringLiteral("%1 %2").arg(side).arg(i + 1);
    return runs;
}

std::set<std::string> deviceNames(const std::vector<SessionPtr>& sessions) {
    std::set<std::string> names;
    for (const SessionPtr& session : sessions)
        if (!session->environment.device.name.empty()) names.insert(session->environment.device.name);
    return names;
}

}  // namespace

ComparedCells allCells(ComparedPtr compared) {
    ComparedCells cells{std::move(compared), {}, {}};
    cells.rows.resize(cells.compared->comparison.rows.size());
    std::iota(cells.rows.begin(), cells.rows.end(), std::size_t{0});
    return cells;
}

CellSamples samplesOf(const ComparedSessions& compared, const ComparisonRow& row) {
    return {sideOf(compared.base, row, row.base_kernel, QStringLiteral("A")),
            sideOf(compared.other, row, row.other_kernel, QStringLiteral("B"))};
}

QString cellText(const ComparisonRow& row) {
    return QStringLiteral("%1, %2, %3 cache")
        .arg(qs(row.kernel_label()), qs(case_label(row.c)), qs(to_string(row.cache)));
}

QString ratioText(double ratio) {
    return ratio >= 10.0 || ratio < 0.1 ? significantNumber(ratio, 3) : fixedNumber(ratio, 4);
}

QString intervalText(const ComparisonRow& row) {
    if (!row.interval) return QStringLiteral("-");
    return QStringLiteral("%1 to %2").arg(ratioText((*row.interval)[0]), ratioText((*row.interval)[1]));
}

QString metricUnit(CompareMetric metric) {
    switch (metric) {
        case CompareMetric::time:
            return QStringLiteral("\u00b5s");
        case CompareMetric::bandwidth:
            return QStringLiteral("GB/s");
        case CompareMetric::efficiency:
            break;
    }
    return {};
}

QString metricText(CompareMetric metric, double value) {
    return metric == CompareMetric::efficiency ? fixedNumber(value, 3) : significantNumber(value, 4);
}

QString directionText(CompareMetric metric) {
    return metric == CompareMetric::time ? QStringLiteral("above 1: B is slower")
                                         : QStringLiteral("above 1: B is faster");
}

QString readOut(const Comparison& comparison, const ComparisonRow& row) {
    const CompareMetric metric = comparison.options.metric;
    QStringList lines{cellText(row)};
    if (row.ratio)
        lines << QStringLiteral("%1: ratio %2 (95 %: %3)")
                     .arg(qs(to_string(row.verdict)), ratioText(*row.ratio), intervalText(row));
    else
        lines << QStringLiteral("not compared");
    const auto side = [&](const QString& name, const ComparedSide& values) {
        if (!values.value) return QStringLiteral("%1: -").arg(name);
        return QStringLiteral("%1: %2 %3, %4 in %5")
            .arg(name, metricText(metric, *values.value), metricUnit(metric),
                 counted(values.samples, "sample"), counted(values.sessions, "run"));
    };
    lines << side(QStringLiteral("A"), row.base) << side(QStringLiteral("B"), row.other);
    if (row.q) lines << QStringLiteral("q = %1").arg(significantNumber(*row.q, 2));
    if (!row.reason.empty()) lines << qs(row.reason);
    if (!row.advice.empty()) lines << qs(row.advice);
    return lines.join(QLatin1Char('\n'));
}

QString sessionText(const Session& session) {
    const Device& device = session.environment.device;
    QStringList parts{session.name.empty() ? QStringLiteral("session") : qs(session.name)};
    // Sessions are often named after preset and device.
    if (!device.name.empty() && session.name.find(device.name) == std::string::npos) parts << qs(device.name);
    if (!session.created.empty()) parts << qs(session.created).left(10);
    return parts.join(QStringLiteral(", "));
}

bool devicesDiffer(const ComparedSessions& compared) {
    const std::set<std::string> base = deviceNames(compared.base);
    const std::set<std::string> other = deviceNames(compared.other);
    return !base.empty() && !other.empty() && base != other;
}

bool efficiencyKnown(const ComparedSessions& compared) {
    const auto known = [](const std::vector<SessionPtr>& sessions) {
        return std::all_of(sessions.begin(), sessions.end(), [](const SessionPtr& s) {
            return s->peaks.measured_gbps && s->peaks.launch_floor_us;
        });
    };
    return known(compared.base) && known(compared.other);
}

}  // namespace moescope::ui
