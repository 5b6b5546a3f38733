// SPDX-License-Identifier: GPL-3.0-or-later
// How long the window's event loop keeps an event waiting while a sweep streams in, and how long the window
// takes to start and to load many results. Prints figures; a test only of that it runs, as figures are the
// machine's. Run it alone: event_loop_benchmark
#include <QApplication>
#include <QElapsedTimer>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <clocale>
#include <cstdio>
#include <vector>

#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/window/main_window.h"
#include "sample_session.h"

namespace {

using namespace moescope;

double milliseconds(const QElapsedTimer& timer) {
    return static_cast<double>(timer.nsecsElapsed()) * 1e-6;
}

/// A timer that is due every 2 ms; what it is late by is what any event would have waited.
class Probe : public QObject {
  public:
    Probe() {
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(kIntervalMs);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            delays_ms.push_back(std::max(0.0, milliseconds(m_since) - kIntervalMs));
            m_since.restart();
        });
    }
    void start() {
        m_since.start();
        m_timer.start();
    }
    void stop() { m_timer.stop(); }
    std::vector<double> delays_ms;

  private:
    static constexpr int kIntervalMs = 2;
    QTimer m_timer;
    QElapsedTimer m_since;
};

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0.0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
    const QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.filePath("config").toUtf8());
    qputenv("XDG_DATA_HOME", home.filePath("data").toUtf8());
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    QElapsedTimer timer;
    timer.start();
    QCoreApplication::setOrganizationName("moescope");
    QCoreApplication::setApplicationName("moescope");
    const QApplication app(argc, argv);
    std::setlocale(LC_NUMERIC, "C");

    std::atomic<std::int64_t> samples = 0;
    FakeDeviceScript script = ui::test::sampleDevice();
    script.before_sample = [&] {
        ++samples;
        QThread::usleep(100);  // some thousands of samples a second
    };
    auto window =
        std::make_unique<ui::MainWindow>(std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
    window->show();
    QCoreApplication::processEvents();
    std::printf("window shown after                %8.1f ms\n", milliseconds(timer));

    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "triton"};
    window->matrix().setSelection(selection);
    if (!QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, 30000)) return 1;
    for (const ui::ChartKind& kind : ui::chartKinds()) {
        window->charts().showChart(kind.id);
        if (!QTest::qWaitFor([&] { return window->actions().run->isEnabled(); }, 30000)) return 1;
        QTest::qWait(50);
        samples = 0;
        Probe probe;
        timer.restart();
        window->run();
        probe.start();
        while (window->sweep().isRunning()) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        probe.stop();
        const double seconds = milliseconds(timer) / 1000.0;
        std::printf(
            "%-16s %6.0f samples/s, event loop delay: p50 %5.2f, p99 %6.2f, max %6.2f ms (%zu probes)\n",
            qPrintable(kind.id), static_cast<double>(samples) / seconds, percentile(probe.delays_ms, 0.5),
            percentile(probe.delays_ms, 0.99), percentile(probe.delays_ms, 1.0), probe.delays_ms.size());
    }

    Session many = ui::test::sampleSession(selection);
    const std::vector<Result> once = many.results;
    while (many.results.size() < 100000) many.results.insert(many.results.end(), once.begin(), once.end());
    window->charts().showChart("imbalance");
    timer.restart();
    window->document().open(many, {});
    const double table = milliseconds(timer);
    window->charts().refresh();
    QCoreApplication::processEvents();
    std::printf("%zu results in the table after %.1f ms, with the imbalance chart after %.1f ms\n",
                many.results.size(), table, milliseconds(timer));
    return 0;
}
