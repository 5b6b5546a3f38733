// SPDX-License-Identifier: GPL-3.0-or-later
#include "compare_render.h"

#include <cmath>
#include <memory>

#include "moescope/error.h"
#include "moescope/ui/compare/comparison_chart.h"
#include "moescope/ui/compare/comparison_runner.h"
#include "moescope/ui/compare/sources_model.h"

namespace moescope::gui {
namespace {

CompareOptions options_of(const RenderOptions& options) {
    CompareOptions compare;
    if (!options.metric.empty()) compare.metric = parse_compare_metric(options.metric);
    compare.threshold_percent = options.threshold_percent;
    for (const std::string& pair : options.kernel_map) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size())
            throw Error("--kernel-map '" + pair + "': give BASE=OTHER, e.g. silu_v2=silu_v3");
        compare.kernel_map[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return compare;
}

/// The chosen row; by itself the box plots show the cell that differs most.
std::optional<std::size_t> selected_row(const Comparison& comparison, const RenderOptions& options) {
    const std::size_t count = comparison.rows.size();
    if (options.case_number != 0) {
        if (options.case_number < 0 || static_cast<std::size_t>(options.case_number) > count)
            throw Error("there is no cell " + std::to_string(options.case_number) + ": give 1 to " +
                        std::to_string(count));
        return static_cast<std::size_t>(options.case_number) - 1;
    }
    if (options.chart != "compare-boxes") return std::nullopt;
    std::optional<std::size_t> most;
    const auto distance = [&](std::size_t row) { return std::abs(std::log(*comparison.rows[row].ratio)); };
    for (std::size_t row = 0; row < count; ++row)
        if (comparison.rows[row].ratio && (!most || distance(row) > distance(*most))) most = row;
    return most;
}

}  // namespace

ui::ComparedPtr compare_files(const std::string& base, const std::vector<std::string>& others,
                              const CompareOptions& options) {
    const auto load = [](const std::string& path) {
        return std::make_shared<const Session>(ui::readComparable(QString::fromStdString(path)));
    };
    ui::ComparisonRunner::Request request;
    request.options = options;
    request.only_mapped = !options.kernel_map.empty();
    request.base.push_back(load(base));
    for (const std::string& path : others) request.others.push_back(load(path));
    request.as_repetitions = true;
    return ui::ComparisonRunner::compare(request).front();
}

int render_comparison(const RenderOptions& options, const ui::ChartFileSize& size,
                      const ui::ChartOptions& look) {
    if (options.compare.empty())
        throw Error("chart '" + options.chart +
                    "' draws a comparison: name what to compare with --compare FILE");
    ui::ComparedCells cells =
        ui::allCells(compare_files(options.session, options.compare, options_of(options)));
    cells.selected = selected_row(cells.compared->comparison, options);
    ui::writeChartFile(QString::fromStdString(options.chart), ui::comparisonData(cells), look, size,
                       QString::fromStdString(options.out));
    return 0;
}

}  // namespace moescope::gui
