// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "moescope/ui/compare/comparison_chart.h"

namespace moescope::ui {

/// A and B in one picture: time or bandwidth over total tokens, A solid and filled, B dashed and hollow.
/// Panels are strategies, and groups of cases that differ in another axis as long as those are few.
class OverlayChart : public ComparisonChart {
  public:
    enum class Quantity { time, bandwidth };
    explicit OverlayChart(Quantity quantity) : m_quantity(quantity) {}

    QString title() const override;

  protected:
    Texts buildCells(const ComparedCells& cells) override;
    void placeLabels() override;

  private:
    struct Point {
        std::size_t row = 0;
        double tokens = 0.0;
        std::optional<double> base;
        std::optional<double> other;
    };
    /// Points of one kernel (or pair of kernels) and group.
    struct Line {
        std::string base_kernel;
        std::string other_kernel;
        std::vector<Point> points;
    };
    struct PanelDraft {
        QString title;
        std::map<std::string, Line> lines;
    };
    struct PanelPlace {
        QCPAxisRect* rect = nullptr;
        int row = 0;
        int column = 0;
        bool lowest = false;
    };

    Point pointOf(const ComparisonRow& row, std::size_t index);
    void addPanels(const std::vector<PanelDraft>& drafts, int columns, const ComparedCells& cells);
    void addLine(QCPAxisRect& panel, const Line& line, bool is_other, std::optional<std::size_t> selected);
    void addLegend(const Comparison& comparison, const ComparedCells& cells);
    void setRanges();
    void include(double tokens, double value);

    Quantity m_quantity;
    std::vector<PanelPlace> m_places;
    double m_fewestTokens = 0.0;
    double m_mostTokens = 0.0;
    double m_lowest = 0.0;
    double m_highest = 0.0;
};

}  // namespace moescope::ui
