// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of the window, each with its target: start, 100,000 results opened from a file, a million samples
// drawn and panned, and how long the event loop keeps an event waiting while a sweep streams in, with every
// chart. Prints a table. No test, as figures are the machine's. Run it alone: window_benchmark [PART]...
#include <qcustomplot.h>
#include <unistd.h>

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "event_loop_probe.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "sample_session.h"

namespace {

using namespace moescope;

constexpr std::size_t kManyResults = 100000;
constexpr std::size_t kManySamples = 1000000;
constexpr std::size_t kLeastProbes = 2000;
constexpr int kTimeoutMs = 60000;

double milliseconds(const QElapsedTimer& timer) {
    return static_cast<double>(timer.nsecsElapsed()) * 1e-6;
}

void row(const char* what, double value, const char* unit, const char* target, const std::string& more = {}) {
    std::printf("%-44s %9.1f %-4s %-16s %s\n", what, value, unit, target, more.c_str());
    std::fflush(stdout);
}

/// Since the kernel started this process, in its own ticks of 10 ms.
double sinceProcessStart() {
    std::ifstream stat("/proc/self/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string field;
    for (int i = 0; i < 20; ++i) fields >> field;
    std::ifstream uptime("/proc/uptime");
    double now = 0.0;
    uptime >> now;
    return 1000.0 * (now - std::stod(field) / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

using ui::test::EventLoopProbe;
using ui::test::percentile;

struct Bench {
    std::atomic<std::int64_t> samples = 0;
    std::unique_ptr<ui::MainWindow> window;
    QTemporaryDir folder;

    void start() {
        QElapsedTimer timer;
        timer.start();
        FakeDeviceScript script = ui::test::sampleDevice();
        script.before_sample = [this] {
            ++samples;
            QThread::usleep(100);  // some thousands of samples a second
        };
        window = std::make_unique<ui::MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
        window->show();
        QCoreApplication::processEvents();
        row("start: process to painted window", sinceProcessStart(), "ms", "< 500");
        row("start: window made and painted", milliseconds(timer), "ms", "");
    }

    Selection seed() const {
        Selection selection = find_preset("seed").selection;
        selection.kernels = {"silu_v2", "triton"};
        return selection;
    }

    /// Cases that differ, as they would: experts, tokens, strategies, kernels.
    Session manyResults() const {
        Session session = ui::test::sampleSession(seed());
        const std::vector<Result> once = session.results;
        for (Result& r : session.results) r.samples_us.resize(std::min<std::size_t>(r.samples_us.size(), 20));
        std::size_t round = 0;
        while (session.results.size() < kManyResults) {
            ++round;
            for (const Result& each : once) {
                if (session.results.size() == kManyResults) break;
                session.results.push_back(each);
                Result& r = session.results.back();
                r.samples_us.resize(std::min<std::size_t>(r.samples_us.size(), 20));
                r.c.total_tokens += static_cast<std::int64_t>(round % 40) * 8;
                r.c.shape.hidden = 1024 + 128 * static_cast<std::int64_t>(round / 40);
            }
        }
        return session;
    }

    void load() {
        const std::string path = folder.filePath("many.moescope.json").toStdString();
        save_session(manyResults(), path);
        QElapsedTimer timer;
        for (const char* chart : {"bandwidth", "imbalance"}) {
            window->charts().showChart(chart);
            window->document().closeAll();
            QCoreApplication::processEvents();
            timer.start();
            Session session = load_session(path);
            const double read = milliseconds(timer);
            timer.restart();
            window->document().open(std::move(session), {});
            const double table = milliseconds(timer);
            window->charts().refresh();
            QCoreApplication::processEvents();
            const double shown = milliseconds(timer);
            char more[160];
            std::snprintf(more, sizeof more, "file read %.0f, table %.0f, %s chart painted %.0f", read, table,
                          chart, shown);
            row("100,000 results: file to picture", read + shown, "ms", "< 1,000", more);
        }
        window->document().closeAll();
    }

    void draw() {
        Session session = ui::test::sampleSession(seed());
        session.results.resize(1);
        Result& r = session.results.front();
        r.samples_us.resize(kManySamples);
        for (std::size_t i = 0; i < kManySamples; ++i) {
            const auto x = static_cast<double>(i);
            r.samples_us[i] =
                10.0 + std::sin(x * 1e-4) + 0.5 * std::sin(x * 1.7) + (i % 9973 == 0 ? 3.0 : 0.0);
        }
        window->resize(1280, 800);
        window->charts().showChart("samples");
        QElapsedTimer timer;
        timer.start();
        window->document().open(session, {});
        window->charts().refresh();
        QCoreApplication::processEvents();
        row("1,000,000 samples: first picture", milliseconds(timer), "ms", "");
        QTest::qWait(500);  // the refresh that opening asked for makes the axes anew
        auto& plot = *window->charts().findChild<QCustomPlot*>();
        QCPAxis& axis = *plot.axisRect(0)->axis(QCPAxis::atBottom);
        for (const double share : {1.0, 0.3, 0.01}) {
            const double width = share * static_cast<double>(kManySamples);
            axis.setRange(0.0, width);
            std::vector<double> frames;
            for (int i = 0; i < 120; ++i) {
                timer.restart();
                axis.moveRange(width / 400.0);  // as a drag does
                plot.replot();
                QCoreApplication::processEvents();
                frames.push_back(milliseconds(timer));
            }
            char more[120];
            std::snprintf(more, sizeof more, "%.0f %% in view: median %.1f, worst %.1f ms", 100 * share,
                          percentile(frames, 0.5), percentile(frames, 1.0));
            row("1,000,000 samples: a panned frame, p95", percentile(frames, 0.95), "ms", "< 16.7", more);
        }
        window->document().closeAll();
    }

    void sweep() {
        window->matrix().setSelection(seed());
        for (const ui::ChartKind& kind : ui::chartKinds()) {
            window->charts().showChart(kind.id);
            EventLoopProbe probe;
            double seconds = 0.0;
            samples = 0;
            while (probe.delays_ms.size() < kLeastProbes) {
                if (!QTest::qWaitFor([&] { return window->actions().run->isEnabled(); }, kTimeoutMs)) return;
                QElapsedTimer timer;
                timer.start();
                // A loop of its own, as the program has: without one nothing that is deleted later ever is,
                // and what waits for it keeps the loop spinning.
                QEventLoop loop;
                QObject::connect(&window->sweep(), &ui::SweepController::finished, &loop, &QEventLoop::quit);
                window->run();
                probe.start();
                if (window->sweep().isRunning()) loop.exec();
                probe.stop();
                seconds += milliseconds(timer) / 1000.0;
            }
            char more[160];
            std::snprintf(more, sizeof more, "p50 %.1f, worst %.1f (target < 50); %.0f samples/s, %zu probes",
                          percentile(probe.delays_ms, 0.5), percentile(probe.delays_ms, 1.0),
                          static_cast<double>(samples) / seconds, probe.delays_ms.size());
            row(("event loop in a sweep, " + kind.id.toStdString() + ", p99").c_str(),
                percentile(probe.delays_ms, 0.99), "ms", "< 16", more);
        }
    }
};

}  // namespace

int main(int argc, char** argv) {
    const QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.filePath("config").toUtf8());
    qputenv("XDG_DATA_HOME", home.filePath("data").toUtf8());
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    QCoreApplication::setOrganizationName("moescope");
    QCoreApplication::setApplicationName("moescope");
    const QApplication app(argc, argv);
    std::setlocale(LC_NUMERIC, "C");
    std::set<std::string> parts(argv + 1, argv + argc);
    for (const std::string& part : parts)
        if (part != "load" && part != "draw" && part != "sweep") {
            std::fprintf(stderr, "window_benchmark: '%s' is no part: give load, draw, sweep or nothing\n",
                         part.c_str());
            return 2;
        }
    std::printf("%-44s %9s %-4s %-16s\n", "figure", "measured", "", "target");
    Bench bench;
    bench.start();
    const auto wanted = [&](const char* part) { return parts.empty() || parts.count(part) > 0; };
    if (wanted("load")) bench.load();
    if (wanted("draw")) bench.draw();
    if (wanted("sweep")) bench.sweep();
    return 0;
}
