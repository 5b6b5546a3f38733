// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/counts_picker.h"

#include <QEvent>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "moescope/ui/charts/load_chart.h"
#include "moescope/ui/support/text.h"
#include "moescope/workload/distribution.h"

namespace moescope::ui {
namespace {

constexpr int kPictureHeight = 130;

}  // namespace

CountsPicker::CountsPicker(QWidget* parent)
    : QWidget(parent),
      m_chart(std::make_unique<LoadChart>()),
      m_slider(new QSlider(Qt::Horizontal)),
      m_every(new QCheckBox(QStringLiteral("Measure every step"))),
      m_label(new QLabel) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 4);
    column->setSpacing(2);
    column->addWidget(m_every);
    column->addWidget(m_slider);
    m_chart->widget()->setFixedHeight(kPictureHeight);
    m_chart->widget()->setFocusPolicy(Qt::NoFocus);
    column->addWidget(m_chart->widget());
    column->addWidget(m_label);
    m_every->setToolTip(
        QStringLiteral("Each step of the file is a case; the slider then only looks at them"));
    m_slider->setAccessibleName(QStringLiteral("Step of the file"));
    m_label->setObjectName(QStringLiteral("step statistics"));
    m_label->setWordWrap(true);

    const auto choose = [this] { emit stepChosen(m_every->isChecked() ? -1 : m_slider->value()); };
    connect(m_slider, &QSlider::valueChanged, this, [this, choose] {
        redraw();
        if (!m_every->isChecked()) choose();
    });
    connect(m_every, &QCheckBox::toggled, this, choose);
}

CountsPicker::~CountsPicker() = default;

void CountsPicker::setSteps(std::vector<std::vector<std::int32_t>> steps) {
    m_steps = std::move(steps);
    const QSignalBlocker quiet(m_slider);
    m_slider->setRange(0, static_cast<int>(m_steps.size()) - 1);
    m_slider->setEnabled(m_steps.size() > 1);
    redraw();
}

void CountsPicker::showStep(std::int64_t step) {
    const QSignalBlocker quiet(this);
    m_every->setChecked(step < 0);
    if (step >= 0) m_slider->setValue(static_cast<int>(step));
}

void CountsPicker::redraw() {
    if (m_steps.empty()) return;
    const auto at = static_cast<std::size_t>(m_slider->value());
    const std::vector<std::int32_t>& counts = m_steps[at];
    const LoadStats stats = load_stats(counts);
    std::int64_t total = 0;
    for (const std::int32_t count : counts) total += count;
    const auto experts = static_cast<std::int64_t>(counts.size());
    const ExpertLoad load{QStringLiteral("Step %1 (0 to %2)").arg(at).arg(m_steps.size() - 1), counts, stats};
    m_label->setText(QStringLiteral("%1 over %2: %3")
                         .arg(counted(total, QStringLiteral("token")),
                              counted(experts, QStringLiteral("expert")), loadText(stats, experts)));
    ChartData chart_data;
    chart_data.load = &load;
    m_chart->show(chart_data, {Theme::forPalette(palette()), false});
}

void CountsPicker::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) redraw();
}

}  // namespace moescope::ui
