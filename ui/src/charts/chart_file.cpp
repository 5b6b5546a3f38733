// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/chart_file.h"

#include <QBuffer>
#include <QFileInfo>
#include <QFontInfo>
#include <QPageSize>
#include <QPdfWriter>
#include <QRegularExpression>
#include <QSvgGenerator>
#include <QtMath>

#include "moescope/error.h"
#include "moescope/session/session_file.h"

namespace moescope::ui {
namespace {

constexpr double kScreenDpi = 96.0;    ///< what one logical pixel is an inch of
constexpr double kVectorDpi = 1200.0;  ///< PDF coordinates are whole numbers of this
constexpr double kInchesPerMetre = 0.0254;

QSize logicalSize(const ChartFileSize& size) {
    const double factor = kScreenDpi / size.dpi;
    return {qRound(size.pixels.width() * factor), qRound(size.pixels.height() * factor)};
}

std::unique_ptr<Chart> makeChart(const QString& kind, const ChartData& data, ChartOptions options,
                                 const ChartFileSize& size) {
    std::unique_ptr<Chart> chart = findChartKind(kind).make();
    options.size = logicalSize(size);
    chart->show(data, options);
    return chart;
}

QString extensionOf(const QString& path) {
    return QFileInfo(path).suffix().toLower();
}

QImage paintImage(Chart& chart, const ChartOptions& options, const ChartFileSize& size) {
    QImage image(size.pixels, QImage::Format_RGB32);
    if (image.isNull()) throw Error("no memory for a picture of that size: choose a smaller size");
    image.fill(options.theme.background);
    const int dots_per_metre = qRound(size.dpi / kInchesPerMetre);
    chart.paint(image, logicalSize(size), size.dpi / kScreenDpi);
    // After painting: fonts are sized in pixels, but a device's resolution must not interfere while it is
    // painted.
    image.setDotsPerMeterX(dots_per_metre);
    image.setDotsPerMeterY(dots_per_metre);
    return image;
}

/// What draws the text elsewhere knows no "Sans Serif" and would take one with serifs. Verdana is as wide as
/// DejaVu Sans.
void namePortableFonts(QByteArray& svg) {
    static const QRegularExpression kFamily(QStringLiteral("font-family=\"([^\",]+)\""));
    QString text = QString::fromUtf8(svg);
    const QRegularExpressionMatch first = kFamily.match(text);
    if (!first.hasMatch()) return;
    const QString family = QFontInfo(QFont(first.captured(1))).family();
    text.replace(kFamily, QStringLiteral("font-family=\"'%1', Verdana, sans-serif\"").arg(family));
    svg = text.toUtf8();
}

void paintSvg(Chart& chart, const ChartFileSize& size, QBuffer& buffer) {
    const QSize logical = logicalSize(size);
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setResolution(qRound(kScreenDpi));
    svg.setSize(logical);
    svg.setViewBox(QRect(QPoint(0, 0), logical));
    svg.setTitle(chart.title());
    chart.paint(svg, logical, 1.0);
}

void paintPdf(Chart& chart, const ChartFileSize& size, QBuffer& buffer) {
    const QSize logical = logicalSize(size);
    QPdfWriter pdf(&buffer);
    pdf.setResolution(qRound(kVectorDpi));
    pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
    const QSizeF points(logical.width() * 72.0 / kScreenDpi, logical.height() * 72.0 / kScreenDpi);
    pdf.setPageSize(QPageSize(points, QPageSize::Point, QString(), QPageSize::ExactMatch));
    pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
    pdf.setTitle(chart.title());
    pdf.setCreator(QStringLiteral("moescope"));
    chart.paint(pdf, logical, kVectorDpi / kScreenDpi);
}

void checkDpi(double dpi) {
    if (!(dpi >= 48.0 && dpi <= 1200.0)) throw Error("dpi is out of bounds: give 48 to 1200");
}

}  // namespace

ChartFileSize defaultChartFileSize(const ChartKind& kind, double dpi) {
    checkDpi(dpi);
    return {kind.size * (dpi / kScreenDpi), dpi};
}

void checkChartFileSize(const ChartFileSize& size) {
    const auto side_fits = [](int side) { return side >= 200 && side <= 20000; };
    if (!side_fits(size.pixels.width()) || !side_fits(size.pixels.height()))
        throw Error("size " + std::to_string(size.pixels.width()) + "x" +
                    std::to_string(size.pixels.height()) +
                    " is out of bounds: give WIDTHxHEIGHT with 200 to 20000 pixels a side");
    checkDpi(size.dpi);
    const QSize logical = logicalSize(size);
    if (logical.width() < 300 || logical.height() < 200)
        throw Error(
            "too few pixels for that dpi: a chart needs 300x200 at 96 dpi; give a larger size or fewer dpi");
}

void checkChartFileName(const QString& path) {
    const QString extension = extensionOf(path);
    if (extension != QLatin1String("png") && extension != QLatin1String("svg") &&
        extension != QLatin1String("pdf"))
        throw Error("'" + path.toStdString() + "' is no chart file: its name must end in .png, .svg or .pdf");
}

void writeChartFile(const QString& kind, const ChartData& data, const ChartOptions& options,
                    const ChartFileSize& size, const QString& path) {
    checkChartFileName(path);
    checkChartFileSize(size);
    check_writable(path.toStdString());
    const std::unique_ptr<Chart> chart = makeChart(kind, data, options, size);

    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    const QString extension = extensionOf(path);
    if (extension == QLatin1String("svg"))
        paintSvg(*chart, size, buffer);
    else if (extension == QLatin1String("pdf"))
        paintPdf(*chart, size, buffer);
    else if (!paintImage(*chart, options, size).save(&buffer, "PNG"))
        throw Error("the picture could not be encoded as PNG: choose a smaller size");
    buffer.close();
    if (extension == QLatin1String("svg")) namePortableFonts(bytes);
    write_file_atomically(path.toStdString(),
                          std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

QByteArray chartSvg(const QString& kind, const ChartData& data, const ChartOptions& options, QSize size) {
    const std::unique_ptr<Chart> chart = makeChart(kind, data, options, {size, kScreenDpi});
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    paintSvg(*chart, {size, kScreenDpi}, buffer);
    buffer.close();
    namePortableFonts(bytes);
    return bytes;
}

QImage chartImage(const QString& kind, const ChartData& data, const ChartOptions& options,
                  const ChartFileSize& size) {
    const std::unique_ptr<Chart> chart = makeChart(kind, data, options, size);
    return paintImage(*chart, options, size);
}

}  // namespace moescope::ui
