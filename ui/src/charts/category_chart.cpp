// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/category_chart.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr double kGroupGap = 0.9;     ///< empty categories between two groups
constexpr double kBarsShare = 0.84;   ///< of a category, the rest is space
constexpr double kThinnestBar = 1.2;  ///< pixels
constexpr int kCaptionPixels = 11;
constexpr std::size_t kMostSeparators = 200;

}  // namespace

void CategoryChart::addBars(const Bars& wanted) {
    Bars bars = wanted;
    std::erase_if(bars.series,
                  [&](std::size_t series) { return isHidden(wanted.arrangement->series[series].kernel); });
    const Arrangement& arrangement = *bars.arrangement;
    m_panels.clear();
    m_labels.clear();
    m_separators.clear();
    m_valueLabels.clear();
    m_missing.clear();
    m_drawn.clear();
    m_base = m_lowest = m_highest = bars.base;
    m_barWidth = kBarsShare / static_cast<double>(std::max<std::size_t>(1, bars.series.size()));

    const std::size_t count = arrangement.panels.size();
    const std::size_t columns = count > 4 ? 2 : 1;
    const bool shared = arrangement.aligned();
    for (std::size_t i = 0; i < count; ++i) {
        const Panel& panel = arrangement.panels[i];
        QCPAxisRect* rect =
            addPanel(static_cast<int>(i / columns), static_cast<int>(i % columns), panelTitle(panel));
        PanelLabels labels;
        labels.panel = rect;
        labels.labelled = !shared || i + columns >= count;
        labels.firstColumn = i % columns == 0;
        if (i + columns >= count) {
            if (!arrangement.groupTitle.isEmpty())
                labels.titles
                    << QStringLiteral("%1, grouped by %2").arg(arrangement.leafTitle, arrangement.groupTitle);
            labels.titles << arrangement.leafTitle;
        }
        bottom(*rect).grid()->setVisible(false);
        m_panels.push_back(rect);
        addPanelBars(bars, panel, *rect, labels);
        m_labels.push_back(std::move(labels));
    }
    for (QCPAxisRect* rect : m_panels) setValueRange(left(*rect), m_lowest, m_highest);
}

void CategoryChart::addPanelBars(const Bars& bars, const Panel& panel, QCPAxisRect& rect,
                                 PanelLabels& labels) {
    const Arrangement& arrangement = *bars.arrangement;
    const std::size_t series = bars.series.size();
    std::vector<QVector<double>> keys(series);
    std::vector<QVector<double>> values(series);
    double at = 0.0;
    for (std::size_t g = 0; g < panel.groups.size(); ++g) {
        const Group& group = panel.groups[g];
        const double first = at;
        for (const Leaf& leaf : group.leaves) {
            const auto in_group = static_cast<std::size_t>(&leaf - group.leaves.data());
            labels.categories.push_back({at, leaf.label, leaf.shortLabel, g, in_group});
            for (std::size_t k = 0; k < series; ++k) {
                const Result* cell = leaf.cells[bars.series[k]];
                if (cell == nullptr) continue;
                const double x =
                    at + (static_cast<double>(k) - 0.5 * static_cast<double>(series - 1)) * m_barWidth;
                const std::optional<double> value = barValue(*cell);
                addMark(rect, x, value.value_or(bars.base), *cell, m_barWidth / 2,
                        std::numeric_limits<double>::infinity());
                if (value) {
                    keys[k] << x;
                    values[k] << *value - bars.base;  // the library draws from base to base + value
                    m_lowest = std::min(m_lowest, *value);
                    m_highest = std::max(m_highest, *value);
                    if (bars.value_labels)
                        m_valueLabels.push_back({&rect, x, *value, addText(rect, barLabel(*value), 10)});
                } else if (cell->status != Status::ok) {
                    addMissing(rect, x, styleOf(arrangement.series[bars.series[k]]));
                }
            }
            at += 1.0;
        }
        if (!group.caption.isEmpty())
            labels.captions.push_back(
                {(first + at - 1.0) / 2, group.caption,
                 labels.labelled ? addText(rect, group.caption, kCaptionPixels) : nullptr});
        if (g + 1 < panel.groups.size()) {
            if (panel.groups.size() <= kMostSeparators)
                m_separators.push_back({&rect, at - 0.5 + kGroupGap / 2, new QCPItemLine(&plot())});
            at += kGroupGap;
        }
    }
    for (std::size_t k = 0; k < series; ++k) {
        auto* drawn = new QCPBars(&bottom(rect), &left(rect));
        drawn->setWidth(m_barWidth);
        drawn->setBaseValue(bars.base);
        const KernelStyle style = styleOf(arrangement.series[bars.series[k]]);
        drawn->setPen(style.hollow ? QPen(style.color, 0.8) : QPen(Qt::NoPen));
        drawn->setBrush(areaOf(style));
        drawn->setAntialiased(true);
        drawn->setData(keys[k], values[k], true);
        addPoints(rect, *drawn, style, bars.base);
    }
    bottom(rect).setRange(-0.5 - kGroupGap / 2, at - 0.5 + kGroupGap / 2);
}

/// The same values as points, for when bars would be thinner than a pixel and their colours would mix.
void CategoryChart::addPoints(QCPAxisRect& rect, QCPBars& bars, const KernelStyle& style, double base) {
    auto* points = new QCPGraph(&bottom(rect), &left(rect));
    points->setLineStyle(QCPGraph::lsNone);
    points->setScatterStyle({QCPScatterStyle::ssDisc, QPen(style.color), areaOf(style), 3});
    for (const QCPBarsData& bar : *bars.data()) points->addData(bar.key, base + bar.value);
    m_drawn.push_back({&bars, points});
}

void CategoryChart::addMissing(QCPAxisRect& rect, double at, const KernelStyle& style) {
    auto* mark = new QCPGraph(&bottom(rect), &left(rect));
    mark->setLineStyle(QCPGraph::lsNone);
    mark->setScatterStyle({QCPScatterStyle::ssCross, QPen(style.color, 1.6), Qt::NoBrush, 7});
    m_missing.push_back({mark, at});
}

void CategoryChart::placeLabels() {
    for (PanelLabels& labels : m_labels) {
        QCPAxis& axis = bottom(*labels.panel);
        fitTicks(left(*labels.panel), valueTicks(left(*labels.panel)));
        if (labels.firstColumn) fitAxisTitle(left(*labels.panel), valueTitles());
        fitAxisTitle(axis, labels.titles);
        axis.setTickLabels(labels.labelled);
        axis.setTicks(labels.labelled);
        const double depth = fitCategories(axis, labels.categories);
        const bool captioned = labels.labelled && !labels.captions.empty();
        const int caption_height = captioned ? QFontMetrics(font(kCaptionPixels)).height() + 3 : 0;
        axis.setLabelPadding(4 + caption_height);
        // Captions stand below the tick labels, whose space an axis without title would not reserve.
        labels.panel->setMinimumMargins(
            QMargins(2, 4, 10, labels.labelled ? static_cast<int>(depth) + caption_height + 2 : 4));
        if (captioned) placeCaptions(labels, depth);
    }
    placeSeparators();
    placeValueLabels();
    placeMissing();
    chooseBarsOrPoints();
}

/// Just above the base, where the bar would begin.
void CategoryChart::placeMissing() {
    for (const Missing& missing : m_missing) {
        const QCPAxis& axis = *missing.mark->valueAxis();
        missing.mark->setData({missing.at}, {axis.pixelToCoord(axis.coordToPixel(m_base) - 6)});
    }
}

void CategoryChart::chooseBarsOrPoints() {
    for (const Drawn& series : m_drawn) {
        const QCPAxis& axis = *series.bars->keyAxis();
        const bool thick = std::abs(axis.coordToPixel(m_barWidth) - axis.coordToPixel(0.0)) >= kThinnestBar;
        series.bars->setVisible(thick);
        series.points->setVisible(!thick);
    }
}

void CategoryChart::placeCaptions(PanelLabels& labels, double depth) {
    const QFontMetricsF metrics(font(kCaptionPixels));
    const double y = labels.panel->bottom() + 1 + depth + metrics.height() / 2 + 2;
    const double right_end = labels.panel->outerRect().right();
    double free_from = labels.panel->outerRect().left();
    for (Caption& caption : labels.captions) {
        const double width = metrics.horizontalAdvance(caption.text);
        const double x = bottom(*labels.panel).coordToPixel(caption.center);
        const bool in_view = x >= labels.panel->left() && x <= labels.panel->right();
        const bool fits = in_view && x - width / 2 >= free_from && x + width / 2 <= right_end;
        caption.item->setVisible(fits);
        if (!fits) continue;
        caption.item->position->setPixelPosition(QPointF(x, y));
        free_from = x + width / 2 + 8;
    }
}

void CategoryChart::placeSeparators() {
    for (Separator& separator : m_separators) {
        const QCPAxisRect& panel = *separator.panel;
        const double x = bottom(*separator.panel).coordToPixel(separator.at);
        separator.item->setVisible(x >= panel.left() && x <= panel.right());
        separator.item->setClipToAxisRect(false);
        separator.item->setPen(QPen(theme().separator, 1));
        for (QCPItemPosition* position : {separator.item->start, separator.item->end})
            position->setType(QCPItemPosition::ptAbsolute);
        separator.item->start->setPixelPosition(QPointF(x, panel.top()));
        separator.item->end->setPixelPosition(QPointF(x, panel.bottom()));
    }
}

/// All or none: a chart with some of its numbers reads as if the others were missing.
void CategoryChart::placeValueLabels() {
    if (m_valueLabels.empty()) return;
    const QFontMetricsF metrics(font(10));
    QCPAxisRect& first = *m_valueLabels.front().panel;
    const double bar = std::abs(bottom(first).coordToPixel(m_barWidth) - bottom(first).coordToPixel(0.0));
    const bool fit = std::all_of(m_valueLabels.begin(), m_valueLabels.end(), [&](const ValueLabel& label) {
        return metrics.horizontalAdvance(label.item->text()) + 2 <= bar;
    });
    for (ValueLabel& label : m_valueLabels) {
        const bool in_view = bottom(*label.panel).range().contains(label.at) &&
                             left(*label.panel).range().contains(label.value);
        label.item->setVisible(fit && in_view);
        if (!fit || !in_view) continue;
        const bool above = label.value >= m_base;
        label.item->setPositionAlignment(Qt::AlignHCenter | (above ? Qt::AlignBottom : Qt::AlignTop));
        label.item->position->setPixelPosition(
            QPointF(bottom(*label.panel).coordToPixel(label.at),
                    left(*label.panel).coordToPixel(label.value) + (above ? -1 : 1)));
    }
}

}  // namespace moescope::ui
