// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QImage>
#include <QTabBar>
#include <QTimer>
#include <QVBoxLayout>
#include <QWidget>
#include <memory>

#include "moescope/ui/charts/chart.h"
#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/session/session_document.h"

class QHBoxLayout;

namespace moescope::ui {

class KernelFilter;

/// The chart area: one tab a chart, the baseline, the peak that is 100 %. Follows the session while it grows.
class ChartPanel : public QWidget {
    Q_OBJECT

  public:
    explicit ChartPanel(SessionDocument& document, QWidget* parent = nullptr);
    ~ChartPanel() override;

    QString chartId() const;
    void showChart(const QString& id);
    /// The next or previous chart, round and round.
    void stepChart(int by);
    /// Now rather than with the next tick.
    void refresh();

    /// The shown chart as it is on screen, at twice its resolution.
    QImage image() const;
    /// PNG, SVG or PDF by extension, as large as on screen. Throws Error.
    void exportTo(const QString& path) const;

    QTabBar& tabs() { return *m_tabs; }
    QComboBox& baselineBox() { return *m_baseline; }
    QComboBox& peakBox() { return *m_peak; }
    QComboBox& metricBox() { return *m_metric; }
    QComboBox& heatXBox() { return *m_heatX; }
    QComboBox& heatYBox() { return *m_heatY; }
    QComboBox& overBox() { return *m_over; }
    QComboBox& cacheBox() { return *m_cache; }
    KernelFilter& kernelFilter() { return *m_kernels; }
    /// Highlights a case in every chart; the samples chart shows it.
    void selectCase(const Case& selected);
    /// In the legend of every chart.
    void toggleKernel(const std::string& kernel);
    /// Undoes zooming and panning.
    void resetView();
    /// What the reader has zoomed to; the picture for the clipboard shows that too.
    ChartView view() const;
    /// Kernel, case and numbers of a result, for the pointer over it.
    QString readOut(std::size_t result) const;
    const Chart& chart() const { return *m_chart; }

    /// Draws what is shown into a file of any size and theme. Throws Error.
    void exportTo(const QString& path, const ChartFileSize& size, const ChartOptions& look) const;
    /// Of the chart on screen, logical pixels.
    QSize shownSize() const;
    ChartData data() const;
    bool footerShown() const { return m_footer; }
    void setFooterShown(bool shown);

  signals:
    /// A result was picked in the chart, as an index into the session.
    void resultPicked(std::size_t result);

  protected:
    void changeEvent(QEvent* event) override;

  private:
    QComboBox* addBox(QHBoxLayout& bar, const QString& label, const QString& name, const QString& tip);
    void showChoices();
    Chart::Listener listener();
    ChartOptions options() const;
    void makeChart();
    void scheduleRefresh();
    void fillKernels();
    void showCaches();
    void showUsablePeak();

    SessionDocument& m_document;
    QTabBar* m_tabs;
    QComboBox* m_baseline;
    QComboBox* m_peak;
    QVBoxLayout* m_layout;
    std::unique_ptr<Chart> m_chart;
    QTimer m_refresh;
    PeakKind m_wantedPeak = PeakKind::theoretical;
    QComboBox* m_metric;
    QComboBox* m_heatX;
    QComboBox* m_heatY;
    QComboBox* m_over;
    QComboBox* m_cache;
    KernelFilter* m_kernels;
    std::vector<std::pair<QWidget*, QStringList>> m_choices;  ///< widgets, and the charts that use them
    std::optional<Case> m_selected;
    bool m_footer = true;
};

}  // namespace moescope::ui
