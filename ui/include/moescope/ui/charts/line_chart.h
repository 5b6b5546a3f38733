// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineF>
#include <QPointF>
#include <QRectF>
#include <QStringList>

#include <optional>
#include <vector>

#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/charts/plot_chart.h"

class QCPItemLine;

namespace moescope::ui {

/// A metric over total tokens on a log2 axis, a line a kernel and group. All panels share both axes, which
/// are labelled at the outer panels only.
class LineChart : public PlotChart {
  protected:
    virtual std::optional<double> pointValue(const Result& cell) const = 0;
    virtual std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const = 0;
    /// The shared range, from the extremes of all points (nothing if there are none).
    virtual void setValueRange(QCPAxis& axis, std::optional<double> lowest,
                               std::optional<double> highest) const = 0;

    /// Forgets the panels of the last build.
    void startPanels();
    /// A panel with the lines of `groups`; their captions stand beside their ends if asked to.
    QCPAxisRect* addLinePanel(int row, int column, const QString& panel_title, const Arrangement& arrangement,
                              const std::vector<const Group*>& groups, bool captions);
    /// Shared ranges, outer labels. `value_titles` has, for each row, titles of its value axis, longest
    /// first.
    void finishPanels(const std::vector<QStringList>& value_titles);

    struct LinePanel {
        QCPAxisRect* rect = nullptr;
        int row = 0;
        int column = 0;
        std::vector<const Group*> groups;  ///< of the arrangement, which lives as long as build() runs
        bool lowest = false;               ///< of its column: carries the token labels
    };
    /// A line, in axis coordinates, that no end label may stand on. Those of kernels are known already.
    void addObstacle(QCPAxisRect& panel, QPointF from, QPointF to);
    const std::vector<LinePanel>& linePanels() const { return m_panels; }

    void placeLabels() override;
    /// Says that lines have no names, where there are too many; else empty.
    QString unnamedNote() const;

  private:
    struct EndLabel {
        QCPAxisRect* panel = nullptr;
        QCPItemText* item = nullptr;
        QCPItemLine* leader = nullptr;
        double tokens = 0.0;
        double lowest = 0.0;
        double highest = 0.0;
    };
    struct Point {
        QCPAxisRect* panel = nullptr;
        double tokens = 0.0;
        double value = 0.0;
    };
    struct Obstacle {
        QCPAxisRect* panel = nullptr;
        QPointF from;  ///< tokens, value
        QPointF to;
    };
    /// What labels must keep clear of, in pixels.
    struct Taken {
        std::vector<QRectF> boxes;
        std::vector<QLineF> lines;
        std::vector<QRectF> labels;  ///< of the boxes, those that no leader may cross
        bool leaves(const QRectF& place) const;
        bool letsThrough(const QLineF& leader) const;
        /// Only what touches `area`: a thousand places are tried within it.
        Taken within(const QRectF& area) const;
    };
    struct Missing {
        QCPGraph* graph = nullptr;
        double tokens = 0.0;
    };

    void addSeriesLine(QCPAxisRect& rect, const Arrangement& arrangement, const Group& group,
                       std::size_t series);
    void addEndLabel(QCPAxisRect& rect, const Group& group);
    void include(double value);
    void placeEndLabels();
    void placeEndLabel(EndLabel& label, Taken& taken);

    std::vector<LinePanel> m_panels;
    std::vector<QStringList> m_valueTitles;
    std::vector<EndLabel> m_endLabels;
    std::size_t m_unnamedGroups = 0;
    bool m_dense = false;  ///< the panel in work
    std::vector<Missing> m_missing;
    std::vector<Point> m_points;  ///< of panels with end labels, which keep clear of them
    std::vector<Obstacle> m_obstacles;
    std::optional<double> m_lowest;
    std::optional<double> m_highest;
    double m_fewestTokens = 0.0;
    double m_mostTokens = 0.0;
};

/// Panels side by side, one a strategy, or one a strategy and group where that would crowd; what the
/// bandwidth and the time chart have in common.
class StrategyLineChart : public LineChart {
  protected:
    void addStrategyPanels(const Arrangement& arrangement, const QStringList& value_titles);

  private:
    void addPanelsSideBySide(const Arrangement& arrangement, const QStringList& value_titles);
    void addPanelsByGroup(const Arrangement& arrangement, const QStringList& value_titles);
};

}  // namespace moescope::ui
