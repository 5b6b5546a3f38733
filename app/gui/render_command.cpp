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

const Case* find_case(const Session& session, int number) {
    if (number == 0) return nullptr;
    const auto count = static_cast<int>(session.results.size());
    if (number < 0 || number > count)
        throw Error("there is no result " + std::to_string(number) + ": give 1 to " + std::to_string(count));
    return &session.results[static_cast<std::size_t>(number) - 1].c;
}

void check_baseline(const Session& session, const std::string& kernel) {
    std::set<std::string> kernels;
    for (const Result& result : session.results) kernels.insert(result.kernel);
    if (kernel.empty() || kernels.count(kernel) > 0) return;
    std::string known;
    for (const std::string& id : kernels) known += (known.empty() ? "" : ", ") + id;
    throw Error("baseline '" + kernel + "' is not in the session: choose one of " + known);
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
