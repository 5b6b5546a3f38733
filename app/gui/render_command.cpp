// SPDX-License-Identifier: GPL-3.0-or-later
#include "render_command.h"

#include <set>

#include "compare_render.h"
#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/report/html_report.h"
#include "platform.h"

namespace moescope::gui {
namespace {

ui::PeakKind parse_peak(const std::string& text) {
    if (text == "theoretical") return ui::PeakKind::theoretical;
    if (text == "measured") return ui::PeakKind::measured;
    if (text == "seed") return ui::PeakKind::seed;
    throw Error("peak '" + text + "' is not known: choose theoretical, measured or seed");
}

ui::LoadMeasure parse_over(const std::string& text) {
    if (text == "gini") return ui::LoadMeasure::gini;
    if (text == "max-over-mean") return ui::LoadMeasure::maxOverMean;
    throw Error("measure '" + text + "' is not known: choose gini or max-over-mean");
}

ui::CacheChoice parse_cache(const Session& session, const std::string& text) {
    if (text.empty()) return ui::CacheChoice::automatic;
    if (text == "both") return ui::CacheChoice::both;
    if (text != "cold" && text != "hot")
        throw Error("cache mode '" + text + "' is not known: choose cold, hot or both");
    const CacheMode mode = text == "hot" ? CacheMode::hot : CacheMode::cold;
    for (const Result& result : session.results)
        if (result.cache == mode)
            return mode == CacheMode::hot ? ui::CacheChoice::hot : ui::CacheChoice::cold;
    throw Error("the session has no " + text + " cells: leave --cache out to draw what it has");
}

std::set<std::string> kernels_of(const Session& session) {
    std::set<std::string> kernels;
    for (const Result& result : session.results) kernels.insert(result.kernel);
    return kernels;
}

/// Throws Error where `kernel`, called `role` in the message, is not in the session.
void check_kernel(const Session& session, const std::string& role, const std::string& kernel) {
    const std::set<std::string> kernels = kernels_of(session);
    if (kernels.count(kernel) > 0) return;
    std::string known;
    for (const std::string& id : kernels) known += (known.empty() ? "" : ", ") + id;
    throw Error(role + " '" + kernel + "' is not in the session: choose one of " + known);
}

/// All that are not wanted; nobody wanting any wants all.
std::set<std::string> hidden_kernels(const Session& session, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return {};
    std::set<std::string> hidden = kernels_of(session);
    for (const std::string& kernel : wanted) {
        check_kernel(session, "kernel", kernel);
        hidden.erase(kernel);
    }
    return hidden;
}

const Case* find_case(const Session& session, int number) {
    if (number == 0) return nullptr;
    const auto count = static_cast<int>(session.results.size());
    if (number < 0 || number > count)
        throw Error("there is no result " + std::to_string(number) + ": give 1 to " + std::to_string(count));
    return &session.results[static_cast<std::size_t>(number) - 1].c;
}

void check_baseline(const Session& session, const std::string& kernel) {
    if (!kernel.empty()) check_kernel(session, "baseline", kernel);
}

}  // namespace

int render(const RenderOptions& options) {
    const ui::ChartKind& kind = ui::findChartKind(QString::fromStdString(options.chart));
    const QString out = QString::fromStdString(options.out);
    ui::checkChartFileName(out);
    const ui::ChartFileSize size = options.size.empty()
                                       ? ui::defaultChartFileSize(kind, options.dpi)
                                       : ui::ChartFileSize{parse_size(options.size), options.dpi};
    ui::checkChartFileSize(size);
    const bool dark = parse_theme(options.theme) == ui::ThemeChoice::dark;
    const ui::PeakKind peak = parse_peak(options.peak);
    const ui::ChartOptions look{dark ? ui::Theme::darkTheme() : ui::Theme::light(), options.footer};
    if (ui::isComparisonChart(kind.id)) return render_comparison(options, size, look);
    if (!options.compare.empty())
        throw Error(
            "--compare is for charts of a comparison: choose --chart compare-forest, compare-bandwidth, "
            "compare-time or compare-boxes");

    const Session session = load_session(options.session);
    if (session.results.empty())
        throw Error("'" + options.session + "' has no results to draw: run moescope sweep to get some");
    check_baseline(session, options.baseline);

    ui::ChartData data;
    data.session = &session;
    data.baseline = options.baseline;
    data.peak = peak;
    data.metric = options.metric;
    data.heat_x = options.heat_x;
    data.heat_y = options.heat_y;
    data.over = parse_over(options.over);
    data.cache = parse_cache(session, options.cache);
    data.hidden = hidden_kernels(session, options.kernels);
    data.selected = find_case(session, options.case_number);
    ui::writeChartFile(kind.id, data, look, size, out);
    return 0;
}

int report(const ReportCommandOptions& options) {
    const QString out = QString::fromStdString(options.out);
    if (!out.endsWith(QLatin1String(".html"), Qt::CaseInsensitive) &&
        !out.endsWith(QLatin1String(".htm"), Qt::CaseInsensitive))
        throw Error("'" + options.out + "' is no page: its name must end in .html");
    const ui::PeakKind peak = parse_peak(options.peak);
    const Session session = load_session(options.session);
    if (session.results.empty())
        throw Error("'" + options.session + "' has no results to report on: run moescope sweep to get some");
    check_baseline(session, options.baseline);
    ui::ReportOptions page{options.baseline, peak, true, {}};
    if (!options.compare.empty()) page.compared = compare_files(options.session, options.compare, {});
    ui::writeHtmlReport(session, page, out);
    return 0;
}

}  // namespace moescope::gui
