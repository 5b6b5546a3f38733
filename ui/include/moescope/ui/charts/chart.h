// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPoint>
#include <QSize>
#include <QString>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"
#include "moescope/ui/theme/theme.h"

class QPaintDevice;
class QWidget;

namespace moescope::ui {

/// What 100 % of bandwidth utilization is; see SPEC section 3.
enum class PeakKind { theoretical, measured, seed };

/// Which cells a chart draws. Automatic: cold ones where the session has any, else all.
enum class CacheChoice { automatic, cold, hot, both };

/// How uneven a load is.
enum class LoadMeasure { gini, maxOverMean };

struct ComparedCells;  // of compare/compared_cells.h

/// Tokens of every expert in one case, for the preview.
struct ExpertLoad {
    QString label;
    std::vector<std::int32_t> counts;
    LoadStats stats;
};

/// What a chart may draw. Borrowed: a chart reads it during show() and keeps nothing.
struct ChartData {
    const Session* session = nullptr;
    std::string baseline;  ///< of speedups; empty: the one core proposes
    PeakKind peak = PeakKind::theoretical;
    const Plan* planned = nullptr;  ///< of the sweep under way
    const ExpertLoad* load = nullptr;
    const Case* selected = nullptr;  ///< highlighted, and what the samples chart shows
    CacheChoice cache = CacheChoice::automatic;
    std::set<std::string> hidden;  ///< kernels that are switched off
    std::string metric;            ///< of heatmap and imbalance, id of core's metrics(); empty: utilization
    std::string heat_x;            ///< axes of the heatmap, see heatmapAxes(); empty: what fills it best
    std::string heat_y;
    LoadMeasure over = LoadMeasure::gini;     ///< across the imbalance chart
    const ComparedCells* compared = nullptr;  ///< what comparison charts draw
};

/// What part of a chart the reader has zoomed to: lower and upper end of each axis, panel by panel. Empty:
/// all of it.
using ChartView = std::vector<std::pair<double, double>>;

struct ChartOptions {
    Theme theme = Theme::light();
    bool footer = true;      ///< device, driver, cache mode, method, date, version
    bool on_screen = false;  ///< the legend lists what is switched off too, so that a click brings it back
    ChartView view{};        ///< left out of account where the chart has other axes
    QSize size{};  ///< logical pixels of the file it is drawn for, which decides how panels are laid out
};

/// A picture of a session, on screen and on paper. Draws what core computed; computes no metric itself.
class Chart {
  public:
    Chart() = default;
    Chart(const Chart&) = delete;  // owns a widget
    Chart& operator=(const Chart&) = delete;
    virtual ~Chart() = default;

    virtual QString title() const = 0;
    /// The chart on screen. Owned by the chart until it is given a parent.
    virtual QWidget* widget() = 0;
    virtual void show(const ChartData& data, const ChartOptions& options) = 0;
    /// Paints what was last shown, `size` logical pixels wide and high, enlarged by `scale`, onto the
    /// device's top left corner.
    virtual void paint(QPaintDevice& device, QSize size, double scale) = 0;

    /// What the reader does on the widget. Results are told as indices into the session last shown.
    struct Listener {
        std::function<void(const std::string& kernel)> kernelToggled;  ///< in the legend
        std::function<void(std::size_t result)> picked;
        std::function<void(std::optional<std::size_t> result, QPoint global)> hovered;
    };
    void setListener(Listener listener) { m_listener = std::move(listener); }
    /// Undoes zooming and panning.
    virtual void resetView() {}
    /// For drawing the same part of the same data elsewhere.
    virtual ChartView view() const { return {}; }

  protected:
    Listener m_listener;
};

/// A chart that can be asked for by name.
struct ChartKind {
    QString id;           ///< `bandwidth`
    QString title;        ///< `Bandwidth lines`
    QString description;  ///< one line
    QSize size;           ///< that shows it well
    std::unique_ptr<Chart> (*make)();
};

/// All charts of a session, in the order to offer them.
const std::vector<ChartKind>& chartKinds();
/// Those of a comparison: they draw ChartData::compared.
const std::vector<ChartKind>& comparisonChartKinds();
bool isComparisonChart(const QString& id);
/// Of either. Throws Error that lists the known ids.
const ChartKind& findChartKind(const QString& id);

}  // namespace moescope::ui
