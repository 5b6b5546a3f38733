// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_chart_pane.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QToolTip>

#include "moescope/ui/compare/comparison_chart.h"

namespace moescope::ui {
namespace {

constexpr double kCopyScale = 2.0;
constexpr double kScreenDpi = 96.0;

}  // namespace

ComparisonChartPane::ComparisonChartPane(const QStringList& kinds, QWidget* parent)
    : QWidget(parent), m_tabs(new QTabBar(this)), m_layout(new QVBoxLayout(this)) {
    m_tabs->setExpanding(false);
    m_tabs->setDrawBase(false);
    m_tabs->setAccessibleName(QStringLiteral("Chart of the comparison"));
    for (const QString& id : kinds) {
        const ChartKind& kind = findChartKind(id);
        const int at = m_tabs->addTab(kind.title);
        m_tabs->setTabData(at, kind.id);
        m_tabs->setTabToolTip(at, kind.description);
    }
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(0, 0, 6, 0);
    bar->addWidget(m_tabs);
    bar->addStretch(1);
    const auto add_button = [&](const QString& text, const QString& tip, auto signal) {
        auto* button = new QToolButton(this);
        button->setText(text);
        button->setAutoRaise(true);
        button->setToolTip(tip);
        button->setAccessibleName(tip);
        connect(button, &QToolButton::clicked, this, signal);
        bar->addWidget(button);
    };
    add_button(QStringLiteral("Copy"), QStringLiteral("Copy this chart as a picture"),
               &ComparisonChartPane::copyWanted);
    add_button(QStringLiteral("Export..."), QStringLiteral("Export this chart as PNG, SVG or PDF"),
               &ComparisonChartPane::exportWanted);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(0);
    m_layout->addLayout(bar);
    connect(m_tabs, &QTabBar::currentChanged, this, &ComparisonChartPane::makeChart);
    makeChart();
}

ComparisonChartPane::~ComparisonChartPane() = default;

QString ComparisonChartPane::chartId() const {
    return m_tabs->tabData(m_tabs->currentIndex()).toString();
}

void ComparisonChartPane::showChart(const QString& id) {
    for (int i = 0; i < m_tabs->count(); ++i)
        if (m_tabs->tabData(i).toString() == id) m_tabs->setCurrentIndex(i);
}

void ComparisonChartPane::stepChart(int by) {
    m_tabs->setCurrentIndex((m_tabs->currentIndex() + by + m_tabs->count()) % m_tabs->count());
}

void ComparisonChartPane::makeChart() {
    m_chart = findChartKind(chartId()).make();
    Chart::Listener listener;
    listener.picked = [this](std::size_t row) {
        // Showing the choice rebuilds the plot, which has not finished its mouse event yet.
        QMetaObject::invokeMethod(
            this, [this, row] { emit rowPicked(row); }, Qt::QueuedConnection);
    };
    listener.hovered = [this](std::optional<std::size_t> row, QPoint global) {
        if (row && m_cells.compared && *row < m_cells.compared->comparison.rows.size())
            QToolTip::showText(global,
                               readOut(m_cells.compared->comparison, m_cells.compared->comparison.rows[*row]),
                               m_chart->widget());
        else
            QToolTip::hideText();
    };
    m_chart->setListener(std::move(listener));
    m_chart->widget()->setAccessibleName(m_tabs->tabText(m_tabs->currentIndex()));
    m_layout->addWidget(m_chart->widget(), 1);
    redraw();
}

void ComparisonChartPane::show(const ComparedCells& cells) {
    m_cells = cells;
    redraw();
}

void ComparisonChartPane::resetView() {
    m_chart->resetView();
}

void ComparisonChartPane::setFooterShown(bool shown) {
    m_footer = shown;
    redraw();
}

void ComparisonChartPane::redraw() {
    m_chart->show(comparisonData(m_cells), options());
}

ChartOptions ComparisonChartPane::options() const {
    ChartOptions options;
    options.theme = Theme::forPalette(palette());
    options.footer = m_footer;
    return options;
}

QSize ComparisonChartPane::shownSize() const {
    return m_chart->widget()->size();
}

ChartView ComparisonChartPane::view() const {
    return m_chart->view();
}

QImage ComparisonChartPane::image() const {
    ChartOptions look = options();
    look.view = view();
    return chartImage(chartId(), comparisonData(m_cells), look,
                      {shownSize() * kCopyScale, kScreenDpi * kCopyScale});
}

void ComparisonChartPane::exportTo(const QString& path, const ChartFileSize& size,
                                   const ChartOptions& look) const {
    writeChartFile(chartId(), comparisonData(m_cells), look, size, path);
}

void ComparisonChartPane::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_chart) redraw();
}

}  // namespace moescope::ui
