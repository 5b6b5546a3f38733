// SPDX-License-Identifier: GPL-3.0-or-later

// The window with a real GPU: its worker thread owns the CUDA context, the charts grow while it measures.
// MOESCOPE_PICTURES names a folder for pictures of the window during and after the sweep.

#include <gtest/gtest.h>

#include <QComboBox>
#include <QSettings>
#include <QTest>
#include <cmath>
#include <cstdio>
#include <map>
#include <tuple>

#include "event_loop_probe.h"
#include "moescope/backend_factory.h"
#include "moescope/measurement/runner.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/workload/selection.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 120000;

/// What the window asks of the engine, without a window.
class Collector : public SweepObserver {
  public:
    void on_result(const Result& result) override { results.push_back(result); }
    std::vector<Result> results;
};

class WindowGpuTest : public testing::Test {
  protected:
    void SetUp() override {
        QSettings().clear();
        m_factory = make_backend_factory();
        if (m_factory->devices().front().kind != "cuda")
            GTEST_SKIP() << "no CUDA device here that this build has code for";
        window = std::make_unique<MainWindow>(m_factory);
        window->resize(1280, 800);
        window->show();
        ASSERT_TRUE(waitForPlan());
        QComboBox& devices = window->matrix().deviceBox();
        devices.setCurrentIndex(devices.findData("cuda:0"));
        Selection selection = find_preset("seed").selection;
        selection.kernels = {"silu_v2", "silu_v3", "triton", "stream41"};
        window->matrix().setSelection(selection);
        ASSERT_TRUE(waitForPlan());
    }

    bool waitForPlan() {
        return QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs);
    }
    bool waitForEnd() {
        return QTest::qWaitFor([&] { return !window->sweep().isRunning(); }, kTimeoutMs);
    }
    const std::vector<Result>& results() const { return window->document().session().results; }

    void picture(const char* name) {
        const QString folder = qEnvironmentVariable("MOESCOPE_PICTURES");
        if (folder.isEmpty()) return;
        EXPECT_TRUE(window->grab().save(folder + QLatin1Char('/') + QLatin1String(name)));
    }

    std::shared_ptr<const BackendFactory> m_factory;
    std::unique_ptr<MainWindow> window;
};

TEST_F(WindowGpuTest, ChartsGrowWhileTheGpuIsMeasured) {
    const std::size_t cells = static_cast<std::size_t>(window->matrix().plan()->cells());
    ASSERT_EQ(cells, 252U);
    for (const char* chart : {"bandwidth", "speedup"}) {
        window->charts().showChart(chart);
        test::EventLoopProbe probe;
        std::size_t steps = 0;
        std::size_t last = 0;
        bool pictured = false;
        QTest::keyClick(window.get(), Qt::Key_F5);
        ASSERT_TRUE(window->sweep().isRunning());
        probe.start();
        while (window->sweep().isRunning()) {
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
            if (results().size() != last) ++steps;
            last = results().size();
            if (pictured || last < cells / 2) continue;
            pictured = true;
            probe.stop();  // the picture is the test's, not the window's
            picture((std::string("gpu-window-") + chart + "-half.png").c_str());
            probe.start();
        }
        probe.stop();
        ASSERT_EQ(results().size(), cells);
        EXPECT_GT(steps, cells / 10) << "results are to come as they are measured";
        for (const Result& r : results()) {
            EXPECT_EQ(r.status, Status::ok) << r.kernel << ": " << r.error;
            EXPECT_EQ(r.verification.passed, r.kernel != "stream41")  // which is no operation
                << r.kernel;
        }
        std::printf(
            "WINDOW: %s, %zu cells in %zu steps; event loop waits p50 %.1f, p99 %.1f, worst %.1f ms, %zu "
            "probes\n",
            chart, cells, steps, test::percentile(probe.delays_ms, 0.5),
            test::percentile(probe.delays_ms, 0.99), test::percentile(probe.delays_ms, 1.0),
            probe.delays_ms.size());
        picture((std::string("gpu-window-") + chart + ".png").c_str());
    }
}

TEST_F(WindowGpuTest, MeasuresWhatTheEngineMeasuresAlone) {
    QTest::keyClick(window.get(), Qt::Key_F5);
    ASSERT_TRUE(waitForEnd());
    const Plan plan = *window->matrix().plan();
    Collector alone;
    const auto backend = m_factory->open("cuda:0");
    ASSERT_EQ(run_sweep(plan, *backend, {}, alone, {}), SweepEnd::completed);
    ASSERT_EQ(alone.results.size(), results().size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < alone.results.size(); ++i) {
        ASSERT_EQ(alone.results[i].kernel, results()[i].kernel);
        ratios.push_back(*results()[i].median_us / *alone.results[i].median_us);
    }
    std::printf(
        "WINDOW: median time over that without a window: p5 %.4f, median %.4f, p95 %.4f of %zu cells\n",
        test::percentile(ratios, 0.05), test::percentile(ratios, 0.5), test::percentile(ratios, 0.95),
        ratios.size());
    EXPECT_NEAR(test::percentile(ratios, 0.5), 1.0, 0.02);
}

TEST_F(WindowGpuTest, StopsAndStartsAgain) {
    QTest::keyClick(window.get(), Qt::Key_F5);
    ASSERT_TRUE(QTest::qWaitFor([&] { return results().size() >= 3; }, kTimeoutMs));
    window->cancel();
    ASSERT_TRUE(waitForEnd());
    EXPECT_LT(results().size(), static_cast<std::size_t>(window->matrix().plan()->cells()));
    for (const Result& r : results()) EXPECT_EQ(r.status, Status::ok) << r.error;
    QTest::keyClick(window.get(), Qt::Key_F5);
    ASSERT_TRUE(waitForEnd());
    EXPECT_EQ(results().size(), static_cast<std::size_t>(window->matrix().plan()->cells()));
}

}  // namespace
}  // namespace moescope::ui
