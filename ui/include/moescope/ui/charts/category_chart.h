// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <optional>
#include <vector>

#include "moescope/ui/charts/arrangement.h"
#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/charts/plot_chart.h"

class QCPBars;
class QCPItemLine;

namespace moescope::ui {

/// Bars for every case, a bar a kernel: one panel a strategy, cases grouped by what varies beside tokens,
/// group captions beneath the token counts and separators between groups.
class CategoryChart : public PlotChart {
  protected:
    /// Which bars to draw and where they start.
    struct Bars {
        const Arrangement* arrangement = nullptr;
        std::vector<std::size_t> series;  ///< wanted ones, as indices of arrangement->series
        double base = 0.0;
        bool value_labels = false;  ///< put "1.53x" over bars wide enough
    };
    virtual std::optional<double> barValue(const Result& cell) const = 0;
    /// "1.53x"
    virtual QString barLabel(double value) const { return QString::number(value, 'f', 2); }
    virtual QString panelTitle(const Panel& panel) const { return panel.title; }
    virtual std::vector<TickCandidate> valueTicks(const QCPAxis& axis) const = 0;
    /// Of the value axis, longest first.
    virtual QStringList valueTitles() const = 0;
    /// Gives every panel's value axis its range, after all bars are there.
    virtual void setValueRange(QCPAxis& axis, double lowest, double highest) const = 0;

    void addBars(const Bars& wanted);
    const std::vector<QCPAxisRect*>& panels() const { return m_panels; }

    void placeLabels() override;

  private:
    struct Caption {
        double center = 0.0;
        QString text;
        QCPItemText* item = nullptr;
    };
    struct Separator {
        QCPAxisRect* panel = nullptr;
        double at = 0.0;
        QCPItemLine* item = nullptr;
    };
    struct ValueLabel {
        QCPAxisRect* panel = nullptr;
        double at = 0.0;
        double value = 0.0;
        QCPItemText* item = nullptr;
    };
    struct PanelLabels {
        QCPAxisRect* panel = nullptr;
        bool labelled = true;  ///< false: the panel below carries the labels
        bool firstColumn = true;
        QStringList titles;  ///< of the category axis, longest first; none: another panel has it
        std::vector<CategoryLabel> categories;
        std::vector<Caption> captions;
    };

    struct Missing {
        QCPGraph* mark = nullptr;
        double at = 0.0;
    };
    struct Drawn {
        QCPBars* bars = nullptr;
        QCPGraph* points = nullptr;
    };

    void addPanelBars(const Bars& bars, const Panel& panel, QCPAxisRect& rect, PanelLabels& labels);
    void addPoints(QCPAxisRect& rect, QCPBars& bars, const KernelStyle& style, double base);
    void addMissing(QCPAxisRect& rect, double at, const KernelStyle& style);
    void placeMissing();
    void chooseBarsOrPoints();
    void placeCaptions(PanelLabels& labels, double depth);
    void placeSeparators();
    void placeValueLabels();

    std::vector<QCPAxisRect*> m_panels;
    std::vector<PanelLabels> m_labels;
    std::vector<Separator> m_separators;
    std::vector<ValueLabel> m_valueLabels;
    std::vector<Missing> m_missing;
    std::vector<Drawn> m_drawn;
    double m_barWidth = 0.8;
    double m_base = 0.0;
    double m_lowest = 0.0;
    double m_highest = 0.0;
};

}  // namespace moescope::ui
