// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring some cells once more, appending repetitions, the state of each cell and the notification at the
// end.
#include <gtest/gtest.h>

#include <QDir>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <atomic>

#include "moescope/session/session_file.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/plan_panel.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "moescope/ui/window/sweep_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

class SweepAgain : public testing::Test {
  protected:
    SweepAgain() {
        QSettings().clear();
        QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
        FakeDeviceScript script = test::sampleDevice();
        script.before_sample = [this] {
            ++samples;
            if (slow) QThread::usleep(2000);
        };
        window =
            std::make_unique<MainWindow>(std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
        window->sweeps().setNotifier(
            [this](const QString& title, const QString& text) { notes << title + "|" + text; });
        window->show();
        Selection selection = find_preset("seed").selection;
        selection.experts = {8};
        selection.kernels = {"silu_v2", "triton"};
        window->matrix().setSelection(selection);
        EXPECT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
    }

    void runWhole() {
        window->run();
        ASSERT_TRUE(waitForEnd());
        ASSERT_EQ(window->document().session().results.size(), 42U);
    }
    bool waitForEnd() {
        return QTest::qWaitFor([&] { return !window->sweep().isRunning(); }, kTimeoutMs);
    }
    /// Begins, after the plan is made, and ends.
    bool waitForAgain() {
        return QTest::qWaitFor([&] { return window->sweep().isRunning(); }, kTimeoutMs) && waitForEnd();
    }
    void select(const std::vector<int>& rows) {
        QItemSelectionModel& selection = *window->results().table().selectionModel();
        selection.clear();
        for (const int row : rows)
            selection.select(window->results().table().model()->index(row, 0),
                             QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    QString planText(int row, int column) {
        return window->plan().model().index(row, column).data().toString();
    }

    std::atomic<int> samples = 0;
    std::atomic<bool> slow = false;
    QStringList notes;
    std::unique_ptr<MainWindow> window;
};

TEST_F(SweepAgain, SelectedCellsAreMeasuredOnceMoreAndNoOthers) {
    runWhole();
    const Session before = window->document().session();
    const QString first_path = window->sweepPath();
    samples = 0;
    select({3, 7});
    window->actions().measureAgain->trigger();
    ASSERT_TRUE(waitForAgain());
    const Session& after = window->document().session();
    ASSERT_EQ(after.results.size(), 42U);
    std::size_t measured = 0;
    for (std::size_t i = 0; i < 42; ++i) {
        EXPECT_EQ(cell_key(after.results[i]), cell_key(before.results[i]));
        const bool again = i == 3 || i == 7;
        EXPECT_EQ(after.results[i].samples_us != before.results[i].samples_us, again) << i;
        if (again) measured += after.results[i].samples_us.size();
        EXPECT_TRUE(after.results[i].repetitions.empty());
    }
    EXPECT_GE(static_cast<std::size_t>(samples.load()), measured);
    EXPECT_LT(static_cast<std::size_t>(samples.load()), 4 * measured) << "others were measured too";
    EXPECT_EQ(after.peaks.measured_gbps, before.peaks.measured_gbps) << "all results share one scale";
    EXPECT_NE(window->sweepPath(), first_path);
    EXPECT_EQ(load_session(first_path.toStdString()).results[3].samples_us, before.results[3].samples_us)
        << "the file of before is as it was";
    EXPECT_EQ(load_session(window->sweepPath().toStdString()).results.size(), 42U);
    EXPECT_EQ(window->results().selectedIndices().size(), 2U) << "the table keeps its selection";
}

TEST_F(SweepAgain, RepetitionsAreAppendedWithWhoTookThem) {
    runWhole();
    const Session before = window->document().session();
    select({5});
    window->actions().append->trigger();
    ASSERT_TRUE(waitForAgain());
    const Result& once = before.results[5];
    const Result twice = window->document().session().results[5];
    ASSERT_EQ(twice.repetitions.size(), 2U);
    EXPECT_EQ(twice.repetitions[0].session, before.id);
    EXPECT_NE(twice.repetitions[1].session, before.id);
    EXPECT_EQ(twice.repetitions[0].samples, static_cast<int>(once.samples_us.size()));
    ASSERT_GT(twice.samples_us.size(), once.samples_us.size());
    EXPECT_TRUE(std::equal(once.samples_us.begin(), once.samples_us.end(), twice.samples_us.begin()));
    EXPECT_EQ(window->document().session().results[6].samples_us, before.results[6].samples_us);

    select({});
    window->actions().append->trigger();  // nothing selected: all of the session
    ASSERT_TRUE(waitForAgain());
    for (const Result& r : window->document().session().results)
        EXPECT_EQ(r.repetitions.size(), cell_key(r) == cell_key(twice) ? 3U : 2U);
    const Session saved = load_session(window->sweepPath().toStdString());
    EXPECT_EQ(saved.results[5].repetitions.size(), 3U);
}

TEST_F(SweepAgain, AFileOfTheUsersIsNotTouchedUntilItIsSaved) {
    runWhole();
    const QTemporaryDir folder;
    const QString path = folder.filePath("mine.moescope.json");
    ASSERT_TRUE(window->commands().save(path));
    const Session before = load_session(path.toStdString());
    select({0});
    window->actions().measureAgain->trigger();
    ASSERT_TRUE(waitForAgain());
    EXPECT_EQ(session_to_json(load_session(path.toStdString())), session_to_json(before));
    EXPECT_TRUE(window->isWindowModified());
    window->actions().save->trigger();
    EXPECT_NE(load_session(path.toStdString()).results[0].samples_us, before.results[0].samples_us);
}

TEST_F(SweepAgain, WhatCannotBeMeasuredHereIsSaid) {
    Session elsewhere = test::sampleSession("seed");
    elsewhere.environment.device.name = "some other GPU";
    window->document().open(elsewhere, {});
    select({0});
    window->actions().measureAgain->trigger();
    EXPECT_TRUE(window->messages().text().contains("some other GPU"));
    EXPECT_FALSE(window->sweep().isRunning());

    Session imported = test::sampleSession("seed");
    imported.results[0].imported_from = "vllm-log";
    window->document().open(imported, {});
    select({0});
    window->actions().measureAgain->trigger();
    EXPECT_TRUE(window->messages().text().contains("vllm-log"));

    Session foreign = test::sampleSession("seed");
    foreign.environment.device = window->matrix().devices().front().device;
    foreign.results[0].c.shape.hidden = 1024;  // its matrix has 7168 only
    window->document().open(foreign, {});
    select({0});
    window->actions().measureAgain->trigger();
    EXPECT_TRUE(
        QTest::qWaitFor([&] { return window->messages().text().contains("does not lead to"); }, kTimeoutMs));
    select({});
    window->actions().measureAgain->trigger();
    EXPECT_TRUE(window->messages().text().contains("select rows"));
    EXPECT_FALSE(window->sweep().isRunning());
}

TEST_F(SweepAgain, ThePlanTellsHowFarEachCellIs) {
    slow = true;
    const PlanModel& plan = window->plan().model();
    const int v2 = PlanModel::kColumnCount;
    ASSERT_EQ(plan.columnCount(), v2 + 2);
    EXPECT_EQ(plan.headerData(v2, Qt::Horizontal, Qt::DisplayRole).toString(), "silu_v2");
    EXPECT_EQ(planText(0, PlanModel::kState), "ready");
    EXPECT_EQ(planText(0, v2), "");
    window->run();
    EXPECT_EQ(planText(20, PlanModel::kState), "waiting");
    EXPECT_EQ(planText(20, v2), "waiting");
    EXPECT_TRUE(QTest::qWaitFor([&] { return planText(0, v2) == "measuring"; }, kTimeoutMs));
    ASSERT_TRUE(QTest::qWaitFor([&] { return planText(0, PlanModel::kState) == "done"; }, kTimeoutMs));
    EXPECT_EQ(planText(0, v2), "ok");
    EXPECT_EQ(planText(20, PlanModel::kState), "waiting");
    window->cancel();
    ASSERT_TRUE(waitForEnd());
    EXPECT_EQ(planText(20, PlanModel::kState), "ready");
    EXPECT_EQ(planText(0, PlanModel::kState), "done");
}

TEST_F(SweepAgain, ThePlanKeepsWhatWasMeasuredBeforeWhileCellsAreMeasuredAgain) {
    runWhole();
    const int v2 = PlanModel::kColumnCount;
    const auto row_of = [&](const Result& r) {
        int row = 0;
        while (!(window->matrix().plan()->cases[static_cast<std::size_t>(row)].c == r.c)) ++row;
        return row;
    };
    const Result chosen = window->document().session().results[6];
    const int row = row_of(chosen);
    const int column = v2 + (chosen.kernel == "silu_v2" ? 0 : 1);
    slow = true;
    select({6});
    window->actions().append->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->sweep().isRunning(); }, kTimeoutMs));
    EXPECT_NE(planText(row, column), "ok") << "is measured again";
    EXPECT_EQ(planText(row, PlanModel::kState), "1 of 2 cells");
    EXPECT_EQ(planText(row == 0 ? 1 : 0, PlanModel::kState), "done") << "is as it was";
    ASSERT_TRUE(waitForEnd());
    for (int at = 0; at < window->plan().model().rowCount(); ++at)
        EXPECT_EQ(planText(at, PlanModel::kState), "done") << at;
}

TEST_F(SweepAgain, APlanEditedDuringASweepDoesNotWaitForIt) {
    slow = true;
    window->run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return planText(0, PlanModel::kState) == "done"; }, kTimeoutMs));
    Selection selection = *window->matrix().selection();
    selection.group_size = {64, 128};
    window->matrix().setSelection(selection);
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->plan().model().rowCount() == 42; }, kTimeoutMs));
    int measuring = 0;
    for (int row = 0; row < 42; ++row) {
        const QString state = planText(row, PlanModel::kState);
        const bool swept = planText(row, PlanModel::kGroupSize) == "128";
        EXPECT_EQ(state == "ready", !swept) << row << ": " << state.toStdString();
        measuring += state == "measuring" ? 1 : 0;
    }
    EXPECT_LE(measuring, 1);
    window->cancel();
    ASSERT_TRUE(waitForEnd());
}

TEST_F(SweepAgain, AnotherSessionsPlanKnowsNothingOfTheSweep) {
    runWhole();
    EXPECT_EQ(planText(0, PlanModel::kState), "done");
    const QTemporaryDir folder;
    const QString path = folder.filePath("other.moescope.json");
    Session other = window->document().session();
    other.id += "-other";
    save_session(other, path.toStdString());
    ASSERT_TRUE(window->commands().open(path));
    EXPECT_EQ(planText(0, PlanModel::kState), "ready");
}

TEST_F(SweepAgain, TheEndIsToldToSomebodyWhoLooksElsewhere) {
    QWidget other;
    other.show();
    other.activateWindow();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !window->isActiveWindow(); }, kTimeoutMs));
    runWhole();
    ASSERT_EQ(notes.size(), 1);
    EXPECT_TRUE(notes[0].startsWith("The sweep is done|"));
    EXPECT_TRUE(notes[0].contains("42 cells")) << notes[0].toStdString();

    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->isActiveWindow(); }, kTimeoutMs));
    runWhole();
    EXPECT_EQ(notes.size(), 1) << "who looks at the window sees it";
}

}  // namespace
}  // namespace moescope::ui
