// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/comparison_chart.h"

#include <qcustomplot.h>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// Which sessions were compared and how.
QString footerOf(const ComparedSessions& compared) {
    const Comparison& c = compared.comparison;
    const auto side = [](const QString& name, const std::vector<SessionPtr>& sessions) {
        QString text = QStringLiteral("%1: %2").arg(name, sessionText(*sessions.front()));
        if (sessions.size() > 1) text += QStringLiteral(" and %1 more").arg(sessions.size() - 1);
        return text;
    };
    return QStringList{
        side(QStringLiteral("A"), compared.base), side(QStringLiteral("B"), compared.other),
        QStringLiteral("ratio of medians, 95 % bootstrap interval with %1 % drift allowed for, "
                       "threshold %2 %, false discovery rate %3")
            .arg(significantNumber(c.drift_percent, 2), QString::number(c.options.threshold_percent, 'g', 3),
                 QString::number(c.options.false_discovery_rate, 'g', 2)),
        qs(tool_version())}
        .join(QStringLiteral(" \u00b7 "));
}

QCPScatterStyle::ScatterShape shapeOf(VerdictMarker marker) {
    switch (marker) {
        case VerdictMarker::triangleDown:
            return QCPScatterStyle::ssTriangleInverted;
        case VerdictMarker::triangleUp:
            return QCPScatterStyle::ssTriangle;
        case VerdictMarker::disc:
            return QCPScatterStyle::ssDisc;
        case VerdictMarker::ring:
            return QCPScatterStyle::ssCircle;
        case VerdictMarker::dash:
            return QCPScatterStyle::ssCross;
    }
    return QCPScatterStyle::ssDisc;
}

}  // namespace

PlotChart::Texts ComparisonChart::build(const ChartData& data) {
    if (data.compared == nullptr || data.compared->compared == nullptr)
        return {QStringLiteral("Nothing is compared yet"), {}, {}};
    Texts texts = buildCells(*data.compared);
    texts.footer = footerOf(*data.compared->compared);
    return texts;
}

QCPScatterStyle ComparisonChart::verdictScatter(Verdict verdict, double size) const {
    const VerdictStyle style = verdictStyle(verdict, theme());
    const QBrush fill = style.marker == VerdictMarker::ring ? theme().background : style.color;
    return {shapeOf(style.marker), QPen(style.color, 1.3), fill, size};
}

void ComparisonChart::addLegendMark(const QString& text, const QPen& pen,
                                    const QCPScatterStyle& scatter_style) {
    addLegendReference(text, Qt::SolidLine);
    QCPGraph* entry = plot().graph(plot().graphCount() - 1);  // which that has just made
    entry->setPen(pen);
    entry->setScatterStyle(scatter_style);
}

void ComparisonChart::addBand(QCPAxisRect& panel, double from, double to, Qt::Orientation across,
                              const QColor& color) {
    auto* band = new QCPItemRect(&plot());
    band->setLayer(QStringLiteral("background"));
    band->setClipAxisRect(&panel);
    band->setPen(Qt::NoPen);
    band->setBrush(color);
    const auto pin = [&](QCPItemPosition* corner, double at, double ratio) {
        corner->setAxes(&bottom(panel), &left(panel));
        corner->setAxisRect(&panel);
        const bool level = across == Qt::Horizontal;
        corner->setTypeX(level ? QCPItemPosition::ptAxisRectRatio : QCPItemPosition::ptPlotCoords);
        corner->setTypeY(level ? QCPItemPosition::ptPlotCoords : QCPItemPosition::ptAxisRectRatio);
        if (level)
            corner->setCoords(ratio, at);
        else
            corner->setCoords(at, ratio);
    };
    pin(band->topLeft, from, 0.0);
    pin(band->bottomRight, to, 1.0);
}

ChartData comparisonData(const ComparedCells& cells) {
    ChartData data;
    data.compared = &cells;
    // Decides whether there is anything to draw, and whether a zoom still fits.
    if (!cells.compared) return data;
    const Session& other = *cells.compared->other.front();
    data.session = other.results.empty() ? cells.compared->base.front().get() : &other;
    return data;
}

}  // namespace moescope::ui
