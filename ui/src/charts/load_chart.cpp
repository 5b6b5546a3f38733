// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/load_chart.h"

#include <QAreaSeries>
#include <QChart>
#include <QChartView>
#include <QGraphicsLayout>
#include <QGraphicsScene>
#include <QLineSeries>
#include <QMouseEvent>
#include <QToolTip>
#include <QValueAxis>
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr std::size_t kMostBars = 128;

QFont chartFont(int pixels) {
    QFont font;
    font.setPixelSize(pixels);
    return font;
}

QValueAxis* makeAxis(const Theme& theme, const QString& title) {
    auto* axis = new QValueAxis;
    axis->setLabelsFont(chartFont(10));
    axis->setTitleFont(chartFont(11));
    axis->setTitleText(title);
    axis->setLabelsColor(theme.text);
    axis->setTitleBrush(theme.text);
    axis->setLinePenColor(theme.axis);
    axis->setGridLineColor(theme.grid);
    axis->setLabelFormat(QStringLiteral("%d"));
    return axis;
}

/// A round step that gives the axis three to five whole-numbered ticks.
double roundStep(double span) {
    const double rough = std::max(1.0, span / 4.0);
    const double magnitude = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * magnitude) return factor * magnitude;
    return 10.0 * magnitude;
}

std::size_t expertsPerBar(std::size_t experts) {
    return (experts + kMostBars - 1) / kMostBars;
}

/// Tells where the pointer is.
class View : public QChartView {
  public:
    explicit View(std::function<QString(QPoint)> read_out) : m_readOut(std::move(read_out)) {
        setMouseTracking(true);
    }

  protected:
    void mouseMoveEvent(QMouseEvent* event) override {
        QChartView::mouseMoveEvent(event);
        QToolTip::showText(event->globalPosition().toPoint(), m_readOut(event->position().toPoint()), this);
    }

  private:
    std::function<QString(QPoint)> m_readOut;
};

/// The outline of bars as one stepped line: thousands of experts stay one graphics item.
QLineSeries* steppedOutline(const std::vector<std::int32_t>& counts, std::size_t experts_per_bar) {
    auto* outline = new QLineSeries;
    for (std::size_t first = 0; first < counts.size(); first += experts_per_bar) {
        const std::size_t end = std::min(counts.size(), first + experts_per_bar);
        const auto from = counts.begin() + static_cast<std::ptrdiff_t>(first);
        const auto to = counts.begin() + static_cast<std::ptrdiff_t>(end);
        const double height = *std::max_element(from, to);
        // A small gap keeps neighbours apart.
        const double gap = 0.08 * static_cast<double>(end - first);
        const double left =
            static_cast<double>(first) - 0.5 + gap;  // the first expert's bar stands on its number
        const double right = static_cast<double>(end) - 0.5 - gap;
        outline->append(left, 0);
        outline->append(left, height);
        outline->append(right, height);
        outline->append(right, 0);
    }
    return outline;
}

}  // namespace

LoadChart::LoadChart()
    : m_widget(new View([this](QPoint place) { return readOut(place); })),
      m_view(static_cast<QChartView*>(m_widget.data())),
      m_chart(m_view->chart()) {
    m_view->setRenderHint(QPainter::Antialiasing);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMinimumSize(200, 110);
    m_view->setAccessibleName(title());
    m_chart->legend()->hide();
    m_chart->setMargins(QMargins(4, 0, 4, 0));
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_chart->setBackgroundRoundness(0);
    m_chart->setAnimationOptions(QChart::NoAnimation);
}

LoadChart::~LoadChart() {
    delete m_widget.data();
}

QWidget* LoadChart::widget() {
    return m_widget;
}

void LoadChart::show(const ChartData& data, const ChartOptions& options) {
    const Theme& theme = options.theme;
    m_counts.clear();
    m_chart->removeAllSeries();
    for (QAbstractAxis* axis : m_chart->axes()) {
        m_chart->removeAxis(axis);
        delete axis;
    }
    m_chart->setBackgroundBrush(theme.background);
    m_view->setBackgroundBrush(theme.background);
    m_chart->setTitleBrush(theme.text);
    m_chart->setTitleFont(chartFont(11));
    if (data.load == nullptr || data.load->counts.empty()) {
        // A rejected case has a name and no counts.
        m_chart->setTitle(data.load != nullptr && !data.load->label.isEmpty()
                              ? data.load->label
                              : QStringLiteral("Choose a case in the plan or the results"));
        return;
    }
    m_counts = data.load->counts;
    const std::vector<std::int32_t>& counts = m_counts;
    const std::size_t per_bar = expertsPerBar(counts.size());
    m_chart->setTitle(data.load->label);

    QLineSeries* outline = steppedOutline(counts, per_bar);
    auto* area = new QAreaSeries(outline);
    outline->setParent(area);  // an area does not own its bounds
    // Slate, the colour of no kernel: a load belongs to none.
    const QColor color = theme.dark ? QColor(0x6f, 0x8f, 0xaf) : QColor(0x5b, 0x7a, 0x99);
    area->setBrush(color);
    area->setPen(Qt::NoPen);
    auto* mean = new QLineSeries;
    const double last = static_cast<double>(counts.size()) - 0.5;
    mean->append(-0.5, data.load->stats.mean);
    mean->append(last, data.load->stats.mean);
    mean->setPen(QPen(theme.reference, 1.4, Qt::DashLine));
    m_chart->addSeries(area);
    m_chart->addSeries(mean);

    QString expert_title = QStringLiteral("Expert");
    if (per_bar > 1) expert_title += QStringLiteral(" (a bar: the largest of %1)").arg(per_bar);
    QValueAxis* x = makeAxis(theme, expert_title);
    QValueAxis* y = makeAxis(theme, QStringLiteral("Tokens"));
    const double top = std::max(1.0, static_cast<double>(data.load->stats.max));
    const double y_step = roundStep(top);
    const double x_step = roundStep(static_cast<double>(counts.size()));
    x->setRange(-0.5, last);
    y->setRange(0, std::max(std::ceil(top / y_step) * y_step, top * 1.08));
    for (auto [axis, step] : {std::pair{x, x_step}, std::pair{y, y_step}}) {
        axis->setTickType(QValueAxis::TicksDynamic);
        axis->setTickInterval(step);
    }
    x->setGridLineVisible(false);
    m_chart->addAxis(x, Qt::AlignBottom);
    m_chart->addAxis(y, Qt::AlignLeft);
    for (QAbstractSeries* series : m_chart->series()) {
        series->attachAxis(x);
        series->attachAxis(y);
    }
}

QString LoadChart::readOut(QPoint place) const {
    const QPointF on_chart = m_chart->mapFromScene(m_view->mapToScene(place));
    if (m_counts.empty() || !m_chart->plotArea().contains(on_chart)) return {};
    const auto expert = std::clamp<std::int64_t>(std::llround(m_chart->mapToValue(on_chart).x()), 0,
                                                 static_cast<std::int64_t>(m_counts.size()) - 1);
    const std::size_t per_bar = expertsPerBar(m_counts.size());
    const std::size_t first = static_cast<std::size_t>(expert) / per_bar * per_bar;
    const std::size_t end = std::min(first + per_bar, m_counts.size());
    const QString tokens = counted(*std::max_element(m_counts.begin() + static_cast<std::ptrdiff_t>(first),
                                                     m_counts.begin() + static_cast<std::ptrdiff_t>(end)),
                                   QStringLiteral("token"));
    if (end - first == 1) return QStringLiteral("Expert %1: %2").arg(first).arg(tokens);
    return QStringLiteral("Experts %1 to %2: at most %3").arg(first).arg(end - 1).arg(tokens);
}

void LoadChart::paint(QPaintDevice& device, QSize size, double scale) {
    const QSizeF on_screen = m_chart->size();
    m_chart->resize(size);
    QPainter painter(&device);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(scale, scale);
    m_view->scene()->render(&painter, QRectF(QPointF(0, 0), size), m_chart->geometry());
    painter.end();
    m_chart->resize(on_screen);
}

QString loadText(const LoadStats& stats, std::int64_t experts) {
    return QStringLiteral("min %1, mean %2, max %3, max/mean %4, Gini %5, %6 of %7 active")
        .arg(groupedNumber(stats.min), significantNumber(stats.mean, 3), groupedNumber(stats.max),
             fixedNumber(stats.max_over_mean, 2), fixedNumber(stats.gini, 2), groupedNumber(stats.active),
             groupedNumber(experts));
}

}  // namespace moescope::ui
