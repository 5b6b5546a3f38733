// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui_options.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "moescope/session/session.h"
#include "moescope/ui/charts/chart.h"
#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/charts/heatmap_chart.h"

namespace moescope::gui {
namespace {

constexpr int kBadUsage = 2;

std::string chart_help() {
    std::string text = "which chart:";
    for (const auto* kinds : {&ui::chartKinds(), &ui::comparisonChartKinds()})
        for (const ui::ChartKind& kind : *kinds)
            text += "\n  " + kind.id.toStdString() + ": " + kind.description.toStdString();
    return text;
}

std::vector<std::string> metric_ids() {
    std::vector<std::string> ids;
    for (const ui::MetricName& name : ui::chartMetricNames())
        if (!name.id.isEmpty()) ids.push_back(name.id.toStdString());
    return ids;
}

std::vector<std::string> axis_ids() {
    std::vector<std::string> ids;
    for (const ui::HeatmapAxis& axis : ui::heatmapAxes()) ids.push_back(axis.id.toStdString());
    return ids;
}

std::string names_help(std::string text, const std::vector<std::string>& names) {
    for (const std::string& name : names) text += (&name == &names.front() ? " " : ", ") + name;
    return text;
}

CLI::App* add_render(CLI::App& app, RenderOptions& options, bool& no_footer) {
    CLI::App* render =
        app.add_subcommand("render", "draw a chart of a session into a file; needs no display");
    render->add_option("session", options.session, "session file (.moescope.json)")->required();
    render->add_option("--chart", options.chart, chart_help())->required();
    render->add_option("--out", options.out, "file to write: .png, .svg or .pdf")->required();
    render->add_option("--size", options.size, "WIDTHxHEIGHT in pixels; by default what suits the chart");
    render->add_option("--dpi", options.dpi, "pixels an inch: higher makes text and lines larger")
        ->capture_default_str();
    render->add_option("--theme", options.theme, "light or dark")->capture_default_str();
    render->add_option("--baseline", options.baseline,
                       "kernel that speedups are over; by default silu_v2 or the first");
    render->add_option("--peak", options.peak, "what is 100 %: theoretical, measured or seed")
        ->capture_default_str();
    render->add_option("--metric", options.metric,
                       names_help("of heatmap and imbalance:", metric_ids()) +
                           "; of compare-... charts: time, bandwidth, efficiency");
    render->add_option("--x", options.heat_x, names_help("across the heatmap:", axis_ids()));
    render->add_option("--y", options.heat_y, "up the heatmap, as --x");
    render->add_option("--over", options.over, "across the imbalance chart: gini or max-over-mean")
        ->capture_default_str();
    render->add_option("--cache", options.cache,
                       "cells to draw: cold, hot or both; by default the cold ones where there are any");
    render->add_option("--kernels", options.kernels, "kernels to draw; by default all")->delimiter(',');
    render->add_option("--case", options.case_number,
                       "number of the result, from 1, whose case is highlighted and whose samples are shown");
    render->add_option("--compare", options.compare,
                       "sessions to hold against the first, for compare-... charts; several are repetitions");
    render
        ->add_option("--threshold", options.threshold_percent, "percent that matter, for compare-... charts")
        ->capture_default_str();
    render->add_option("--kernel-map", options.kernel_map,
                       "BASE=OTHER, for compare-... charts: compare these kernels alone");
    render->add_flag("--no-footer", no_footer, "leave out the line with device, method and date");
    return render;
}

CLI::App* add_report(CLI::App& app, ReportCommandOptions& options) {
    CLI::App* report = app.add_subcommand(
        "report", "one self-contained HTML page: summary, charts, tables, environment; needs no display");
    report->add_option("session", options.session, "session file (.moescope.json)")->required();
    report->add_option("--out", options.out, "file to write: .html")->required();
    report->add_option("--baseline", options.baseline,
                       "kernel that speedups are over; by default silu_v2 or the first");
    report->add_option("--peak", options.peak, "what is 100 %: theoretical, measured or seed")
        ->capture_default_str();
    report->add_option(
        "--compare", options.compare,
        "sessions to hold against the first, in a section of its own; several are repetitions");
    return report;
}

}  // namespace

ParseOutcome parse_options(int argc, char** argv) {
    CLI::App app("Desktop profiler for fused SiLU x Mul + FP8 group quantization in MoE models",
                 "moescope-gui");
    app.set_version_flag("--version", tool_version());
    Options options;
    RenderOptions render_options;
    bool no_footer = false;
    const CLI::App* render = add_render(app, render_options, no_footer);
    ReportCommandOptions report_options;
    const CLI::App* report = add_report(app, report_options);
    app.add_option("sessions", options.window.sessions, "session files to open, side by side");
    app.add_option("--screenshot", options.window.screenshot,
                   "write a picture of the window (.png), no display needed");
    app.add_option("--size", options.window.size, "size of that picture, WIDTHxHEIGHT")
        ->capture_default_str();
    app.add_option("--theme", options.window.theme, "light or dark; by default as it was left");
    app.add_option("--panel", options.window.panel,
                   "panel to bring to the front: results, sessions, pivot, telemetry, plan, load, matrix");
    app.add_option("--chart", options.window.chart, "chart to show first; see render --help");
    app.add_option("--plugin", options.window.plugins, "a library with kernels of your own (docs/plugins.md)")
        ->type_name("FILE.so")
        ->allow_extra_args(false);
    app.add_option("--plugin-timeout", options.window.plugin_timeout_seconds,
                   "seconds that a plugin may take to load, to verify a kernel or for a block of samples")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_flag("--compare", options.window.compare,
                 "open the comparison page: the first session against each of the others");
    app.add_option("--kernel-map", options.window.kernel_map,
                   "BASE=OTHER: there, compare these kernels alone");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& done) {
        return {std::nullopt, app.exit(done)};
    } catch (const CLI::ParseError& error) {
        std::cerr << "moescope-gui: " << error.what() << "; moescope-gui --help tells how it is used\n";
        return {std::nullopt, kBadUsage};
    }
    if (render->parsed()) {
        render_options.footer = !no_footer;
        options.render = render_options;
    }
    if (report->parsed()) options.report = report_options;
    return {options, 0};
}

}  // namespace moescope::gui
