// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/report/html_report.h"

#include <algorithm>
#include <vector>

#include "moescope/analysis/metrics.h"
#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/charts/peak.h"
#include "moescope/ui/compare/comparison_section.h"
#include "moescope/ui/report/html_parts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1320px; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #8885; text-align: left; }
td.n, th.n { text-align: right; } .wide { overflow-x: auto; }
figure { margin: 1rem 0; background: #fff; } figure svg { width: 100%; height: auto; display: block; }
.notes { white-space: pre-line; }
@media print { .wide { overflow: visible; } figure { break-inside: avoid; } }
)";

using html::escaped;
using html::figure;
using html::Table;

QString number(const std::optional<double>& value, int digits = 4) {
    return value ? significantNumber(*value, digits) : QStringLiteral("-");
}

bool isOf(const Series& series, const Result& r) {
    return r.kernel == series.kernel && r.cache == series.cache;
}

/// Geometric mean of what core has put into the results of a series.
template <typename Value>
std::optional<double> meanOf(const Session& session, const Series& series, Value&& value) {
    std::vector<double> values;
    for (const Result& r : session.results)
        if (isOf(series, r) && r.status == Status::ok)
            if (const std::optional<double> each = value(r); each && *each > 0.0) values.push_back(*each);
    if (values.empty()) return std::nullopt;
    return geometric_mean(values);
}

std::optional<double> meanSpeedup(const Session& session, const Series& series, const std::string& baseline) {
    std::vector<double> ratios;
    for (const Speedup& each : speedups(session.results, baseline))
        if (isOf(series, session.results[each.result_index])) ratios.push_back(each.ratio);
    if (ratios.empty()) return std::nullopt;
    return geometric_mean(ratios);
}

QString summary(const Session& session, const std::string& baseline, PeakKind peak) {
    const auto best = [&](const Series& series) {
        std::optional<double> most;
        for (const Result& r : session.results)
            if (isOf(series, r) && r.status == Status::ok && r.gbps)
                most = std::max(most.value_or(0.0), *r.gbps);
        return most;
    };
    Table table({"Kernel", "Cells", "Failed", "Skipped", "Best GB/s",
                 QStringLiteral("Utilization % of the %1").arg(peakName(peak)), "Efficiency",
                 QStringLiteral("Speedup over %1").arg(qs(baseline))},
                {false, true, true, true, true, true, true, true});
    for (const Series& series : listSeries(session, {})) {
        const auto count = [&](auto&& matches) {
            return groupedNumber(
                std::count_if(session.results.begin(), session.results.end(),
                              [&](const Result& r) { return isOf(series, r) && matches(r); }));
        };
        table.add(
            {series.name(), count([](const Result&) { return true; }),
             count([](const Result& r) { return r.status == Status::failed; }),
             count([](const Result& r) { return r.status == Status::skipped; }), number(best(series)),
             number(meanOf(session, series, [&](const Result& r) { return percentOfPeak(r, peak); }), 3),
             number(meanOf(session, series, [](const Result& r) { return r.efficiency; }), 3),
             number(meanSpeedup(session, series, baseline), 3)});
    }
    return table.html() +
           QStringLiteral(
               "<p>Utilization, efficiency and speedup: geometric means of all cells that are ok. "
               "Efficiency = limit time (launch floor + bytes / stream41 bandwidth) / median "
               "time.</p>\n");
}

/// Charts of one cache mode; under a heading of their own where the session has both.
QString charts(ChartData data, CacheChoice cache, bool both) {
    const std::vector<Result>& results = data.session->results;
    data.cache = cache;
    const std::vector<Series> series = listSeries(*data.session, shownCache(*data.session, cache));
    bool uneven = false;
    for (const Result& r : results) uneven |= r.load.gini != results.front().load.gini;
    QString html;
    for (const ChartKind& kind : chartKinds()) {
        if (kind.id == QLatin1String("samples")) continue;  // of one case only
        if (kind.id.contains(QLatin1String("speedup")) && series.size() < 2) continue;
        if (kind.id == QLatin1String("imbalance") && !uneven) continue;
        html += figure(kind.id, data, both ? qs(to_string(series.front().cache)) : QString());
    }
    return html;
}

QString charts(const Session& session, const std::string& baseline, PeakKind peak) {
    ChartData data;
    data.session = &session;
    data.baseline = baseline;
    data.peak = peak;
    const std::vector<Series> series = listSeries(session, {});
    if (!series.front().namesCache) return charts(data, CacheChoice::automatic, false);
    return charts(data, CacheChoice::cold, true) + charts(data, CacheChoice::hot, true);
}

QString allResults(const Session& session) {
    Table table({"Kernel",
                 "E",
                 "T",
                 "H",
                 "G",
                 "Tokens",
                 "Strategy",
                 "Seed",
                 "Scales",
                 "Input",
                 "Cache",
                 "Status",
                 QStringLiteral("Median \u00b5s"),
                 QStringLiteral("95 % interval \u00b5s"),
                 "GB/s",
                 "% theor.",
                 "% meas.",
                 "Efficiency",
                 "Max/mean",
                 "Gini",
                 "Verified"},
                {false, true, true, true, true, true, false, true, false, false, false,
                 false, true, true, true, true, true, true,  true, true,  false});
    for (const Result& r : session.results) {
        const Shape& shape = r.c.shape;
        const QString interval =
            r.ci95_us ? QStringLiteral("%1 to %2").arg(number((*r.ci95_us)[0]), number((*r.ci95_us)[1]))
                      : QStringLiteral("-");
        QString status = qs(to_string(r.status));
        if (!r.error.empty()) status += QStringLiteral(": ") + qs(r.error);
        table.add({qs(r.kernel),
                   groupedNumber(shape.experts),
                   groupedNumber(shape.max_tokens),
                   groupedNumber(shape.hidden),
                   groupedNumber(shape.group_size),
                   groupedNumber(r.c.total_tokens),
                   qs(to_string(r.c.strategy)),
                   QString::number(r.c.seed),
                   qs(to_string(shape.scale_format)),
                   qs(to_string(shape.input_type)),
                   qs(to_string(r.cache)),
                   status,
                   number(r.median_us),
                   interval,
                   number(r.gbps),
                   number(r.percent_of_peak.theoretical, 3),
                   number(r.percent_of_peak.measured, 3),
                   number(r.efficiency, 3),
                   fixedNumber(r.load.max_over_mean, 2),
                   fixedNumber(r.load.gini, 2),
                   !r.verification.done    ? QStringLiteral("-")
                   : r.verification.passed ? QStringLiteral("passed")
                                           : QStringLiteral("differs")});
    }
    return table.html();
}

QString environment(const Session& session) {
    const Environment& at = session.environment;
    const Device& device = at.device;
    Table table({"", ""}, {false, false});
    const auto add = [&](const char* name, const QString& value) {
        if (!value.isEmpty()) table.add({QString::fromUtf8(name), value});
    };
    const auto peak = [](const std::optional<double>& gbps) {
        return gbps ? QStringLiteral("%1 GB/s").arg(significantNumber(*gbps, 4)) : QString();
    };
    add("Device", qs(device.name.empty() ? device.id : device.name));
    add("Compute capability", qs(device.compute_capability));
    add("Instruction set", qs(device.isa));
    add("Driver", qs(device.driver));
    add("CUDA", qs(device.runtime));
    if (device.sm_count > 0) add("Multiprocessors or threads", groupedNumber(device.sm_count));
    if (device.cache_bytes > 0) add("Last-level cache", byteSize(device.cache_bytes));
    if (device.memory_bytes > 0) add("Memory", byteSize(device.memory_bytes));
    add("Theoretical peak", peak(session.peaks.theoretical_gbps));
    add("Measured peak (stream41)", peak(session.peaks.measured_gbps));
    if (session.peaks.launch_floor_us)
        add("Launch floor",
            QStringLiteral("%1 \u00b5s").arg(significantNumber(*session.peaks.launch_floor_us, 3)));
    add("Cache mode", session.spec.cache == CacheSelection::both ? QStringLiteral("cold and hot")
                                                                 : qs(to_string(session.spec.cache)));
    add("Method", QStringLiteral("median of samples, until its 95 % interval is within %1 % each way")
                      .arg(significantNumber(session.spec.measure.ci_percent, 2)));
    add("System", qs(at.os));
    add("Compiler", qs(at.compiler));
    add("Measured", qs(session.created));
    add("Measured by", qs(session.tool_version + (session.tool_git.empty() ? "" : " " + session.tool_git)));
    add("Report by", qs(tool_version()));
    return table.html();
}

}  // namespace

QByteArray htmlReport(const Session& session, const ReportOptions& options) {
    if (session.results.empty()) throw Error("the session has no results to report on");
    const std::string baseline =
        options.baseline.empty() ? default_baseline(session.results) : options.baseline;
    const PeakKind peak = usablePeak(session, options.peak).value_or(options.peak);
    const QString name = session.name.empty() ? QStringLiteral("session") : qs(session.name);
    const Arrangement arrangement = arrangeResults(session, Leaves::tokens);

    QString html = QStringLiteral(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    html += escaped(name) + QStringLiteral(" - moescope report</title>\n<style>") + QLatin1String(kStyle) +
            QStringLiteral("</style></head><body>\n<h1>") + escaped(name) + QStringLiteral("</h1>\n<p>") +
            escaped(footerText(session)) + QStringLiteral("</p>\n");
    if (!session.notes.empty())
        html += QStringLiteral("<p class=\"notes\">") + escaped(session.notes) + QStringLiteral("</p>\n");
    html += QStringLiteral("<p>Fused SiLU x Mul + FP8 group quantization, masked MoE layout. ") +
            escaped(counted(static_cast<std::int64_t>(session.results.size()), QStringLiteral("result"))) +
            escaped(arrangement.common.isEmpty() ? QString() : QStringLiteral("; ") + arrangement.common) +
            escaped(arrangement.missing.isEmpty() ? QString() : QStringLiteral("; ") + arrangement.missing) +
            QStringLiteral(".</p>\n<h2>Summary</h2>\n") + summary(session, baseline, peak) +
            charts(session, baseline, peak);
    if (options.compared) html += comparisonSection(options.compared);
    if (options.all_results) html += QStringLiteral("<h2>Results</h2>\n") + allResults(session);
    html +=
        QStringLiteral("<h2>Environment</h2>\n") + environment(session) + QStringLiteral("</body></html>\n");
    return html.toUtf8();
}

void writeHtmlReport(const Session& session, const ReportOptions& options, const QString& path) {
    check_writable(path.toStdString());
    const QByteArray page = htmlReport(session, options);
    write_file_atomically(path.toStdString(), {page.constData(), static_cast<std::size_t>(page.size())});
}

}  // namespace moescope::ui
