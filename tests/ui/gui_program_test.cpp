// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>
#include <set>

#include "moescope/session/session_file.h"
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
