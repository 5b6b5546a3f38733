// SPDX-License-Identifier: GPL-3.0-or-later
// The telemetry strip, live and for a session that was opened.
#include <gtest/gtest.h>
#include <qcustomplot.h>

#include <QDockWidget>
#include <QSettings>
#include <QTest>

#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/telemetry_panel.h"
#include "moescope/ui/window/main_window.h"
#include "sample_session.h"
#include "text_recorder.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

/// A device that warms up and is held back in every tenth reading.
FakeDeviceScript warmingDevice() {
    FakeDeviceScript script = test::sampleDevice();
    script.telemetry = [reading = 0]() mutable -> std::optional<TelemetryReading> {
        ++reading;
        TelemetryReading now;
        now.sm_clock_mhz = 1980.0;
        now.memory_clock_mhz = 2619.0;
        now.temperature_c = 40.0 + 0.1 * reading;
        now.power_w = 300.0 + reading % 7;
        if (reading % 10 == 0) now.reasons = {"power_cap"};
        return now;
    };
    return script;
}

Selection smallSelection() {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "triton"};
    return selection;
}

Session withTelemetry() {
    Session session = test::sampleSession(smallSelection());
    for (std::size_t i = 0; i < session.results.size(); ++i) {
        CellTelemetry cell;
        cell.readings = 3;
        const double heat = static_cast<double>(i) / 10.0;
        cell.sm_clock_mhz = Spread{1900.0, 1965.0, 1980.0};
        cell.temperature_c = Spread{40.0 + heat, 41.0 + heat, 42.0 + heat};
        cell.power_w = Spread{300.0, 400.0, 500.0};
        if (i % 20 == 3) cell.flags = {"power_cap"};
        if (i == 23) cell.flags.push_back("sm_clock");
        session.results[i].telemetry = telemetry_to_json(cell);
    }
    return session;
}

class Telemetry : public testing::Test {
  protected:
    MainWindow& open(const FakeDeviceScript& script) {
        QSettings().clear();
        window =
            std::make_unique<MainWindow>(std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
        window->show();
        window->findChild<QDockWidget*>("dock.telemetry")->raise();
        QCoreApplication::processEvents();
        return *window;
    }
    TelemetryPanel& panel() { return window->telemetry(); }
    QCustomPlot& plot() { return *panel().findChild<QCustomPlot*>(); }
    bool waitForCells(std::size_t count) {
        return QTest::qWaitFor([&] { return panel().cells().size() == count && plot().isVisible(); },
                               kTimeoutMs);
    }
    std::unique_ptr<MainWindow> window;
};

TEST_F(Telemetry, OneLineOfTextWhereThereIsNone) {
    open(test::sampleDevice());
    EXPECT_EQ(panel().text().text(), "No results yet");
    window->document().open(test::sampleSession(smallSelection()), {});
    panel().updateNow();
    EXPECT_TRUE(panel().text().isVisible());
    EXPECT_TRUE(panel().text().text().startsWith("No telemetry in this session"));
    EXPECT_FALSE(panel().plot().isVisible());
}

TEST_F(Telemetry, ShowsAnOpenedSessionAndMarksFlaggedCells) {
    open(test::sampleDevice());
    window->document().open(withTelemetry(), {});
    ASSERT_TRUE(waitForCells(126));
    EXPECT_FALSE(panel().text().isVisible());
    EXPECT_EQ(plot().axisRectCount(), 3) << "no memory clock was told";
    std::vector<int> flagged;
    for (int i = 0; i < plot().graphCount(); ++i)
        if (plot().graph(i)->name() == "flagged") flagged.push_back(plot().graph(i)->dataCount());
    EXPECT_EQ(flagged, (std::vector<int>{7, 7, 7})) << "in every panel";
    EXPECT_EQ(flaggedText(panel().cells()), "7 of 126 cells flagged (power_cap 7, sm_clock 1)");
    const QString text = panel().readOut(23);
    for (const char* part :
         {"Cell 24", "SM clock 1,965 MHz (1,900 to 1,980)", "400 W", "power_cap, sm_clock"})
        EXPECT_TRUE(text.contains(part)) << part << " in " << text.toStdString();
    window->document().open(test::sampleSession(smallSelection()), {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return panel().text().isVisible(); }, kTimeoutMs));
}

TEST_F(Telemetry, AClickOnACellSelectsItsCase) {
    open(test::sampleDevice());
    window->document().open(withTelemetry(), {});
    ASSERT_TRUE(waitForCells(126));
    plot().replot();
    QCPAxisRect& clock = *plot().axisRect(0);
    const QPointF at(clock.axis(QCPAxis::atBottom)->coordToPixel(60),
                     clock.axis(QCPAxis::atLeft)->coordToPixel(1965));
    QTest::mouseClick(&plot(), Qt::LeftButton, {}, at.toPoint());
    ASSERT_NE(window->charts().data().selected, nullptr);
    bool near = false;
    for (std::size_t i = 56; i < 64; ++i)
        near |= window->document().session().results[i].c == *window->charts().data().selected;
    EXPECT_TRUE(near);
}

TEST_F(Telemetry, TheCellsOfACasePickedElsewhereAreHighlighted) {
    open(test::sampleDevice());
    window->document().open(withTelemetry(), {});
    ASSERT_TRUE(waitForCells(126));
    const auto rings = [&] {
        int count = 0;
        for (int i = 0; i < plot().graphCount(); ++i)
            count += plot().graph(i)->scatterStyle().shape() == QCPScatterStyle::ssCircle ? 1 : 0;
        return count;
    };
    EXPECT_EQ(rings(), 0);
    emit window->charts().resultPicked(60);
    EXPECT_TRUE(QTest::qWaitFor([&] { return rings() == 2 * plot().axisRectCount(); }, kTimeoutMs))
        << "both kernels of the case, in every strip";
}

TEST_F(Telemetry, GrowsWhileASweepRuns) {
    open(warmingDevice());
    window->matrix().setSelection(smallSelection());
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
    window->run();
    ASSERT_TRUE(waitForCells(126));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !window->sweep().isRunning(); }, kTimeoutMs));
    EXPECT_EQ(plot().axisRectCount(), 4);
    EXPECT_TRUE(panel().cells().front().temperature_c->median < panel().cells().back().temperature_c->median);
    EXPECT_FALSE(flaggedText(panel().cells()).contains("no cell"));
}

TEST(TelemetryChartTest, NoLabelOverlapsInADock) {
    const Session session = withTelemetry();
    std::vector<CellTelemetry> cells;
    for (const Result& r : session.results) cells.push_back(telemetry_from_json(r.telemetry));
    for (const QSize size : {QSize(400, 120), QSize(600, 140), QSize(1280, 300)})
        for (const std::size_t count : {std::size_t{1}, std::size_t{2}, cells.size()}) {
            SCOPED_TRACE(size.width());
            const std::vector<CellTelemetry> some(cells.begin(),
                                                  cells.begin() + static_cast<std::ptrdiff_t>(count));
            TelemetryChart chart;
            ChartData data;
            data.session = &session;
            chart.setCells(some);
            chart.show(data, {Theme::light(), false, true});
            test::TextRecorder recorder(size);
            chart.paint(recorder, size, 1.0);
            EXPECT_EQ(test::overlaps(recorder.texts()).join('\n').toStdString(), "");
            EXPECT_EQ(test::cutOff(recorder.texts(), size).join('\n').toStdString(), "");
        }
}

}  // namespace
}  // namespace moescope::ui
