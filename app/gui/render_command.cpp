// SPDX-License-Identifier: GPL-3.0-or-later
#include "render_command.h"

#include <set>

#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/charts/chart_file.h"
#include "platform.h"

namespace moescope::gui {
namespace {

ui::PeakKind parse_peak(const std::string& text) {
    if (text == "theoretical") return ui::PeakKind::theoretical;
    if (text == "measured") return ui::PeakKind::measured;
    if (text == "seed") return ui::PeakKind::seed;
    throw Error("peak '" + text + "' is not known: choose theoretical, measured or seed");
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

    const Session session = load_session(options.session);
    if (session.results.empty())
        throw Error("'" + options.session + "' has no results to draw: run moescope sweep to get some");
    check_baseline(session, options.baseline);

    ui::ChartData data;
    data.session = &session;
    data.baseline = options.baseline;
    data.peak = peak;
    const ui::ChartOptions look{dark ? ui::Theme::darkTheme() : ui::Theme::light(), options.footer};
    ui::writeChartFile(kind.id, data, look, size, out);
    return 0;
}

}  // namespace moescope::gui
