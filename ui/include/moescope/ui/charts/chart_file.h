// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QImage>
#include <QSize>
#include <QString>

#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

/// How large a chart file is. PNG: `pixels` by `pixels`, with `dpi` written into it. SVG and PDF: pixels /
/// dpi inches. Text and lines keep their size in inches, so a higher dpi makes them larger in pixels.
struct ChartFileSize {
    QSize pixels{1280, 800};
    double dpi = 96.0;
};

/// The size in inches that shows a chart well. Throws Error when the dpi are out of bounds.
ChartFileSize defaultChartFileSize(const ChartKind& kind, double dpi);

/// Throws Error naming what is out of bounds: 200 to 20,000 pixels a side, 48 to 1,200 dpi, and at
/// least 300 x 200 pixels of 1/96 inch, below which a chart cannot be read.
void checkChartFileSize(const ChartFileSize& size);

/// Throws Error when the extension is none of png, svg, pdf.
void checkChartFileName(const QString& path);

/// Draws a chart kind of a session and writes it, by its extension, as PNG, SVG or PDF, through a temporary
/// file. Throws Error.
void writeChartFile(const QString& kind, const ChartData& data, const ChartOptions& options,
                    const ChartFileSize& size, const QString& path);

/// The same as SVG text, for a page; `size` in logical pixels.
QByteArray chartSvg(const QString& kind, const ChartData& data, const ChartOptions& options, QSize size);

/// The same as a picture, e.g. for the clipboard.
QImage chartImage(const QString& kind, const ChartData& data, const ChartOptions& options,
                  const ChartFileSize& size);

}  // namespace moescope::ui
