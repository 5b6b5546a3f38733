// SPDX-License-Identifier: GPL-3.0-or-later

// "Retry throttled" of the builder, all the way to the results.

#include <gtest/gtest.h>

#include <QSettings>
#include <QTest>
#include <atomic>
#include <set>

#include "moescope/measurement/telemetry.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/window/main_window.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

TEST(Retry, MeasuresAgainAndKeepsEachCellOnce) {
    QSettings().clear();
    std::atomic<int> readings = 0;
    FakeDeviceScript script = test::sampleDevice();
    script.telemetry = [&readings]() -> std::optional<TelemetryReading> {
        TelemetryReading reading{.sm_clock_mhz = 1980.0, .memory_clock_mhz = 2619.0};
        // The ceilings come first; then the first cells are held back.
        const int at = ++readings;
        if (at > 1 && at < 4) reading.reasons = {"power_cap"};
        return reading;
    };
    MainWindow window(std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
    window.show();
    Selection selection = find_preset("seed").selection;
    selection.experts = {8};
    selection.kernels = {"silu_v2", "triton"};
    window.matrix().setSelection(selection);
    window.matrix().measure().retries().setValue(2);
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.matrix().plan() != nullptr; }, kTimeoutMs));
    window.run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !window.sweep().isRunning(); }, kTimeoutMs));

    const auto check = [](const Session& session) {
        std::set<std::string> cells;
        int again = 0;
        for (const Result& result : session.results) {
            EXPECT_TRUE(cells.insert(cell_key(result)).second) << cell_key(result);
            const CellTelemetry telemetry = telemetry_from_json(result.telemetry);
            again += telemetry.retries > 0 ? 1 : 0;
            EXPECT_FALSE(telemetry.flagged()) << cell_key(result);
        }
        EXPECT_EQ(cells.size(), 42U);
        EXPECT_GT(again, 0);
    };
    check(window.document().session());
    check(load_session(window.sweepPath().toStdString()));
}

}  // namespace
}  // namespace moescope::ui
