// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/chart_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <set>

#include "moescope/error.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

using testing::HasSubstr;

QByteArray contents(const QString& path) {
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
    return file.readAll();
}

std::string messageOf(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

class ChartFile : public testing::Test {
  protected:
    ChartFile() { data.session = &session; }
    QString path(const QString& name) const { return folder.filePath(name); }

    QTemporaryDir folder;
    Session session = test::sampleSession("seed");
    ChartData data;
};

TEST_F(ChartFile, PngHasTheSizeAskedForAtAnyDpi) {
    for (const ChartKind& kind : chartKinds()) {
        for (const double dpi : {96.0, 192.0}) {
            writeChartFile(kind.id, data, {}, {QSize(1200, 700), dpi}, path("a.png"));
            const QImage image(path("a.png"));
            EXPECT_EQ(image.size(), QSize(1200, 700));
            EXPECT_NEAR(image.dotsPerMeterX() * 0.0254, dpi, 0.5);
        }
    }
}

TEST_F(ChartFile, DrawsKernelsInTheirColours) {
    for (const ChartKind& kind : chartKinds()) {
        SCOPED_TRACE(kind.id.toStdString());
        const QImage image = chartImage(kind.id, data, {}, {QSize(1280, 800), 96});
        std::map<QRgb, int> pixels;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) ++pixels[image.pixel(x, y)];
        EXPECT_GT(pixels[qRgb(0xe6, 0x9f, 0x00)], 50) << "triton";
        if (kind.id.contains("speedup")) continue;  // it draws the baseline as the parity line
        EXPECT_GT(pixels[qRgb(0x00, 0x72, 0xb2)], 50) << "silu_v2";
    }
}

TEST_F(ChartFile, DarkThemeIsDark) {
    const QImage image = chartImage("bandwidth", data, {Theme::darkTheme(), true}, {QSize(800, 500), 96});
    EXPECT_EQ(image.pixelColor(2, 2), Theme::darkTheme().background);
    EXPECT_LT(image.pixelColor(2, 2).lightness(), 60);
}

TEST_F(ChartFile, SvgIsADrawingOfThatSize) {
    writeChartFile("speedup", data, {}, {QSize(960, 600), 96}, path("a.svg"));
    const QSvgRenderer svg(path("a.svg"));
    ASSERT_TRUE(svg.isValid());
    EXPECT_EQ(svg.viewBox(), QRect(0, 0, 960, 600));
    const QString text = QString::fromUtf8(contents(path("a.svg")));
    EXPECT_TRUE(text.contains("Speedup over silu_v2"));
    EXPECT_FALSE(text.contains("<image")) << "text and bars must stay vectors";
    const QRegularExpression family(QStringLiteral("font-family=\"([^\"]*)\""));
    auto families = family.globalMatch(text);
    ASSERT_TRUE(families.hasNext());
    while (families.hasNext())
        EXPECT_TRUE(families.next().captured(1).endsWith("sans-serif")) << "else browsers choose serifs";
}

TEST_F(ChartFile, PdfIsOnePageOfThatSize) {
    writeChartFile("facets", data, {}, {QSize(960, 600), 96}, path("a.pdf"));
    const QByteArray pdf = contents(path("a.pdf"));
    EXPECT_TRUE(pdf.startsWith("%PDF-"));
    const QRegularExpressionMatch box =
        QRegularExpression("/MediaBox \\[0 0 ([0-9.]+) ([0-9.]+)\\]").match(QString::fromLatin1(pdf));
    ASSERT_TRUE(box.hasMatch());
    EXPECT_NEAR(box.captured(1).toDouble(), 720, 1);
    EXPECT_NEAR(box.captured(2).toDouble(), 450, 1);
    EXPECT_EQ(pdf.count("/Type /Page\n"), 1);
}

TEST_F(ChartFile, BadRequestsNameTheThingAndTheRemedy) {
    const auto write = [&](const QString& kind, const QString& name, ChartFileSize size) {
        return messageOf([&] { writeChartFile(kind, data, {}, size, path(name)); });
    };
    EXPECT_THAT(write("pie", "a.png", {}), HasSubstr("unknown chart 'pie'"));
    EXPECT_THAT(write("pie", "a.png", {}), HasSubstr("bandwidth-bars"));
    EXPECT_THAT(write("time", "a.gif", {}), HasSubstr(".png, .svg or .pdf"));
    EXPECT_THAT(write("time", "a.png", {QSize(10, 10), 96}), HasSubstr("out of bounds"));
    EXPECT_THAT(write("time", "a.png", {QSize(100000, 10000), 96}), HasSubstr("out of bounds"));
    EXPECT_THAT(write("time", "a.png", {QSize(800, 600), 5000}), HasSubstr("dpi"));
    EXPECT_THAT(write("time", "a.png", {QSize(800, 600), 1200}), HasSubstr("too few pixels"));
    EXPECT_THAT(write("time", "missing/a.png", {}), HasSubstr("missing"));
    EXPECT_TRUE(QDir(folder.path()).isEmpty()) << "nothing half-written stays";
}

}  // namespace
}  // namespace moescope::ui
