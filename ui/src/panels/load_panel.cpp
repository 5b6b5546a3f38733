// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/load_panel.h"

#include <QEvent>
#include <QVBoxLayout>
#include <utility>

#include "moescope/error.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"
#include "moescope/workload/distribution.h"

namespace moescope::ui {

LoadPanel::LoadPanel(QWidget* parent) : QWidget(parent), m_statistics(new QLabel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(4, 0, 4, 4);
    column->addWidget(m_chart.widget(), 1);
    column->addWidget(m_statistics);
    m_statistics->setObjectName(QStringLiteral("load statistics"));
    m_statistics->setWordWrap(true);
    m_statistics->setMinimumHeight(2 * m_statistics->fontMetrics().lineSpacing());  // of a low dock, too
    m_statistics->setTextInteractionFlags(Qt::TextSelectableByMouse);
    redraw();
}

LoadPanel::~LoadPanel() = default;

void LoadPanel::showPlanned(const PlannedCase& planned) {
    if (planned.rejected)
        showReason(qs(case_label(planned.c)), messageText(*planned.rejected));
    else
        showLoad({qs(case_label(planned.c)), planned.counts, planned.load}, planned.c.shape.experts);
}

void LoadPanel::showCase(const Case& c) {
    try {
        std::vector<std::int32_t> counts =
            tokens_per_expert(c.strategy, c.shape.experts, c.shape.max_tokens, c.total_tokens, c.seed);
        const LoadStats stats = load_stats(counts);
        showLoad({qs(case_label(c)), std::move(counts), stats}, c.shape.experts);
    } catch (const Error& error) {
        showReason(qs(case_label(c)), errorText(error));
    }
}

void LoadPanel::showLoad(ExpertLoad load, std::int64_t experts) {
    m_load = std::move(load);
    m_statistics->setText(loadText(m_load.stats, experts));
    redraw();
}

void LoadPanel::showReason(const QString& label, const QString& reason) {
    m_load = {label, {}, {}};
    m_statistics->setText(reason);
    redraw();
}

void LoadPanel::redraw() {
    ChartData chart_data;
    chart_data.load = &m_load;
    m_chart.show(chart_data, {Theme::forPalette(palette()), false});
}

void LoadPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) redraw();
}

}  // namespace moescope::ui
