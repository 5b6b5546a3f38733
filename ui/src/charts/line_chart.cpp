// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/line_chart.h"

#include <qcustomplot.h>

#include <QFontMetricsF>
#include <QLineF>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kEndLabelPixels = 11;
constexpr double kEndLabelReach = 90.0;      ///< pixels from a line's end
constexpr std::size_t kMostEndLabels = 8;    ///< of a panel: more would say nothing
constexpr std::size_t kDensePoints = 20000;  ///< of a panel: lines without markers, which would cover all
constexpr qsizetype kManyPoints = 16;        ///< a line with more gets small markers
/// More lines in a panel are split into a panel a group, as long as there is room for these.
constexpr std::size_t kMostLines = 12;
constexpr std::size_t kMostColumns = 6;
constexpr std::size_t kMostRows = 4;

}  // namespace

void LineChart::startPanels() {
    m_panels.clear();
    m_endLabels.clear();
    m_unnamedGroups = 0;
    m_missing.clear();
    m_points.clear();
    m_obstacles.clear();
    m_lowest.reset();
    m_highest.reset();
    m_fewestTokens = std::numeric_limits<double>::max();
    m_mostTokens = 0.0;
}

void LineChart::include(double value) {
    m_lowest = m_lowest ? std::min(*m_lowest, value) : value;
    m_highest = m_highest ? std::max(*m_highest, value) : value;
}

QCPAxisRect* LineChart::addLinePanel(int row, int column, const QString& panel_title,
                                     const Arrangement& arrangement, const std::vector<const Group*>& groups,
                                     bool captions) {
    QCPAxisRect* rect = addPanel(row, column, panel_title);
    m_panels.push_back({rect, row, column, groups});
    std::size_t leaves = 0;
    for (const Group* group : groups) leaves += group->leaves.size();
    m_dense = leaves * arrangement.series.size() > kDensePoints;
    const bool named = captions && groups.size() <= kMostEndLabels;
    if (captions && !named) m_unnamedGroups = std::max(m_unnamedGroups, groups.size());
    for (const Group* group : groups) {
        for (std::size_t series = 0; series < arrangement.series.size(); ++series)
            addSeriesLine(*rect, arrangement, *group, series);
        if (named && !group->caption.isEmpty()) addEndLabel(*rect, *group);
    }
    return rect;
}

void LineChart::addSeriesLine(QCPAxisRect& rect, const Arrangement& arrangement, const Group& group,
                              std::size_t series) {
    if (isHidden(arrangement.series[series].kernel)) return;
    const KernelStyle style = styleOf(arrangement.series[series]);
    std::optional<QPointF> previous;
    QVector<double> tokens;
    QVector<double> values;
    for (const Leaf& leaf : group.leaves) {
        const Result* cell = leaf.cells[series];
        const auto x = static_cast<double>(leaf.tokens);
        if (x <= 0.0) continue;  // has no place on a logarithmic axis
        m_fewestTokens = std::min(m_fewestTokens, x);
        m_mostTokens = std::max(m_mostTokens, x);
        constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
        const double value = cell != nullptr ? pointValue(*cell).value_or(kGap) : kGap;
        tokens << x;
        values << value;
        if (std::isfinite(value)) {
            include(value);
            m_points.push_back({&rect, x, value});
            if (previous) addObstacle(rect, *previous, {x, value});
            previous = QPointF(x, value);
            addMark(rect, x, value, *cell);
        } else if (cell != nullptr && cell->status != Status::ok) {
            auto* mark = addGraph(rect, style);
            mark->setLineStyle(QCPGraph::lsNone);
            mark->setScatterStyle({QCPScatterStyle::ssCross, QPen(style.color, 1.6), Qt::NoBrush, 7});
            m_missing.push_back({mark, x});
        }
    }
    QCPGraph* graph = addGraph(rect, style);
    graph->setData(tokens, values, true);
    if (m_dense)
        graph->setScatterStyle(QCPScatterStyle::ssNone);
    else if (tokens.size() > kManyPoints)
        graph->setScatterStyle(scatter(style, 3.5));
}

void LineChart::addObstacle(QCPAxisRect& panel, QPointF from, QPointF to) {
    m_obstacles.push_back({&panel, from, to});
}

void LineChart::addEndLabel(QCPAxisRect& rect, const Group& group) {
    for (auto leaf = group.leaves.rbegin(); leaf != group.leaves.rend(); ++leaf) {
        std::optional<double> lowest;
        std::optional<double> highest;
        for (const Result* cell : leaf->cells) {
            if (cell == nullptr || isHidden(cell->kernel)) continue;
            const std::optional<double> value = pointValue(*cell);
            if (!value) continue;
            lowest = lowest ? std::min(*lowest, *value) : *value;
            highest = highest ? std::max(*highest, *value) : *value;
        }
        if (!lowest || leaf->tokens <= 0) continue;
        QCPItemText* item = addText(rect, group.caption, kEndLabelPixels);
        QColor ground = theme().background;
        ground.setAlpha(200);
        item->setBrush(ground);
        auto* leader = new QCPItemLine(&plot());
        leader->setPen(QPen(theme().mutedText, 0.8));
        for (QCPItemPosition* end : {leader->start, leader->end}) end->setType(QCPItemPosition::ptAbsolute);
        m_endLabels.push_back({&rect, item, leader, static_cast<double>(leaf->tokens), *lowest, *highest});
        return;
    }
}

void LineChart::finishPanels(const std::vector<QStringList>& value_titles) {
    m_valueTitles = value_titles;
    if (m_mostTokens <= 0.0) {
        m_fewestTokens = 1.0;
        m_mostTokens = 2.0;
    }
    const bool one_count = m_fewestTokens >= m_mostTokens;
    const double margin = one_count ? 2.0 : std::pow(m_mostTokens / m_fewestTokens, 0.05);
    const QSharedPointer<QCPAxisTickerText> no_ticks(new QCPAxisTickerText);
    for (LinePanel& panel : m_panels) {
        panel.lowest = std::none_of(m_panels.begin(), m_panels.end(), [&](const LinePanel& other) {
            return other.column == panel.column && other.row > panel.row;
        });
        QCPAxis& x = bottom(*panel.rect);
        QCPAxis& y = left(*panel.rect);
        x.setTicker(no_ticks);
        y.setTicker(no_ticks);
        x.setScaleType(QCPAxis::stLogarithmic);
        x.setRange(m_fewestTokens / margin, m_mostTokens * margin);
        setValueRange(y, m_lowest, m_highest);
        x.setTickLabels(panel.lowest);
        y.setTickLabels(panel.column == 0);
    }
}

void LineChart::placeLabels() {
    for (const LinePanel& panel : m_panels) {
        fitTicks(left(*panel.rect), valueTicks(left(*panel.rect)));
        fitTicks(bottom(*panel.rect), tokenTicks(bottom(*panel.rect)));
        if (panel.column == 0)
            fitAxisTitle(left(*panel.rect), m_valueTitles[static_cast<std::size_t>(panel.row)]);
        if (panel.lowest)
            fitAxisTitle(bottom(*panel.rect), {"Total tokens (log2)", "Total tokens", "Tokens"});
    }
    // Just above the token axis.
    for (const Missing& missing : m_missing) {
        const QCPAxis& y = *missing.graph->valueAxis();
        missing.graph->setData({missing.tokens}, {y.pixelToCoord(y.axisRect()->bottom() - 6)});
    }
    placeEndLabels();
}

void LineChart::placeEndLabels() {
    if (m_endLabels.empty()) return;
    Taken taken;
    for (const Point& point : m_points) {
        const QPointF center(bottom(*point.panel).coordToPixel(point.tokens),
                             left(*point.panel).coordToPixel(point.value));
        taken.boxes.push_back({center - QPointF(4, 4), QSizeF(8, 8)});
    }
    for (const Obstacle& line : m_obstacles) {
        const QCPAxis& x = bottom(*line.panel);
        const QCPAxis& y = left(*line.panel);
        taken.lines.push_back({QPointF(x.coordToPixel(line.from.x()), y.coordToPixel(line.from.y())),
                               QPointF(x.coordToPixel(line.to.x()), y.coordToPixel(line.to.y()))});
    }
    for (EndLabel& label : m_endLabels) placeEndLabel(label, taken);
}

QString LineChart::unnamedNote() const {
    if (m_unnamedGroups == 0) return {};
    return QStringLiteral("%1 are too many to name; in the window, point at a line to see which it is. ")
        .arg(counted(static_cast<std::int64_t>(m_unnamedGroups), QStringLiteral("group")));
}

/// The free place that is nearest to the line's end; a thin leader tells where it belongs if that is far.
/// None within reach: no label.
void LineChart::placeEndLabel(EndLabel& label, Taken& taken) {
    const QFontMetricsF metrics(font(kEndLabelPixels));
    const QRectF inside = QRectF(label.panel->rect()).adjusted(2, 2, -2, -2);
    const QSizeF size(metrics.horizontalAdvance(label.item->text()) + 4, metrics.height());
    const double x = bottom(*label.panel).coordToPixel(label.tokens);
    const double top = left(*label.panel).coordToPixel(label.highest);
    const double low = left(*label.panel).coordToPixel(label.lowest);
    label.item->setVisible(false);
    label.leader->setVisible(false);
    if (!inside.contains(QPointF(x, top)) && !inside.contains(QPointF(x, low))) return;

    const double across = kEndLabelReach + size.width();
    const double along = kEndLabelReach + size.height();
    const Taken near = taken.within(QRectF(x - across, top - along, 2 * across, low - top + 2 * along));
    const auto leader_to = [&](const QRectF& place) {
        const bool above = place.center().y() < top;
        return QLineF(std::clamp(x, place.left(), place.right()), above ? place.bottom() : place.top(), x,
                      above ? top : low);
    };
    const double needs_leader = 2.2 * size.height();
    std::optional<QRectF> best;
    double best_distance = kEndLabelReach;
    for (const double side : {-1.0, 1.0}) {  // above first
        for (int step = 0; step < 16; ++step) {
            for (const double shift : {0.0, 0.3, -0.3, 0.6, -0.6, 0.9, -0.9, 1.3, -1.3}) {
                const double y = (side < 0 ? top : low) + side * (5 + size.height() / 2 + 4 * step);
                QRectF place(QPointF(), size);
                place.moveCenter({x + shift * size.width(), y});
                if (place.right() > inside.right()) place.moveRight(inside.right());
                const double distance = std::hypot(place.center().x() - x, y - (side < 0 ? top : low));
                if (distance >= best_distance || !inside.contains(place) || !near.leaves(place)) continue;
                if (distance >= needs_leader && !near.letsThrough(leader_to(place))) continue;
                best = place;
                best_distance = distance;
            }
        }
    }
    if (!best) return;
    label.item->setVisible(true);
    label.item->position->setPixelPosition(best->center());
    taken.boxes.push_back(*best);
    taken.labels.push_back(*best);
    if (best_distance < needs_leader) return;
    const QLineF leader = leader_to(*best);
    label.leader->setVisible(true);
    label.leader->start->setPixelPosition(leader.p1());
    label.leader->end->setPixelPosition(leader.p2());
    taken.lines.push_back(leader);
}

LineChart::Taken LineChart::Taken::within(const QRectF& area) const {
    Taken near;
    for (const QRectF& box : boxes)
        if (box.intersects(area)) near.boxes.push_back(box);
    for (const QRectF& label : labels)
        if (label.intersects(area)) near.labels.push_back(label);
    for (const QLineF& line : lines)
        if (QRectF(line.p1(), line.p2()).normalized().adjusted(-1, -1, 1, 1).intersects(area))
            near.lines.push_back(line);
    return near;
}

namespace {

bool crosses(const QLineF& line, const QRectF& box) {
    if (std::max(line.x1(), line.x2()) < box.left() || std::min(line.x1(), line.x2()) > box.right() ||
        std::max(line.y1(), line.y2()) < box.top() || std::min(line.y1(), line.y2()) > box.bottom())
        return false;
    if (box.contains(line.p1())) return true;
    const std::array edges{QLineF(box.topLeft(), box.topRight()), QLineF(box.topRight(), box.bottomRight()),
                           QLineF(box.bottomRight(), box.bottomLeft()),
                           QLineF(box.bottomLeft(), box.topLeft())};
    return std::any_of(edges.begin(), edges.end(), [&](const QLineF& edge) {
        return edge.intersects(line, nullptr) == QLineF::BoundedIntersection;
    });
}

}  // namespace

bool LineChart::Taken::leaves(const QRectF& place) const {
    const auto box_in_the_way = [&](const QRectF& box) { return box.intersects(place); };
    if (std::any_of(boxes.begin(), boxes.end(), box_in_the_way)) return false;
    const QRectF wide = place.adjusted(-1, -1, 1, 1);
    return std::none_of(lines.begin(), lines.end(), [&](const QLineF& line) { return crosses(line, wide); });
}

bool LineChart::Taken::letsThrough(const QLineF& leader) const {
    return std::none_of(labels.begin(), labels.end(),
                        [&](const QRectF& label) { return crosses(leader, label); });
}

void StrategyLineChart::addStrategyPanels(const Arrangement& arrangement, const QStringList& value_titles) {
    startPanels();
    std::size_t most_groups = 0;
    for (const Panel& panel : arrangement.panels) most_groups = std::max(most_groups, panel.groups.size());
    const auto series =
        static_cast<std::size_t>(std::count_if(arrangement.series.begin(), arrangement.series.end(),
                                               [&](const Series& each) { return !isHidden(each.kernel); }));
    // Lines of one colour that cross each other can no longer be told apart.
    const bool crowded = series * most_groups > kMostLines && most_groups > 1;
    if (crowded && most_groups <= kMostColumns && arrangement.panels.size() <= kMostRows)
        addPanelsByGroup(arrangement, value_titles);
    else
        addPanelsSideBySide(arrangement, value_titles);
}

void StrategyLineChart::addPanelsSideBySide(const Arrangement& arrangement, const QStringList& value_titles) {
    const auto count = static_cast<int>(arrangement.panels.size());
    const int columns = columnsFor(count <= 3 ? count : static_cast<int>(std::ceil(std::sqrt(count * 1.5))));
    std::vector<QStringList> titles;
    for (int i = 0; i < count; ++i) {
        const Panel& panel = arrangement.panels[static_cast<std::size_t>(i)];
        std::vector<const Group*> groups;
        for (const Group& group : panel.groups) groups.push_back(&group);
        addLinePanel(i / columns, i % columns, panel.title, arrangement, groups, true);
        if (i % columns == 0) titles.push_back(value_titles);
    }
    finishPanels(titles);
}

void StrategyLineChart::addPanelsByGroup(const Arrangement& arrangement, const QStringList& value_titles) {
    std::vector<QStringList> titles;
    for (std::size_t row = 0; row < arrangement.panels.size(); ++row) {
        const Panel& panel = arrangement.panels[row];
        for (std::size_t column = 0; column < panel.groups.size(); ++column) {
            const Group& group = panel.groups[column];
            addLinePanel(static_cast<int>(row), static_cast<int>(column),
                         QStringLiteral("%1, %2").arg(panel.title, group.caption), arrangement, {&group},
                         false);
        }
        titles.push_back(value_titles);
    }
    finishPanels(titles);
}

}  // namespace moescope::ui
