// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/chart_panel.h"

#include <QElapsedTimer>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <algorithm>

#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/charts/peak.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kShortestRefresh = 40;  ///< milliseconds
constexpr double kExportScale = 2.0;
constexpr double kScreenDpi = 96.0;

}  // namespace

ChartPanel::ChartPanel(SessionDocument& document, QWidget* parent)
    : QWidget(parent),
      m_document(document),
      m_tabs(new QTabBar(this)),
      m_baseline(new QComboBox(this)),
      m_peak(new QComboBox(this)),
      m_layout(new QVBoxLayout(this)) {
    m_tabs->setExpanding(false);
    m_tabs->setDrawBase(false);
    m_tabs->setUsesScrollButtons(true);
    m_tabs->setAccessibleName(QStringLiteral("Chart"));
    for (const ChartKind& kind : chartKinds()) {
        const int at = m_tabs->addTab(kind.title);
        m_tabs->setTabData(at, kind.id);
        m_tabs->setTabToolTip(at, kind.description);
    }
    m_baseline->setAccessibleName(QStringLiteral("Baseline of speedups"));
    m_baseline->setToolTip(QStringLiteral("Speedups are over this kernel"));
    m_baseline->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_peak->setAccessibleName(QStringLiteral("What is 100 %"));
    m_peak->setToolTip(QStringLiteral("The bandwidth that is 100 % utilization"));
    m_peak->addItem(QStringLiteral("theoretical"), static_cast<int>(PeakKind::theoretical));
    m_peak->addItem(QStringLiteral("measured"), static_cast<int>(PeakKind::measured));
    m_peak->addItem(QStringLiteral("seed document"), static_cast<int>(PeakKind::seed));

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 0);
    bar->addStretch(1);
    bar->addWidget(new QLabel(QStringLiteral("Baseline"), this));
    bar->addWidget(m_baseline);
    bar->addWidget(new QLabel(QStringLiteral("100 % ="), this));
    bar->addWidget(m_peak);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(2);
    m_layout->addWidget(m_tabs);
    m_layout->addLayout(bar);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kShortestRefresh);
    connect(&m_refresh, &QTimer::timeout, this, &ChartPanel::refresh);
    connect(m_tabs, &QTabBar::currentChanged, this, &ChartPanel::makeChart);
    connect(m_peak, &QComboBox::activated, this, [this] {
        m_wantedPeak = static_cast<PeakKind>(m_peak->currentData().toInt());
        scheduleRefresh();
    });
    connect(m_baseline, &QComboBox::activated, this,
            [this] { m_document.setBaseline(m_baseline->currentText().toStdString()); });
    connect(&m_document, &SessionDocument::baselineChanged, this, &ChartPanel::scheduleRefresh);
    connect(&m_document, &SessionDocument::peaksChanged, this, &ChartPanel::scheduleRefresh);
    connect(&m_document, &SessionDocument::ended, this, &ChartPanel::scheduleRefresh);
    for (const auto signal : {&SessionDocument::reset, &SessionDocument::appended})
        connect(&m_document, signal, this, [this] {
            fillBaselines();
            scheduleRefresh();
        });
    makeChart();
}

ChartPanel::~ChartPanel() = default;

QString ChartPanel::chartId() const {
    return m_tabs->tabData(m_tabs->currentIndex()).toString();
}

void ChartPanel::showChart(const QString& id) {
    for (int i = 0; i < m_tabs->count(); ++i)
        if (m_tabs->tabData(i).toString() == id) m_tabs->setCurrentIndex(i);
}

void ChartPanel::makeChart() {
    m_chart = findChartKind(chartId()).make();
    m_chart->widget()->setAccessibleName(m_tabs->tabText(m_tabs->currentIndex()));
    m_layout->addWidget(m_chart->widget(), 1);
    refresh();
}

void ChartPanel::scheduleRefresh() {
    if (!m_refresh.isActive()) m_refresh.start();
}

void ChartPanel::refresh() {
    QElapsedTimer took;
    took.start();
    showUsablePeak();
    m_chart->show(data(), options());
    // A large session costs more to draw: leave the window three quarters of its time.
    m_refresh.setInterval(std::max(kShortestRefresh, static_cast<int>(3 * took.elapsed())));
}

void ChartPanel::fillBaselines() {
    const QSignalBlocker quiet(m_baseline);
    QStringList kernels;
    for (const Result& result : m_document.session().results)
        if (!kernels.contains(qs(result.kernel))) kernels << qs(result.kernel);
    QStringList present;
    for (int i = 0; i < m_baseline->count(); ++i) present << m_baseline->itemText(i);
    if (present != kernels) {
        m_baseline->clear();
        m_baseline->addItems(kernels);
    }
    m_baseline->setCurrentText(qs(m_document.baseline()));
}

/// A CPU has no theoretical peak, for one: what cannot be chosen is disabled, and what is drawn is what the
/// box says.
void ChartPanel::showUsablePeak() {
    const Session& session = m_document.session();
    const auto& items = *qobject_cast<QStandardItemModel*>(m_peak->model());
    for (int i = 0; i < m_peak->count(); ++i)
        items.item(i)->setEnabled(
            peakGbps(session, static_cast<PeakKind>(m_peak->itemData(i).toInt())).has_value());
    const PeakKind shown = usablePeak(session, m_wantedPeak).value_or(m_wantedPeak);
    m_peak->setCurrentIndex(m_peak->findData(static_cast<int>(shown)));
}

void ChartPanel::setFooterShown(bool shown) {
    m_footer = shown;
    refresh();
}

ChartData ChartPanel::data() const {
    ChartData chart_data;
    chart_data.session = &m_document.session();
    chart_data.planned = m_document.plan();
    chart_data.baseline = m_document.baseline();
    chart_data.peak = static_cast<PeakKind>(m_peak->currentData().toInt());
    return chart_data;
}

ChartOptions ChartPanel::options() const {
    return {Theme::forPalette(palette()), m_footer};
}

QImage ChartPanel::image() const {
    const QSize size = m_chart->widget()->size();
    return chartImage(chartId(), data(), options(), {size * kExportScale, kScreenDpi * kExportScale});
}

void ChartPanel::exportTo(const QString& path) const {
    const QSize size = m_chart->widget()->size();
    writeChartFile(chartId(), data(), options(), {size * kExportScale, kScreenDpi * kExportScale}, path);
}

void ChartPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_chart) refresh();
}

}  // namespace moescope::ui
