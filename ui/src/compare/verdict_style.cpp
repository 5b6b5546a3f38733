// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/compare/verdict_style.h"

#include <QPainter>
#include <QPixmap>
#include <QPolygonF>

#include "moescope/ui/support/text.h"

namespace moescope::ui {

VerdictStyle verdictStyle(Verdict verdict, const Theme& theme) {
    switch (verdict) {
        case Verdict::faster:
            return {theme.dark ? QColor(0x56, 0xb4, 0xe9) : QColor(0x00, 0x72, 0xb2),
                    VerdictMarker::triangleDown};
        case Verdict::slower:
            return {theme.dark ? QColor(0xe6, 0x9f, 0x00) : QColor(0xd5, 0x5e, 0x00),
                    VerdictMarker::triangleUp};
        case Verdict::same:
            return {theme.axis, VerdictMarker::disc};
        case Verdict::unsure:
            return {theme.text, VerdictMarker::ring};
        case Verdict::not_compared:
            break;
    }
    return {theme.mutedText, VerdictMarker::dash};
}

namespace {

QPixmap verdictPixmap(const VerdictStyle& style) {
    constexpr int kGrid = 12;
    constexpr int kScale = 3;  // sharp up to 300 %
    QPixmap pixmap(kGrid * kScale, kGrid * kScale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.scale(kScale, kScale);
    const bool outlined = style.marker == VerdictMarker::ring || style.marker == VerdictMarker::dash;
    painter.setPen(outlined ? QPen(style.color, 1.4) : QPen(Qt::NoPen));
    painter.setBrush(outlined ? QBrush(Qt::NoBrush) : QBrush(style.color));
    switch (style.marker) {
        case VerdictMarker::triangleDown:
            painter.drawPolygon(QPolygonF({{1, 2}, {11, 2}, {6, 11}}));
            break;
        case VerdictMarker::triangleUp:
            painter.drawPolygon(QPolygonF({{1, 10}, {11, 10}, {6, 1}}));
            break;
        case VerdictMarker::disc:
            painter.drawEllipse(QPointF(6, 6), 3.6, 3.6);
            break;
        case VerdictMarker::ring:
            painter.drawEllipse(QPointF(6, 6), 4.0, 4.0);
            break;
        case VerdictMarker::dash:
            painter.drawLine(QPointF(2, 6), QPointF(10, 6));
            break;
    }
    painter.end();
    return pixmap;
}

}  // namespace

QIcon verdictIcon(Verdict verdict, const Theme& theme) {
    const VerdictStyle style = verdictStyle(verdict, theme);
    QIcon icon(verdictPixmap(style));
    // Blue on the blue of a selected row would vanish.
    icon.addPixmap(verdictPixmap({Qt::white, style.marker}), QIcon::Selected);
    return icon;
}

QString verdictText(Verdict verdict) {
    return verdict == Verdict::not_compared ? QStringLiteral("not compared") : qs(to_string(verdict));
}

int countOf(const VerdictCounts& counts, Verdict verdict) {
    switch (verdict) {
        case Verdict::faster:
            return counts.faster;
        case Verdict::slower:
            return counts.slower;
        case Verdict::same:
            return counts.same;
        case Verdict::unsure:
            return counts.unsure;
        case Verdict::not_compared:
            break;
    }
    return counts.not_compared;
}

}  // namespace moescope::ui
