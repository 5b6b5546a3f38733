// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QTabBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWidget>
#include <memory>

#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui {

/// One or several charts of a comparison behind tabs, with buttons to copy and to export the shown one.
class ComparisonChartPane : public QWidget {
    Q_OBJECT

  public:
    /// `kinds`: ids of comparison charts.
    explicit ComparisonChartPane(const QStringList& kinds, QWidget* parent = nullptr);
    ~ComparisonChartPane() override;

    void show(const ComparedCells& cells);
    /// Undoes zooming: what is shown next is another set of cells.
    void resetView();
    ChartView view() const;
    void setFooterShown(bool shown);

    QString chartId() const;
    void showChart(const QString& id);
    /// The next or previous one, round and round.
    void stepChart(int by);
    Chart& chart() { return *m_chart; }
    QTabBar& tabs() { return *m_tabs; }

    /// The shown chart as it is on screen, at twice its resolution.
    QImage image() const;
    QSize shownSize() const;
    bool footerShown() const { return m_footer; }
    /// PNG, SVG or PDF by extension. Throws Error.
    void exportTo(const QString& path, const ChartFileSize& size, const ChartOptions& look) const;

  signals:
    /// A row of the comparison.
    void rowPicked(std::size_t row);
    void copyWanted();
    void exportWanted();

  protected:
    void changeEvent(QEvent* event) override;

  private:
    void makeChart();
    void redraw();
    ChartOptions options() const;

    QTabBar* m_tabs;
    QVBoxLayout* m_layout;
    std::unique_ptr<Chart> m_chart;
    ComparedCells m_cells;
    bool m_footer = true;
};

}  // namespace moescope::ui
