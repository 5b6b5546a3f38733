// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/telemetry_chart.h"

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "moescope/ui/charts/axis_labels.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

constexpr int kRoomForTitle = 90;  ///< pixels of a panel's height; a strip says what its axis is by a tip
constexpr std::size_t kMostMarks = 20000;  ///< more cells than this are not picked with the pointer

/// Okabe-Ito, as kernels have them; none of these is a kernel, and each has a panel of its own.
const QColor kFlagColor(0xd5, 0x5e, 0x00);

struct Extremes {
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -std::numeric_limits<double>::infinity();
    void include(double value) {
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
    }
};

bool has(const CellTelemetry& cell) {
    return cell.sm_clock_mhz || cell.memory_clock_mhz || cell.temperature_c || cell.power_w;
}

}  // namespace

bool hasTelemetry(const std::vector<CellTelemetry>& cells) {
    return std::any_of(cells.begin(), cells.end(), has);
}

QString flaggedText(const std::vector<CellTelemetry>& cells) {
    std::map<std::string, int> reasons;
    std::int64_t flagged = 0;
    for (const CellTelemetry& cell : cells) {
        flagged += cell.flagged() ? 1 : 0;
        for (const std::string& flag : cell.flags) ++reasons[flag];
    }
    if (flagged == 0) return QStringLiteral("no cell flagged");
    QStringList texts;
    for (const auto& [reason, count] : reasons)
        texts << QStringLiteral("%1 %2").arg(qs(reason), groupedNumber(count));
    return QStringLiteral("%1 of %2 flagged (%3)")
        .arg(groupedNumber(flagged), counted(static_cast<std::int64_t>(cells.size()), QStringLiteral("cell")),
             texts.join(QStringLiteral(", ")));
}

PlotChart::Texts TelemetryChart::build(const ChartData& data) {
    m_quantityPanels.clear();
    if (m_cells == nullptr || !hasTelemetry(*m_cells)) return {{}, QStringLiteral("No telemetry")};
    const ReferenceClocks& clocks = data.session->environment.clocks;
    const bool dark = theme().dark;
    const QColor blue = dark ? QColor(0x3d, 0x9d, 0xd9) : QColor(0x00, 0x72, 0xb2);
    addQuantity(data, QStringLiteral("SM clock (MHz)"), &CellTelemetry::sm_clock_mhz, blue, clocks.sm_mhz);
    addQuantity(data, QStringLiteral("Memory clock (MHz)"), &CellTelemetry::memory_clock_mhz,
                QColor(0x56, 0xb4, 0xe9), clocks.memory_mhz);
    addQuantity(data, QStringLiteral("Temperature (\u00b0C)"), &CellTelemetry::temperature_c,
                QColor(0xcc, 0x79, 0xa7), {});
    addQuantity(data, QStringLiteral("Power (W)"), &CellTelemetry::power_w, QColor(0x00, 0x9e, 0x73), {});
    QString flagged = flaggedText(*m_cells);
    flagged[0] = flagged[0].toUpper();
    return {flagged, {}};
}

void TelemetryChart::addQuantity(const ChartData& data, const QString& panel_title, Quantity quantity,
                                 const QColor& color, const std::optional<double>& reference) {
    const std::vector<CellTelemetry>& cells = *m_cells;
    if (std::none_of(cells.begin(), cells.end(), [&](const CellTelemetry& cell) { return cell.*quantity; }))
        return;
    QCPAxisRect& panel = *addPanel(0, static_cast<int>(m_quantityPanels.size()), panel_title);
    m_quantityPanels.push_back(&panel);
    addFlags(panel);

    QVector<double> at;
    QVector<double> low;
    QVector<double> median;
    QVector<double> high;
    Extremes extremes;
    const bool marks = cells.size() <= kMostMarks;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto x = static_cast<double>(i + 1);
        constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
        const Spread spread = (cells[i].*quantity).value_or(Spread{kGap, kGap, kGap});
        at << x;
        low << spread.min;
        median << spread.median;
        high << spread.max;
        if (std::isnan(spread.median)) continue;
        extremes.include(spread.min);
        extremes.include(spread.max);
        if (marks && i < data.session->results.size())
            addMark(panel, x, spread.median, data.session->results[i]);
    }
    auto* floor = new QCPGraph(&bottom(panel), &left(panel));
    floor->setPen(Qt::NoPen);
    floor->setData(at, low, true);
    auto* ceiling = new QCPGraph(&bottom(panel), &left(panel));
    QColor band = color;
    band.setAlpha(70);
    ceiling->setPen(Qt::NoPen);
    ceiling->setBrush(band);
    ceiling->setChannelFillGraph(floor);
    ceiling->setData(at, high, true);
    auto* line = new QCPGraph(&bottom(panel), &left(panel));
    line->setPen(QPen(color, 1.4));
    line->setData(at, median, true);
    if (cells.size() == 1) line->setScatterStyle({QCPScatterStyle::ssDisc, color, 5});

    if (reference) {
        extremes.include(*reference);
        addLevel(panel, *reference, Qt::DashLine);
    }
    // Never so near that the noise of a steady clock fills the panel.
    const double margin =
        std::max({0.12 * (extremes.highest - extremes.lowest), 0.01 * extremes.highest, 0.5});
    left(panel).setRange(extremes.lowest - margin, extremes.highest + margin);
    bottom(panel).setRange(0.5, static_cast<double>(std::max<std::size_t>(2, cells.size())) + 0.5);
}

void TelemetryChart::addFlags(QCPAxisRect& panel) {
    auto* flags = new QCPGraph(&bottom(panel), &left(panel));
    QColor color = kFlagColor;
    color.setAlpha(130);
    flags->setName(QStringLiteral("flagged"));
    flags->setLineStyle(QCPGraph::lsImpulse);
    flags->setPen(QPen(color, 2.0));
    // From zero to beyond anything measured: the panel cuts both ends off.
    for (std::size_t i = 0; i < m_cells->size(); ++i)
        if ((*m_cells)[i].flagged()) flags->addData(static_cast<double>(i + 1), 1e6);
}

void TelemetryChart::placeLabels() {
    for (QCPAxisRect* panel : m_quantityPanels) {
        fitTicks(left(*panel), linearTicks(left(*panel)));
        std::vector<TickCandidate> whole;
        for (TickCandidate& tick : linearTicks(bottom(*panel)))
            if (tick.at == std::floor(tick.at) && tick.at >= 1) whole.push_back(std::move(tick));
        fitTicks(bottom(*panel), whole);
        if (panel->height() >= kRoomForTitle)
            fitAxisTitle(bottom(*panel), {"Cell, in the order measured", "Cell"});
        else
            bottom(*panel).setLabel({});
    }
}

}  // namespace moescope::ui
