// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/icons.h"

#include <QHash>
#include <QPainter>
#include <QPixmap>

namespace moescope::ui {
namespace {

constexpr int kGrid = 16;

/// One pixmap a pixel ratio: an icon that is scaled down to fit is blurred.
void addPixmaps(QIcon& icon, QIcon::Mode mode, const QPolygonF& shape, const QColor& color,
                const QPen& outline = Qt::NoPen) {
    for (const int ratio : {1, 2, 3}) {
        QPixmap pixmap(kGrid * ratio, kGrid * ratio);
        pixmap.setDevicePixelRatio(ratio);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(outline);
        painter.setBrush(color);
        painter.drawPolygon(shape);
        painter.end();
        icon.addPixmap(pixmap, mode);
    }
}

}  // namespace

QIcon shapeIcon(const QPolygonF& shape, const QPalette& palette) {
    QIcon icon;
    addPixmaps(icon, QIcon::Normal, shape, palette.color(QPalette::Active, QPalette::ButtonText));
    addPixmaps(icon, QIcon::Disabled, shape, palette.color(QPalette::Disabled, QPalette::ButtonText));
    return icon;
}

QIcon colorIcon(const QColor& color) {
    static QHash<QRgb, QIcon> drawn;  // tables ask for every cell they paint
    QIcon& icon = drawn[color.rgb()];
    if (!icon.isNull()) return icon;
    const QPolygonF square(QRectF(2, 2, 12, 12));
    addPixmaps(icon, QIcon::Normal, square, color);
    // On the colour of a selection, which may be the same.
    addPixmaps(icon, QIcon::Selected, square, color, QPen(Qt::white, 1.5));
    return icon;
}

QIcon hollowColorIcon(const QColor& color) {
    QIcon icon;
    addPixmaps(icon, QIcon::Normal, QPolygonF(QRectF(2.5, 2.5, 11, 11)), Qt::transparent, QPen(color, 1.5));
    return icon;
}

}  // namespace moescope::ui
