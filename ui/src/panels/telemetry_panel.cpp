// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/telemetry_panel.h"

#include <QEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kUpdateMs = 200;
/// A result's telemetry is text that takes some microseconds to read: so many at a time keep the window
/// fluid.
constexpr std::size_t kAtATime = 1000;

QString spreadText(const char* name, const std::optional<Spread>& spread, const QString& unit, int decimals) {
    if (!spread) return {};
    QString text =
        QStringLiteral("\n%1 %2 %3").arg(QLatin1String(name), fixedNumber(spread->median, decimals), unit);
    if (spread->min < spread->max)
        text += QStringLiteral(" (%1 to %2)")
                    .arg(fixedNumber(spread->min, decimals), fixedNumber(spread->max, decimals));
    return text;
}

}  // namespace

TelemetryPanel::TelemetryPanel(SessionDocument& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_text(new QLabel(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_text, 0, Qt::AlignTop);
    column->addWidget(m_chart.widget(), 1);
    m_text->setContentsMargins(6, 4, 6, 4);
    m_text->setObjectName(QStringLiteral("telemetry text"));
    m_chart.widget()->setAccessibleName(QStringLiteral("Telemetry"));
    m_chart.widget()->setMinimumSize(240, 90);
    m_chart.widget()->setToolTip(QStringLiteral(
        "Cells in the order measured. Line: median of a cell; band: its min to max; dashes: clock "
        "while the session's ceilings were taken; orange: flagged cells"));
    Chart::Listener listener;
    listener.picked = [this](std::size_t result) { emit resultPicked(result); };
    listener.hovered = [this](std::optional<std::size_t> result, QPoint global) {
        if (result && *result < m_cells.size())
            QToolTip::showText(global, readOut(*result), m_chart.widget());
    };
    m_chart.setListener(std::move(listener));

    m_update.setSingleShot(true);
    m_update.setInterval(kUpdateMs);
    connect(&m_update, &QTimer::timeout, this, [this] {
        if (!isVisible()) return;
        const bool more = readSome(kAtATime);
        m_update.setInterval(more ? 0 : kUpdateMs);
        if (more)
            scheduleUpdate();
        else
            redraw();
    });
    connect(&document, &SessionDocument::revised, this, [this](int first, int last) {
        const std::vector<Result>& results = m_document.session().results;
        const auto end = std::min(m_cells.size(), static_cast<std::size_t>(last) + 1);
        for (auto at = static_cast<std::size_t>(first); at < end; ++at)
            m_cells[at] = telemetry_from_json(results[at].telemetry);
        scheduleUpdate();
    });
    connect(&document, &SessionDocument::aboutToReset, this, [this] {
        m_cells.clear();
        m_selected.reset();
    });
    for (const auto signal : {&SessionDocument::reset, &SessionDocument::appended, &SessionDocument::ended})
        connect(&document, signal, this, &TelemetryPanel::scheduleUpdate);
    redraw();
}

TelemetryPanel::~TelemetryPanel() = default;

void TelemetryPanel::scheduleUpdate() {
    if (!m_update.isActive()) m_update.start();
}

/// True while there is more to read.
bool TelemetryPanel::readSome(std::size_t most) {
    const std::vector<Result>& results = m_document.session().results;
    const std::size_t end = m_cells.size() + std::min(most, results.size() - m_cells.size());
    while (m_cells.size() < end) m_cells.push_back(telemetry_from_json(results[m_cells.size()].telemetry));
    return end < results.size();
}

void TelemetryPanel::updateNow() {
    readSome(std::numeric_limits<std::size_t>::max());
    redraw();
}

void TelemetryPanel::redraw() {
    const bool any = hasTelemetry(m_cells);
    const bool empty = m_document.session().results.empty();
    m_text->setText(empty ? QStringLiteral("No results yet")
                          : QStringLiteral("No telemetry in this session: its device told neither clocks nor "
                                           "temperature nor power"));
    m_text->setVisible(!any);
    m_chart.widget()->setVisible(any);
    if (!any) return;
    ChartData chart_data;
    chart_data.session = &m_document.session();
    chart_data.selected = m_selected ? &*m_selected : nullptr;
    m_chart.setCells(m_cells);
    m_chart.show(chart_data, {Theme::forPalette(palette()), false, true});
}

void TelemetryPanel::selectCase(const Case& selected) {
    if (m_selected && *m_selected == selected) return;
    m_selected = selected;
    scheduleUpdate();
}

QString TelemetryPanel::readOut(std::size_t result) const {
    const CellTelemetry& cell = m_cells[result];
    const Result& r = m_document.session().results[result];
    QString text = QStringLiteral("Cell %1: %2, %3 cache\n%4")
                       .arg(groupedNumber(static_cast<std::int64_t>(result + 1)), qs(r.kernel),
                            qs(to_string(r.cache)), qs(case_label(r.c)));
    text += spreadText("SM clock", cell.sm_clock_mhz, QStringLiteral("MHz"), 0);
    text += spreadText("memory clock", cell.memory_clock_mhz, QStringLiteral("MHz"), 0);
    text += spreadText("temperature", cell.temperature_c, QStringLiteral("\u00b0C"), 0);
    text += spreadText("power", cell.power_w, QStringLiteral("W"), 0);
    if (cell.flagged()) text += QStringLiteral("\nflagged: %1").arg(qs(flags_text(r.telemetry)));
    return text;
}

void TelemetryPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    scheduleUpdate();
}

void TelemetryPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) redraw();
}

}  // namespace moescope::ui
