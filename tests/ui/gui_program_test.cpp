// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>
#include <set>

#include "comparison_sample.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/charts/chart.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 60000;

struct Finished {
    int status = -1;
    QString out;
    QString err;
};

/// The program as a user on a headless server starts it: no display, no platform chosen.
class GuiProgram : public testing::Test {
  protected:
    GuiProgram() { save_session(test::sampleSession("seed"), session.toStdString()); }

    QProcessEnvironment headless() const {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}) environment.remove(name);
        return environment;
    }

    Finished run(const QString& program, const QStringList& arguments,
                 const QProcessEnvironment& environment) {
        QProcess process;
        process.setProcessEnvironment(environment);
        process.start(program, arguments);
        EXPECT_TRUE(process.waitForFinished(kTimeoutMs)) << process.errorString().toStdString();
        EXPECT_EQ(process.exitStatus(), QProcess::NormalExit);
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }
    Finished gui(const QStringList& arguments) { return run(MOESCOPE_GUI, arguments, headless()); }

    void expectRefused(const QStringList& arguments, const QString& part) {
        SCOPED_TRACE(arguments.join(' ').toStdString());
        const Finished finished = gui(arguments);
        EXPECT_EQ(finished.status, 2);
        EXPECT_EQ(finished.err.trimmed().count('\n'), 0) << finished.err.toStdString();
        EXPECT_TRUE(finished.err.contains(part)) << finished.err.toStdString();
    }

    QTemporaryDir folder;
    QString session = folder.filePath("s.moescope.json");
};

TEST_F(GuiProgram, TellsVersionAndHelpWithoutADisplay) {
    EXPECT_EQ(gui({"--version"}).status, 0);
    EXPECT_TRUE(gui({"--version"}).out.contains("moescope"));
    EXPECT_EQ(gui({"--help"}).status, 0);
    EXPECT_TRUE(gui({"render", "--help"}).out.contains("bandwidth-bars"));
}

TEST_F(GuiProgram, AGermanEnvironmentChangesNothingInFiles) {
    QProcessEnvironment german = headless();
    german.insert("LC_ALL", "de_DE.UTF-8");
    german.insert("LANG", "de_DE.UTF-8");
    QProcessEnvironment neutral = headless();
    neutral.insert("LC_ALL", "C.UTF-8");
    const auto contents = [&](const QString& name) {
        QFile file(folder.filePath(name));
        EXPECT_TRUE(file.open(QIODevice::ReadOnly));
        return file.readAll();
    };
    for (const QString& chart : {QString("bandwidth"), QString("speedup"), QString("time")}) {
        for (const auto& [name, environment] : {std::pair{"c.svg", neutral}, std::pair{"de.svg", german}})
            EXPECT_EQ(
                run(MOESCOPE_GUI,
                    {"render", session, "--chart", chart, "--out", folder.filePath(name), "--dpi", "120.5"},
                    environment)
                    .status,
                0);
        EXPECT_FALSE(contents("c.svg").isEmpty());
        EXPECT_EQ(contents("c.svg"), contents("de.svg"));
    }
    EXPECT_EQ(run(MOESCOPE_GUI, {"report", session, "--out", folder.filePath("c.html")}, neutral).status, 0);
    EXPECT_EQ(run(MOESCOPE_GUI, {"report", session, "--out", folder.filePath("de.html")}, german).status, 0);
    EXPECT_EQ(contents("c.html"), contents("de.html"));
}

TEST_F(GuiProgram, ChoosesCacheModeKernelsAndPanel) {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "triton"};
    selection.cache = CacheSelection::both;
    save_session(test::sampleSession(selection), session.toStdString());
    const auto drawn = [&](const QStringList& more) {
        const QString file = folder.filePath("a.svg");
        EXPECT_EQ(gui(QStringList{"render", session, "--chart", "bandwidth", "--out", file} + more).status,
                  0);
        QFile svg(file);
        EXPECT_TRUE(svg.open(QIODevice::ReadOnly));
        return QString::fromUtf8(svg.readAll());
    };
    EXPECT_FALSE(drawn({}).contains("hot"));
    EXPECT_TRUE(drawn({"--cache", "both"}).contains("silu_v2, hot"));
    EXPECT_TRUE(drawn({"--cache", "hot"}).contains("hot cache"));
    EXPECT_FALSE(drawn({"--kernels", "silu_v2"}).contains("triton"));
    const QString out = folder.filePath("b.png");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--cache", "warm"},
                  "cold, hot or both");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--kernels", "silu_v9"},
                  "silu_v2, triton");
    expectRefused({"--screenshot", out, "--panel", "kitchen", session}, "pivot");
    EXPECT_FALSE(QFileInfo::exists(out));
    EXPECT_EQ(gui({"--screenshot", out, "--panel", "pivot", session}).status, 0);
    save_session(test::sampleSession("seed"), session.toStdString());
    expectRefused({"render", session, "--chart", "time", "--out", out, "--cache", "hot"}, "no hot cells");
}

TEST_F(GuiProgram, RendersWithoutADisplay) {
    for (const QString& extension : {QString("png"), QString("svg"), QString("pdf")}) {
        const QString file = folder.filePath("a." + extension);
        const Finished finished = gui({"render", session, "--chart", "bandwidth", "--out", file});
        EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
        EXPECT_TRUE(finished.err.isEmpty()) << finished.err.toStdString();
        EXPECT_GT(QFileInfo(file).size(), 2000);
    }
    const QString file = folder.filePath("b.png");
    const Finished finished =
        gui({"render", session, "--chart", "speedup", "--out", file, "--size", "1500x900", "--dpi", "150",
             "--theme", "dark", "--baseline", "triton", "--no-footer"});
    EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
    EXPECT_EQ(QImage(file).size(), QSize(1500, 900));
}

TEST_F(GuiProgram, RendersTheNewChartsWithTheirOptions) {
    const std::vector<QStringList> requests{
        {"heatmap", "--x", "tokens", "--y", "strategy", "--metric", "speedup"},
        {"imbalance", "--metric", "median_us", "--over", "max-over-mean"},
        {"samples", "--case", "7", "--theme", "dark"}};
    for (const QStringList& request : requests) {
        const QString file = folder.filePath(request.front() + ".svg");
        const Finished finished = gui(QStringList{"render", session, "--out", file, "--chart"} + request);
        EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
        EXPECT_GT(QFileInfo(file).size(), 2000);
    }
    const QString out = folder.filePath("bad.png");
    expectRefused({"render", session, "--chart", "heatmap", "--out", out, "--x", "colour"},
                  "tokens-per-expert");
    expectRefused({"render", session, "--chart", "heatmap", "--out", out, "--metric", "beauty"}, "gflops");
    expectRefused({"render", session, "--chart", "samples", "--out", out, "--case", "999"}, "126");
    expectRefused({"render", session, "--chart", "imbalance", "--out", out, "--over", "feet"}, "gini");
}

TEST_F(GuiProgram, ReportsOnOnePageThatNeedsNothingElse) {
    const QString file = folder.filePath("report.html");
    const Finished finished = gui({"report", session, "--out", file, "--baseline", "triton"});
    EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
    EXPECT_TRUE(finished.err.isEmpty()) << finished.err.toStdString();
    QFile page(file);
    ASSERT_TRUE(page.open(QIODevice::ReadOnly));
    const QString html = QString::fromUtf8(page.readAll());
    EXPECT_EQ(html.count("<svg"), 8) << "all charts but the samples of one case";
    EXPECT_EQ(html.count("<tr>"), 1 + 2 + 1 + 126 + 1 + html.section("<h2>Environment", 1).count("<tr>") - 1);
    EXPECT_TRUE(html.contains("Speedup over triton"));
    EXPECT_TRUE(html.contains("Sample GPU 80GB"));
    for (const char* outside : {"src=\"http", "href=\"http", "@import", "<script", "<link"})
        EXPECT_FALSE(html.contains(outside)) << outside;
    // Identifiers are unique on a page.
    std::set<QString> ids;
    static const QRegularExpression kId(" id=\"([^\"]*)\"");
    for (auto at = kId.globalMatch(html); at.hasNext();)
        EXPECT_TRUE(ids.insert(at.next().captured(1)).second);
    expectRefused({"report", session, "--out", folder.filePath("a.txt")}, ".html");
    expectRefused({"report", session, "--out", "/nonexistent/a.html"}, "/nonexistent");
    expectRefused({"report", session, "--out", file, "--baseline", "nonesuch"}, "triton");
    expectRefused({"report", "missing.json", "--out", file}, "missing.json");
}

TEST_F(GuiProgram, DrawsComparisons) {
    const QString other = folder.filePath("other.moescope.json");
    Session later = test::rerun(load_session(session.toStdString()), "later", 1.05);
    save_session(later, other.toStdString());
    for (const ChartKind& kind : comparisonChartKinds()) {
        for (const QString& extension : {QString("png"), QString("svg"), QString("pdf")}) {
            const QString file = folder.filePath(kind.id + "." + extension);
            const Finished finished = gui({"render", session, "--compare", other, "--chart", kind.id, "--out",
                                           file, "--theme", "dark"});
            EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
            EXPECT_TRUE(finished.err.isEmpty()) << finished.err.toStdString();
            EXPECT_GT(QFileInfo(file).size(), 2000);
        }
    }
    const QString svg = folder.filePath("across.svg");
    EXPECT_EQ(gui({"render", session, "--compare", session, "--chart", "compare-forest", "--out", svg,
                   "--kernel-map", "silu_v2=triton", "--metric", "efficiency", "--threshold", "5"})
                  .status,
              0);
    QFile drawn(svg);
    ASSERT_TRUE(drawn.open(QIODevice::ReadOnly));
    EXPECT_TRUE(drawn.readAll().contains("Ratio of efficiency"));

    const QString page = folder.filePath("report.html");
    EXPECT_EQ(gui({"report", session, "--compare", other, "--out", page}).status, 0);
    QFile report(page);
    ASSERT_TRUE(report.open(QIODevice::ReadOnly));
    const QString html = QString::fromUtf8(report.readAll());
    EXPECT_TRUE(html.contains("<h2>Comparison</h2>"));
    EXPECT_TRUE(html.contains("SLOWER"));
    EXPECT_EQ(html.count("<svg"), 10);

    const QString picture = folder.filePath("window.png");
    const Finished window = gui({"--compare", "--screenshot", picture, session, other});
    EXPECT_EQ(window.status, 0) << window.err.toStdString();
    EXPECT_EQ(QImage(picture).size(), QSize(1280, 800));

    const QString out = folder.filePath("bad.png");
    expectRefused({"render", session, "--chart", "compare-forest", "--out", out}, "--compare");
    expectRefused({"render", session, "--compare", other, "--chart", "time", "--out", out}, "compare-forest");
    expectRefused({"render", session, "--compare", "missing.json", "--chart", "compare-time", "--out", out},
                  "missing.json");
    expectRefused({"render", session, "--compare", other, "--chart", "compare-forest", "--out", out,
                   "--metric", "beauty"},
                  "efficiency");
    expectRefused({"render", session, "--compare", other, "--chart", "compare-forest", "--out", out,
                   "--threshold", "0"},
                  "threshold");
    expectRefused(
        {"render", session, "--compare", other, "--chart", "compare-boxes", "--out", out, "--case", "999"},
        "126");
    expectRefused({"render", session, "--compare", other, "--chart", "compare-boxes", "--out", out,
                   "--kernel-map", "silu_v2"},
                  "BASE=OTHER");
    expectRefused({"--compare", "--screenshot", out, session}, "two sessions");
    expectRefused({"--compare", "--screenshot", out, session, other, "--kernel-map", "a=b"}, "BASE=OTHER");
    EXPECT_FALSE(QFileInfo::exists(out));
}

TEST_F(GuiProgram, RefusesBadRequestsInOneLine) {
    const QString out = folder.filePath("a.png");
    expectRefused({"render", session, "--chart", "pie", "--out", out}, "bandwidth-bars");
    expectRefused({"render", session, "--chart", "time", "--out", folder.filePath("a.gif")}, ".svg");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--size", "huge"}, "huge");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--size", "1x1"}, "1x1");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--dpi", "1e9"}, "dpi");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--theme", "pink"}, "pink");
    expectRefused({"render", session, "--chart", "time", "--out", out, "--baseline", "nonesuch"}, "triton");
    expectRefused({"render", "missing.json", "--chart", "time", "--out", out}, "missing.json");
    expectRefused({"render", session, "--chart", "time", "--out", "/nonexistent/a.png"}, "/nonexistent");
    expectRefused({"render", session, "--out", out}, "--chart");
    expectRefused({"--nonsense"}, "nonsense");
    EXPECT_FALSE(QFileInfo::exists(out));
}

TEST_F(GuiProgram, SaysThatThereIsNoDisplay) {
    expectRefused({session}, "DISPLAY");
    QProcessEnvironment unreachable = headless();
    unreachable.insert("DISPLAY", ":987");
    const Finished finished = run(MOESCOPE_GUI, {session}, unreachable);
    EXPECT_EQ(finished.status, 2);
    EXPECT_EQ(finished.err.trimmed().count('\n'), 0) << finished.err.toStdString();
    EXPECT_TRUE(finished.err.contains("display")) << finished.err.toStdString();
}

TEST_F(GuiProgram, TakesAPictureOfItsWindow) {
    const QString file = folder.filePath("w.png");
    const Finished finished = gui({"--screenshot", file, "--theme", "dark", "--size", "1280x800", session});
    EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
    EXPECT_EQ(QImage(file).size(), QSize(1280, 800));
}

TEST_F(GuiProgram, TheFirstStartShowsARecordedSession) {
    QProcessEnvironment fresh = headless();
    fresh.insert("XDG_CONFIG_HOME", folder.filePath("fresh"));
    const QString first = folder.filePath("first.png");
    const Finished finished = run(MOESCOPE_GUI, {"--screenshot", first, "--theme", "light"}, fresh);
    EXPECT_EQ(finished.status, 0) << finished.err.toStdString();
    EXPECT_TRUE(finished.err.isEmpty()) << finished.err.toStdString();
    // Blue of silu_v2's lines amid the window, where without results a chart has none.
    const QImage image(first);
    int blue = 0;
    for (int y = 150; y < 550; ++y)
        for (int x = 340; x < 1260; ++x) blue += image.pixelColor(x, y) == QColor(0x00, 0x72, 0xb2) ? 1 : 0;
    EXPECT_GT(blue, 300);
}

/// Colours on the screen of an X server that keeps its frame buffer in a file (XWD: a header of 32-bit
/// big-endian words, the first its size, the twentieth the number of colours, 12 bytes each; then pixels of
/// 32 bits).
std::size_t coloursOnScreen(const QString& frame_buffer) {
    QFile file(frame_buffer);
    if (!file.open(QIODevice::ReadOnly)) return 0;
    const QByteArray bytes = file.readAll();
    if (bytes.size() < 100) return 0;
    const auto word = [&](qsizetype index) { return qFromBigEndian<quint32>(bytes.constData() + 4 * index); };
    std::set<quint32> colours;
    for (qsizetype at = word(0) + 12 * word(19); at + 4 <= bytes.size(); at += 4)
        colours.insert(qFromUnaligned<quint32>(bytes.constData() + at));
    return colours.size();
}

TEST_F(GuiProgram, ShowsItsWindowOnAnXServerAndClosesOnRequest) {
    const QString server = QStandardPaths::findExecutable("Xvfb");
    ASSERT_FALSE(server.isEmpty()) << "install xvfb";
    QProcess xvfb;
    xvfb.start(server, {"-displayfd", "1", "-nolisten", "tcp", "-screen", "0", "1280x800x24", "-fbdir",
                        folder.path()});
    ASSERT_TRUE(QTest::qWaitFor([&] { return xvfb.canReadLine(); }, kTimeoutMs));
    QProcessEnvironment environment = headless();
    environment.insert("DISPLAY", ":" + QString::fromUtf8(xvfb.readLine()).trimmed());
    environment.insert("XDG_CONFIG_HOME", folder.filePath("config"));
    environment.insert("XDG_DATA_HOME", folder.filePath("data"));

    // Nothing of the desktop it is tested on.
    environment.insert("DBUS_SESSION_BUS_ADDRESS", "disabled:");

    QProcess program;
    program.setProcessEnvironment(environment);
    program.start(MOESCOPE_GUI, {session});
    EXPECT_TRUE(
        QTest::qWaitFor([&] { return coloursOnScreen(folder.filePath("Xvfb_screen0")) > 50; }, kTimeoutMs))
        << "a window full of text and charts has many colours";
    program.terminate();
    EXPECT_TRUE(program.waitForFinished(kTimeoutMs));
    EXPECT_EQ(program.exitStatus(), QProcess::NormalExit);
    EXPECT_EQ(program.exitCode(), 0);
    EXPECT_TRUE(QFileInfo::exists(folder.filePath("config/moescope/moescope.conf"))) << "it keeps its layout";
    xvfb.terminate();
    EXPECT_TRUE(xvfb.waitForFinished(kTimeoutMs));
}

}  // namespace
}  // namespace moescope::ui
