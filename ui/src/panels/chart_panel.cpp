// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/chart_panel.h"

#include <QElapsedTimer>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolTip>
#include <algorithm>

#include "moescope/ui/charts/chart_metric.h"
#include "moescope/ui/charts/heatmap_chart.h"
#include "moescope/ui/charts/load_chart.h"
#include "moescope/ui/charts/peak.h"
#include "moescope/ui/panels/kernel_filter.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kShortestRefresh = 40;  ///< milliseconds
constexpr int kNarrowestBox = 64;     ///< pixels
constexpr int kWidestAxisBox = 130;   ///< the names of axes are long
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
    for (QComboBox* box : {m_baseline, m_peak}) box->setMinimumWidth(kNarrowestBox);
    m_peak->addItem(QStringLiteral("theoretical"), static_cast<int>(PeakKind::theoretical));
    m_peak->addItem(QStringLiteral("measured"), static_cast<int>(PeakKind::measured));
    m_peak->addItem(QStringLiteral("seed document"), static_cast<int>(PeakKind::seed));

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 0);
    bar->setSpacing(5);
    m_kernels = new KernelFilter(this);
    bar->addWidget(m_kernels);
    m_cache = addBox(*bar, "&Cache", "Cache mode shown",
                     "Cells whose input was cold, hot, or both: then the names of series tell which");
    m_cache->addItem(QStringLiteral("cold"), static_cast<int>(CacheChoice::automatic));
    m_cache->addItem(QStringLiteral("hot"), static_cast<int>(CacheChoice::hot));
    m_cache->addItem(QStringLiteral("both"), static_cast<int>(CacheChoice::both));
    connect(m_kernels, &KernelFilter::hiddenChanged, this, &ChartPanel::scheduleRefresh);
    bar->addStretch(1);
    m_heatX = addBox(*bar, "Ac&ross", "Axis across the heatmap", "What the columns of the heatmap are");
    m_heatY = addBox(*bar, "&Up", "Axis up the heatmap", "What the rows of the heatmap are");
    m_over = addBox(*bar, "Ove&r", "Measure of imbalance", "How the unevenness of a load is measured");
    m_metric = addBox(*bar, "Metr&ic", "Metric", "What the chart shows");
    for (QComboBox* box : {m_heatX, m_heatY}) {
        box->addItem(QStringLiteral("automatic"), QString());
        for (const HeatmapAxis& axis : heatmapAxes()) box->addItem(axis.title, axis.id);
        box->setMaximumWidth(kWidestAxisBox);
        m_choices.push_back({box, {"heatmap"}});
    }
    m_over->addItem(QStringLiteral("Gini"), static_cast<int>(LoadMeasure::gini));
    m_over->addItem(QStringLiteral("max/mean"), static_cast<int>(LoadMeasure::maxOverMean));
    m_choices.push_back({m_over, {"imbalance"}});
    for (const MetricName& metric : chartMetricNames()) m_metric->addItem(metric.title, metric.id);
    m_choices.push_back({m_metric, {"heatmap", "imbalance"}});
    auto* baseline_label = new QLabel(QStringLiteral("&Baseline"), this);
    auto* peak_label = new QLabel(QStringLiteral("10&0 % ="), this);
    baseline_label->setBuddy(m_baseline);
    peak_label->setBuddy(m_peak);
    bar->addWidget(baseline_label);
    bar->addWidget(m_baseline);
    bar->addWidget(peak_label);
    bar->addWidget(m_peak);
    for (QWidget* each : {static_cast<QWidget*>(baseline_label), static_cast<QWidget*>(m_baseline),
                          static_cast<QWidget*>(peak_label), static_cast<QWidget*>(m_peak)})
        m_choices.push_back({each, {"!samples"}});
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
    connect(&m_document, &SessionDocument::baselineChanged, this, [this] {
        fillKernels();
        scheduleRefresh();
    });
    connect(&m_document, &SessionDocument::peaksChanged, this, &ChartPanel::scheduleRefresh);
    connect(&m_document, &SessionDocument::revised, this, &ChartPanel::scheduleRefresh);
    connect(&m_document, &SessionDocument::ended, this, &ChartPanel::scheduleRefresh);
    connect(&m_document, &SessionDocument::aboutToReset, this, [this] {
        m_selected.reset();
        m_kernels->setHidden({});
        m_cache->setCurrentIndex(0);
    });
    for (const auto signal : {&SessionDocument::reset, &SessionDocument::appended})
        connect(&m_document, signal, this, [this] {
            fillKernels();
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

void ChartPanel::stepChart(int by) {
    m_tabs->setCurrentIndex((m_tabs->currentIndex() + by + m_tabs->count()) % m_tabs->count());
}

QComboBox* ChartPanel::addBox(QHBoxLayout& bar, const QString& label, const QString& name,
                              const QString& tip) {
    auto* text = new QLabel(label, this);
    auto* box = new QComboBox(this);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box->setMinimumWidth(kNarrowestBox);  // shrinks where the window is narrow
    text->setBuddy(box);
    bar.addWidget(text);
    bar.addWidget(box);
    box->setProperty("caption", QVariant::fromValue(static_cast<QWidget*>(text)));
    connect(box, &QComboBox::activated, this, &ChartPanel::scheduleRefresh);
    return box;
}

/// Only what the shown chart uses.
void ChartPanel::showChoices() {
    const QString id = chartId();
    for (const auto& [widget, charts] : m_choices) {
        const bool used =
            charts.front().startsWith(QLatin1Char('!')) ? charts.front().mid(1) != id : charts.contains(id);
        widget->setVisible(used);
        if (auto* caption = widget->property("caption").value<QWidget*>()) caption->setVisible(used);
    }
}

Chart::Listener ChartPanel::listener() {
    Chart::Listener listener;
    listener.kernelToggled = [this](const std::string& kernel) { toggleKernel(kernel); };
    listener.picked = [this](std::size_t result) {
        if (result < m_document.session().results.size()) emit resultPicked(result);
    };
    listener.hovered = [this](std::optional<std::size_t> result, QPoint global) {
        if (result && *result < m_document.session().results.size())
            QToolTip::showText(global, readOut(*result), m_chart->widget());
        else
            QToolTip::hideText();
    };
    return listener;
}

QString ChartPanel::readOut(std::size_t result) const {
    const Result& r = m_document.session().results[result];
    QStringList lines{QStringLiteral("%1, %2 cache").arg(qs(r.kernel), qs(to_string(r.cache))),
                      qs(case_label(r.c))};
    if (r.status != Status::ok) {
        lines << QStringLiteral("%1: %2").arg(qs(to_string(r.status)), qs(r.error));
        return lines.join(QLatin1Char('\n'));
    }
    if (r.median_us) {
        QString time = QStringLiteral("median %1 \u00b5s").arg(significantNumber(*r.median_us, 4));
        if (r.ci95_us)
            time += QStringLiteral(" (95 %: %1 to %2)")
                        .arg(significantNumber((*r.ci95_us)[0], 4), significantNumber((*r.ci95_us)[1], 4));
        lines << time;
    }
    const PeakKind peak = static_cast<PeakKind>(m_peak->currentData().toInt());
    if (r.gbps) {
        QString bandwidth = QStringLiteral("%1 GB/s").arg(significantNumber(*r.gbps, 4));
        if (const auto percent = percentOfPeak(r, peak))
            bandwidth += QStringLiteral(", %1 % of the %2").arg(fixedNumber(*percent, 1), peakName(peak));
        lines << bandwidth;
    }
    if (const auto speedup = m_document.speedup(result))
        lines << QStringLiteral("%1\u00d7 over %2").arg(fixedNumber(*speedup, 2), qs(m_document.baseline()));
    lines << loadText(r.load, r.c.shape.experts);
    return lines.join(QLatin1Char('\n'));
}

void ChartPanel::selectCase(const Case& selected) {
    if (m_selected && *m_selected == selected) return;
    m_selected = selected;
    scheduleRefresh();
}

void ChartPanel::toggleKernel(const std::string& kernel) {
    m_kernels->toggle(kernel);
}

void ChartPanel::resetView() {
    m_chart->resetView();
}

QSize ChartPanel::shownSize() const {
    return m_chart->widget()->size();
}

void ChartPanel::exportTo(const QString& path, const ChartFileSize& size, const ChartOptions& look) const {
    writeChartFile(chartId(), data(), look, size, path);
}

void ChartPanel::makeChart() {
    m_chart = findChartKind(chartId()).make();
    m_chart->setListener(listener());
    showChoices();
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
    showCaches();
    ChartOptions look = options();
    look.on_screen = true;
    m_chart->show(data(), look);
    // A large session costs more to draw: leave the window three quarters of its time.
    m_refresh.setInterval(std::max(kShortestRefresh, static_cast<int>(3 * took.elapsed())));
}

void ChartPanel::fillKernels() {
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
    m_kernels->setKernels(kernels);
}

/// There is nothing to choose in a session of one mode.
void ChartPanel::showCaches() {
    const std::vector<Result>& results = m_document.session().results;
    const Plan* plan = m_document.plan();
    const bool both = (plan != nullptr && plan->selection.cache == CacheSelection::both) ||
                      std::any_of(results.begin(), results.end(),
                                  [&](const Result& r) { return r.cache != results.front().cache; });
    m_cache->setVisible(both);
    m_cache->property("caption").value<QWidget*>()->setVisible(both);
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
    chart_data.metric = m_metric->currentData().toString().toStdString();
    chart_data.heat_x = m_heatX->currentData().toString().toStdString();
    chart_data.heat_y = m_heatY->currentData().toString().toStdString();
    chart_data.over = static_cast<LoadMeasure>(m_over->currentData().toInt());
    chart_data.hidden = m_kernels->hidden();
    chart_data.cache = static_cast<CacheChoice>(m_cache->currentData().toInt());
    if (m_selected) chart_data.selected = &*m_selected;
    return chart_data;
}

ChartOptions ChartPanel::options() const {
    return {Theme::forPalette(palette()), m_footer};
}

ChartView ChartPanel::view() const {
    return m_chart->view();
}

QImage ChartPanel::image() const {
    const QSize size = m_chart->widget()->size();
    ChartOptions look = options();
    look.view = view();
    return chartImage(chartId(), data(), look, {size * kExportScale, kScreenDpi * kExportScale});
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
