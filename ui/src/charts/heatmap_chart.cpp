// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/heatmap_chart.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "moescope/analysis/metrics.h"
#include "moescope/analysis/statistics.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/charts/chart_texts.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::size_t kMostTileTexts = 800;
constexpr int kTileTextPixels = 10;

/// Viridis (Smith, van der Walt: matplotlib, 2015; CC0), eight of its colours.
QCPColorGradient viridis() {
    QCPColorGradient gradient;
    gradient.clearColorStops();
    const std::array colors{QColor(68, 1, 84),    QColor(70, 50, 127),  QColor(54, 92, 141),
                            QColor(39, 127, 142), QColor(31, 161, 135), QColor(74, 194, 109),
                            QColor(159, 218, 58), QColor(253, 231, 37)};
    for (std::size_t i = 0; i < colors.size(); ++i)
        gradient.setColorStopAt(static_cast<double>(i) / (colors.size() - 1), colors[i]);
    return gradient;
}

/// Orange for slower, blue for faster, never red and green.
QCPColorGradient slowerToFaster() {
    QCPColorGradient gradient;
    gradient.clearColorStops();
    gradient.setColorStopAt(0.0, QColor(0xb3, 0x58, 0x06));
    gradient.setColorStopAt(0.25, QColor(0xf1, 0xa3, 0x40));
    gradient.setColorStopAt(0.5, QColor(0xf0, 0xf0, 0xee));
    gradient.setColorStopAt(0.75, QColor(0x67, 0xa9, 0xcf));
    gradient.setColorStopAt(1.0, QColor(0x05, 0x57, 0x8c));
    return gradient;
}

/// The categories that results have on an axis, in order; strategies as they appear.
std::vector<QString> categories(const std::vector<Result>& results, const HeatmapAxis& axis) {
    std::vector<std::pair<double, QString>> found;
    std::set<QString> known;
    for (const Result& r : results)
        if (QString text = axis.text(r); known.insert(text).second)
            found.emplace_back(axis.order(r), std::move(text));
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<QString> texts;
    for (auto& each : found) texts.push_back(std::move(each.second));
    return texts;
}

/// "Experts (E)" as "experts"
QString inSentence(const QString& axis_title) {
    return axis_title.section(QStringLiteral(" ("), 0, 0).toLower();
}

std::size_t placeOf(const std::map<QString, std::size_t>& places, const QString& text) {
    return places.at(text);
}

std::map<QString, std::size_t> placesOf(const std::vector<QString>& texts) {
    std::map<QString, std::size_t> places;
    for (std::size_t i = 0; i < texts.size(); ++i) places[texts[i]] = i;
    return places;
}

QCPRange cells(std::size_t count) {
    // A single cell has no neighbour to be half-way to.
    return count > 1 ? QCPRange(0.0, static_cast<double>(count - 1)) : QCPRange(-0.5, 0.5);
}

}  // namespace

/// Values of every series' tiles.
struct HeatmapChart::Tiles {
    using At = std::pair<std::size_t, std::size_t>;
    using Key = std::pair<std::string, CacheMode>;
    std::map<Key, std::map<At, std::vector<double>>> values;
    std::map<Key, std::map<At, const Result*>> first;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -std::numeric_limits<double>::infinity();
    bool shared = false;  ///< some tile holds several cases
};

void HeatmapChart::chooseAxes(const ChartData& data) {
    const std::vector<Result>& results = data.session->results;
    m_x = data.heat_x.empty() ? nullptr : &findHeatmapAxis(qs(data.heat_x));
    m_y = data.heat_y.empty() ? nullptr : &findHeatmapAxis(qs(data.heat_y));
    const auto varies = [&](const char* id) { return categories(results, findHeatmapAxis(id)).size() > 1; };
    if (m_x == nullptr) {
        const std::size_t per_expert = categories(results, findHeatmapAxis("tokens-per-expert")).size();
        const std::size_t totals = categories(results, findHeatmapAxis("tokens")).size();
        // Where tokens follow the experts, their mean fills the grid.
        m_x = &findHeatmapAxis(per_expert > 1 && per_expert < totals ? "tokens-per-expert" : "tokens");
    }
    if (m_y == nullptr) {
        m_y = &findHeatmapAxis("strategy");
        for (const char* id : {"experts", "strategy", "hidden", "group-size", "max-tokens", "scale-format"})
            if (varies(id) && m_x->id != QLatin1String(id)) {
                m_y = &findHeatmapAxis(id);
                break;
            }
    }
}

PlotChart::Texts HeatmapChart::build(const ChartData& data) {
    const std::vector<Result>& results = data.session->results;
    m_heatPanels.clear();
    m_texts.clear();
    m_metric = chartMetric(data);
    chooseAxes(data);
    m_columns = categories(results, *m_x);
    m_rows = categories(results, *m_y);
    m_title =
        QStringLiteral("%1 by %2 and %3").arg(m_metric.title, inSentence(m_x->title), inSentence(m_y->title));

    Tiles tiles;
    const Arrangement arrangement = arrangeResults(data, Leaves::tokens);
    const std::optional<CacheMode> only = shownCache(*data.session, data.cache);
    const auto columns_at = placesOf(m_columns);
    const auto rows_at = placesOf(m_rows);
    for (const Result& r : results) {
        if ((only && r.cache != *only) || isHidden(r.kernel)) continue;
        const std::pair at(placeOf(columns_at, m_x->text(r)), placeOf(rows_at, m_y->text(r)));
        tiles.first[{r.kernel, r.cache}].try_emplace(at, &r);
        const std::optional<double> value = m_metric.value(r);
        if (!value || !std::isfinite(*value)) continue;
        std::vector<double>& values = tiles.values[{r.kernel, r.cache}][at];
        values.push_back(*value);
        tiles.shared |= values.size() > 1;
        tiles.lowest = std::min(tiles.lowest, *value);
        tiles.highest = std::max(tiles.highest, *value);
    }
    const std::string baseline = data.baseline.empty() ? default_baseline(results) : data.baseline;
    std::vector<Series> shown = arrangement.series;
    std::erase_if(shown, [&](const Series& each) {
        return isHidden(each.kernel) || (m_metric.ratio && each.kernel == baseline);
    });
    if (shown.empty() && !arrangement.series.empty() && !isHidden(arrangement.series.front().kernel))
        shown.push_back(arrangement.series.front());

    m_scale = addScale(tiles.lowest, tiles.highest);
    const auto count = static_cast<int>(shown.size());
    const int columns =
        columnsFor(count <= 3 ? std::max(1, count) : static_cast<int>(std::ceil(std::sqrt(count))));
    for (int i = 0; i < count; ++i) {
        addSeriesPanel(tiles, shown[static_cast<std::size_t>(i)], *m_scale, i / columns, i % columns);
        m_heatPanels.back().first = i % columns == 0;
        m_heatPanels.back().lowest = i + columns >= count;
    }
    if (count > 0) addLegendAreas(arrangement.series);

    QString subtitle = m_metric.subtitle;
    if (!arrangement.common.isEmpty()) subtitle += QStringLiteral("; ") + arrangement.common;
    if (tiles.shared) subtitle += QStringLiteral(". Where several cases share a tile: their median");
    return {subtitle, missingNote(arrangement)};
}

QCPColorScale* HeatmapChart::addScale(double lowest, double highest) {
    QCPColorScale* scale = addColorScale(m_metric.axisTitle());
    if (!(lowest <= highest)) lowest = 0.0, highest = 1.0;
    if (m_metric.ratio) {
        const double reach = std::max({1.05, highest, lowest > 0 ? 1 / lowest : 1.0});
        scale->setDataScaleType(QCPAxis::stLogarithmic);
        scale->setDataRange({1 / reach, reach});
        scale->setGradient(slowerToFaster());
    } else {
        if (highest - lowest < 1e-9 * std::max(1.0, std::abs(highest))) highest = lowest + 1.0;
        const bool log = !m_metric.from_zero && lowest > 0 && highest / lowest > 50;
        scale->setDataScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        scale->setDataRange({lowest, highest});
        scale->setGradient(viridis());
    }
    return scale;
}

void HeatmapChart::addSeriesPanel(const Tiles& tiles, const Series& series, QCPColorScale& scale, int row,
                                  int column) {
    const Tiles::Key key(series.kernel, series.cache);
    QCPAxisRect* rect = addPanel(row, column, series.name());
    m_heatPanels.push_back({rect});
    QCPAxis& x = bottom(*rect);
    QCPAxis& y = left(*rect);
    x.grid()->setVisible(false);
    y.grid()->setVisible(false);
    auto* map = new QCPColorMap(&x, &y);
    map->data()->setSize(static_cast<int>(m_columns.size()), static_cast<int>(m_rows.size()));
    map->data()->setRange(cells(m_columns.size()), cells(m_rows.size()));
    map->data()->fill(std::numeric_limits<double>::quiet_NaN());
    map->setInterpolate(false);
    map->setDataScaleType(scale.dataScaleType());
    QCPColorGradient gradient = scale.gradient();
    gradient.setNanHandling(QCPColorGradient::nhTransparent);
    map->setGradient(gradient);
    map->setDataRange(scale.dataRange());

    const auto found = tiles.values.find(key);
    if (found != tiles.values.end()) {
        const bool texts = found->second.size() <= kMostTileTexts;
        const bool log = scale.dataScaleType() == QCPAxis::stLogarithmic;
        for (const auto& [at, values] : found->second) {
            const double value = median(values);
            map->data()->setCell(static_cast<int>(at.first), static_cast<int>(at.second), value);
            if (!texts) continue;
            const QString text = m_metric.ratio ? fixedNumber(value, 2) : significantNumber(value, 3);
            QCPItemText* item = addText(*rect, text, kTileTextPixels);
            const QColor ground(gradient.color(value, scale.dataRange(), log));
            item->setColor(qGray(ground.rgb()) > 112 ? QColor(0x10, 0x10, 0x10) : QColor(Qt::white));
            m_texts.push_back({rect, static_cast<double>(at.first), static_cast<double>(at.second), item});
        }
    }
    if (const auto first = tiles.first.find(key); first != tiles.first.end())
        for (const auto& [at, result] : first->second)
            addMark(*rect, static_cast<double>(at.first), static_cast<double>(at.second), *result, 0.5, 0.5);
    x.setRange(-0.5, static_cast<double>(m_columns.size()) - 0.5);
    y.setRange(-0.5, static_cast<double>(m_rows.size()) - 0.5);
}

void HeatmapChart::placeLabels() {
    std::vector<CategoryLabel> labels;
    for (std::size_t i = 0; i < m_columns.size(); ++i)
        labels.push_back({static_cast<double>(i), m_columns[i], m_columns[i], 0, i});
    std::vector<TickCandidate> rows;
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        rows.push_back({static_cast<double>(i), m_rows[i], i % 2 == 0 ? 0 : 1});
    for (const HeatPanel& panel : m_heatPanels) {
        QCPAxis& x = bottom(*panel.rect);
        QCPAxis& y = left(*panel.rect);
        std::vector<TickCandidate> in_view;
        for (const TickCandidate& row : rows)
            if (y.range().contains(row.at)) in_view.push_back(row);
        fitTicks(y, in_view);
        fitCategories(x, labels);
        y.setTickLabels(panel.first);
        x.setTickLabels(panel.lowest);
        if (panel.first) fitAxisTitle(y, {m_y->title});
        if (panel.lowest) fitAxisTitle(x, {m_x->title});
    }
    if (m_scale != nullptr) {
        QCPAxis& axis = *m_scale->axis();
        const bool log = m_scale->dataScaleType() == QCPAxis::stLogarithmic;
        fitTicks(axis, m_metric.ratio ? ratioTicks(axis) : log ? decadeTicks(axis) : linearTicks(axis));
        fitAxisTitle(axis, {m_metric.axisTitle()});
    }
    placeTileTexts();
}

/// All or none: a chart with some of its numbers reads as if the others were missing.
void HeatmapChart::placeTileTexts() {
    const QFontMetricsF metrics(font(kTileTextPixels));
    const bool fit = std::all_of(m_texts.begin(), m_texts.end(), [&](const TileText& text) {
        const QCPAxis& x = bottom(*text.panel);
        const QCPAxis& y = left(*text.panel);
        return metrics.horizontalAdvance(text.item->text()) + 6 <= x.coordToPixel(1) - x.coordToPixel(0) &&
               metrics.height() + 3 <= y.coordToPixel(0) - y.coordToPixel(1);
    });
    for (const TileText& text : m_texts) {
        const QPointF at(bottom(*text.panel).coordToPixel(text.x), left(*text.panel).coordToPixel(text.y));
        const double half = metrics.horizontalAdvance(text.item->text()) / 2;
        const QRectF area = QRectF(text.panel->rect()).adjusted(half, 6, -half, -6);
        text.item->setVisible(fit && area.contains(at));
        text.item->position->setPixelPosition(at);
    }
}

}  // namespace moescope::ui
