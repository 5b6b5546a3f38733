// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at other sessions while a sweep runs.
#include <gtest/gtest.h>

#include <QDir>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "drop_files.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/plan_panel.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "moescope/ui/window/sweep_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

class DuringSweep : public testing::Test {
  protected:
    DuringSweep() {
        QSettings().clear();
        QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
        FakeDeviceScript script = test::sampleDevice();
        script.before_sample = [] { QThread::usleep(200); };
        window =
            std::make_unique<MainWindow>(std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
        window->sweeps().setNotifier([this](const QString&, const QString& text) { notes << text; });
        window->show();
        Selection selection = find_preset("seed").selection;
        selection.name = "tonight";
        selection.kernels = {"silu_v2", "triton"};
        window->matrix().setSelection(selection);
        EXPECT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
        save_session(test::sampleSession("quick"), other.toStdString());
        window->run();
        EXPECT_TRUE(waitForResults(2));
    }

    const OpenSession* live() const { return window->document().live(); }
    bool waitForResults(std::size_t count) {
        return QTest::qWaitFor([&] { return live() != nullptr && live()->session.results.size() >= count; },
                               kTimeoutMs);
    }
    bool waitForEnd() {
        return QTest::qWaitFor([&] { return !window->sweep().isRunning(); }, kTimeoutMs);
    }

    QTemporaryDir folder;
    QString other = folder.filePath("other.moescope.json");
    QStringList notes;
    std::unique_ptr<MainWindow> window;
};

TEST_F(DuringSweep, AFileOpensAndTheSweepGoesOnBehindIt) {
    ASSERT_TRUE(window->actions().open->isEnabled());
    const int planned = window->plan().model().rowCount();
    ASSERT_TRUE(window->commands().open(other)) << window->messages().text().toStdString();
    EXPECT_TRUE(window->sweep().isRunning());
    EXPECT_EQ(window->document().count(), 2U);
    EXPECT_EQ(window->document().displayName(), "other.moescope.json");
    const std::size_t shown = window->document().session().results.size();
    const std::size_t measured = live()->session.results.size();
    EXPECT_EQ(window->charts().data().planned, nullptr)
        << "charts of the opened file have no places of the sweep's";
    ASSERT_TRUE(waitForResults(measured + 2));
    EXPECT_EQ(window->document().session().results.size(), shown)
        << "the opened file gets no results of the sweep";
    EXPECT_EQ(window->plan().model().rowCount(), planned) << "the sweep's plan stays in view";

    window->document().setShown(0, true);
    window->document().setShown(1, false);
    EXPECT_NE(window->charts().data().planned, nullptr);
    EXPECT_GE(window->document().session().results.size(), measured + 2)
        << "the sweep can be looked at again";
    window->document().setShown(1, true);
    window->document().setShown(0, false);
    window->cancel();
    ASSERT_TRUE(waitForEnd());
    EXPECT_EQ(window->document().session().results.size(), shown);
    EXPECT_EQ(load_session(window->sweepPath().toStdString()).results.size(),
              window->document().at(0).session.results.size());
}

TEST_F(DuringSweep, FilesCanBeDroppedAndRecentOnesChosen) {
    test::drop_files(*window, {QUrl::fromLocalFile(other)});
    EXPECT_EQ(window->document().count(), 2U);
    EXPECT_TRUE(window->actions().recent->isEnabled());
    EXPECT_TRUE(window->sweep().isRunning());
}

TEST_F(DuringSweep, WhatCannotBeDoneSaysWhyAndTheRestCan) {
    const auto obstacle = [](const QAction& action) { return action.statusTip().section("Not now: ", 1); };
    for (const QAction* action :
         {window->actions().save, window->actions().saveAs, window->actions().closeSession}) {
        EXPECT_FALSE(action->isEnabled());
        EXPECT_TRUE(obstacle(*action).contains("a sweep fills this session"))
            << action->statusTip().toStdString();
        EXPECT_TRUE(action->toolTip().contains("a sweep fills this session"));
    }
    EXPECT_FALSE(window->actions().run->isEnabled());
    EXPECT_TRUE(obstacle(*window->actions().run).contains("a sweep runs"));

    ASSERT_TRUE(window->commands().open(other));
    window->document().rename(1, "named meanwhile");
    EXPECT_TRUE(window->actions().save->isEnabled()) << "the opened session is no sweep's";
    EXPECT_EQ(obstacle(*window->actions().save), "");
    window->actions().save->trigger();
    EXPECT_EQ(load_session(other.toStdString()).name, "named meanwhile");
    window->actions().closeSession->trigger();
    EXPECT_EQ(window->document().count(), 1U);
    EXPECT_FALSE(window->actions().closeSession->isEnabled())
        << "the sweep's session is the current one again";
    window->cancel();
    ASSERT_TRUE(waitForEnd());
    EXPECT_TRUE(window->actions().closeSession->isEnabled());
    EXPECT_EQ(obstacle(*window->actions().cancel), "no sweep runs");
}

TEST_F(DuringSweep, TheFileOfTheSessionBeingMeasuredIsNotOpenedOverIt) {
    window->cancel();
    ASSERT_TRUE(waitForEnd());
    const QString mine = folder.filePath("mine.moescope.json");
    ASSERT_TRUE(window->commands().save(mine));
    window->sweeps().appendToAll();
    ASSERT_TRUE(QTest::qWaitFor([&] { return live() != nullptr; }, kTimeoutMs));
    EXPECT_FALSE(window->commands().open(mine));
    EXPECT_TRUE(window->messages().text().contains("is being measured"))
        << window->messages().text().toStdString();
    EXPECT_EQ(window->document().count(), 1U);
}

TEST_F(DuringSweep, TheEndIsToldOfTheSessionThatWasSwept) {
    ASSERT_TRUE(window->commands().open(other));
    QWidget elsewhere;
    elsewhere.show();
    elsewhere.activateWindow();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !window->isActiveWindow(); }, kTimeoutMs));
    ASSERT_TRUE(waitForEnd());
    ASSERT_EQ(notes.size(), 1);
    EXPECT_FALSE(notes[0].contains("other.moescope.json")) << notes[0].toStdString();
    EXPECT_TRUE(notes[0].startsWith(window->document().at(0).displayName())) << notes[0].toStdString();
}

}  // namespace
}  // namespace moescope::ui
