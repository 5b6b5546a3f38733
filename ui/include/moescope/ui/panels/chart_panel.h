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
#include "moescope/ui/session/session_document.h"

namespace moescope::ui {

/// The chart area: one tab a chart, the baseline, the peak that is 100 %. Follows the session while it grows.
class ChartPanel : public QWidget {
    Q_OBJECT

  public:
    explicit ChartPanel(SessionDocument& document, QWidget* parent = nullptr);
    ~ChartPanel() override;

    QString chartId() const;
    void showChart(const QString& id);
    /// Now rather than with the next tick.
    void refresh();

    /// The shown chart as it is on screen, at twice its resolution.
    QImage image() const;
    /// PNG, SVG or PDF by extension, as large as on screen. Throws Error.
    void exportTo(const QString& path) const;

    QTabBar& tabs() { return *m_tabs; }
    QComboBox& baselineBox() { return *m_baseline; }
    QComboBox& peakBox() { return *m_peak; }
    bool footerShown() const { return m_footer; }
    void setFooterShown(bool shown);

  protected:
    void changeEvent(QEvent* event) override;

  private:
    ChartData data() const;
    ChartOptions options() const;
    void makeChart();
    void scheduleRefresh();
    void fillBaselines();
    void showUsablePeak();

    SessionDocument& m_document;
    QTabBar* m_tabs;
    QComboBox* m_baseline;
    QComboBox* m_peak;
    QVBoxLayout* m_layout;
    std::unique_ptr<Chart> m_chart;
    QTimer m_refresh;
    PeakKind m_wantedPeak = PeakKind::theoretical;
    bool m_footer = true;
};

}  // namespace moescope::ui
