// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/main_window.h"

#include <gtest/gtest.h>

#include <QAbstractItemDelegate>
#include <QClipboard>
#include <QDir>
#include <QDockWidget>
#include <QGuiApplication>
#include <QHeaderView>
#include <QSettings>
#include <QStandardPaths>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/load_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/plan_panel.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/panels/sessions_panel.h"
#include "moescope/ui/panels/sweep_status.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/session_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

class Window : public testing::Test {
  protected:
    Window() {
        QSettings().clear();
        QDir(dataFolder()).removeRecursively();
    }

    static QString dataFolder() { return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation); }
    QString path(const QString& name) const { return folder.filePath(name); }

    MainWindow& open(const FakeDeviceScript& script = test::sampleDevice()) {
        window =
            std::make_unique<MainWindow>(std::shared_ptr<const BackendFactory>(make_fake_factory(script)));
        window->show();
        EXPECT_TRUE(waitForPlan());
        return *window;
    }
    bool waitForPlan() {
        return QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs);
    }
    bool waitForEnd() {
        return QTest::qWaitFor([&] { return !window->sweep().isRunning(); }, kTimeoutMs);
    }
    std::size_t resultCount() const { return window->document().session().results.size(); }
    void chooseSeed() {
        Selection selection = find_preset("seed").selection;
        selection.kernels = {"silu_v2", "triton"};
        window->matrix().setSelection(selection);
        ASSERT_TRUE(waitForPlan());
    }
    static FakeDeviceScript slowDevice() {
        FakeDeviceScript script = test::sampleDevice();
        script.before_sample = [] { QThread::usleep(200); };
        return script;
    }

    QTemporaryDir folder;
    std::unique_ptr<MainWindow> window;
};

TEST_F(Window, RunsTheSeedPresetLive) {
    open();
    chooseSeed();
    EXPECT_TRUE(window->actions().run->isEnabled());
    EXPECT_FALSE(window->actions().cancel->isEnabled());
    QTest::keyClick(window.get(), Qt::Key_F5);
    EXPECT_TRUE(window->sweep().isRunning());
    EXPECT_FALSE(window->actions().run->isEnabled());
    EXPECT_TRUE(window->status().bar().isVisible());
    ASSERT_TRUE(waitForEnd());
    ASSERT_TRUE(QTest::qWaitFor([&] { return resultCount() == 126; }, kTimeoutMs));
    EXPECT_EQ(window->results().table().model()->rowCount(), 126);
    EXPECT_TRUE(window->status().label().text().contains("126 cells"))
        << window->status().label().text().toStdString();
    EXPECT_TRUE(window->status().label().text().contains(window->sweepPath()));
    EXPECT_EQ(load_session(window->sweepPath().toStdString()).results.size(), 126U);
    EXPECT_TRUE(recentSessions().contains(window->sweepPath()));
    EXPECT_FALSE(window->isWindowModified()) << "all of it is in that file";
    EXPECT_TRUE(window->document().path().isEmpty()) << "Ctrl+S asks where to";
}

TEST_F(Window, EscapeCancelsAndKeepsWhatIsDone) {
    open(slowDevice());
    chooseSeed();
    window->actions().run->trigger();
    ASSERT_TRUE(QTest::qWaitFor([&] { return resultCount() >= 2; }, kTimeoutMs));
    QTest::keyClick(window.get(), Qt::Key_Escape);
    ASSERT_TRUE(waitForEnd());
    EXPECT_LT(resultCount(), 126U);
    EXPECT_TRUE(window->status().label().text().startsWith("Cancelled"));
    EXPECT_EQ(load_session(window->sweepPath().toStdString()).results.size(), resultCount());
    EXPECT_TRUE(window->actions().run->isEnabled()) << "and it can run again";
}

TEST_F(Window, F6HoldsTheSweepAndGoesOn) {
    open(slowDevice());
    chooseSeed();
    EXPECT_FALSE(window->actions().pause->isEnabled());
    window->run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return resultCount() >= 2; }, kTimeoutMs));
    QTest::keyClick(window.get(), Qt::Key_F6);
    EXPECT_TRUE(window->sweep().isPaused());
    QTest::qWait(300);  // the case in work
    const std::size_t held = resultCount();
    EXPECT_LT(held, 126U);
    QTest::qWait(300);
    EXPECT_EQ(resultCount(), held);
    EXPECT_EQ(load_session(window->sweepPath().toStdString()).results.size(), held) << "all of it is on disk";
    QTest::keyClick(window.get(), Qt::Key_F6);
    ASSERT_TRUE(QTest::qWaitFor([&] { return resultCount() > held; }, kTimeoutMs));

    window->actions().pause->trigger();
    QTest::qWait(100);
    window->cancel();
    ASSERT_TRUE(waitForEnd()) << "a held sweep can be cancelled";
    EXPECT_FALSE(window->actions().pause->isChecked());
    window->run();
    window->actions().pause->trigger();
    EXPECT_TRUE(window->close()) << "and closed";
}

TEST_F(Window, ClosingDuringASweepStopsItAndKeepsWhatIsDone) {
    open(slowDevice());
    chooseSeed();
    window->run();
    ASSERT_TRUE(QTest::qWaitFor([&] { return resultCount() >= 2; }, kTimeoutMs));
    const QString kept = window->sweepPath();
    EXPECT_TRUE(window->close());
    window.reset();
    EXPECT_GE(load_session(kept.toStdString()).results.size(), 2U);

    open();
    EXPECT_TRUE(window->messages().isVisible());
    EXPECT_TRUE(window->messages().text().contains(kept)) << window->messages().text().toStdString();
    EXPECT_TRUE(takeInterruptedSweep().isEmpty()) << "told once";
}

TEST_F(Window, SavesAndOpensSessions) {
    open();
    const Session session = test::sampleSession("seed");
    save_session(session, path("a.moescope.json").toStdString());
    ASSERT_TRUE(window->commands().open(path("a.moescope.json")));
    EXPECT_EQ(resultCount(), 126U);
    EXPECT_FALSE(window->isWindowModified());
    EXPECT_TRUE(window->windowTitle().contains("a.moescope.json"));
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(window->matrix().plan()->accepted_cases(), 63) << "the session's matrix can be run again";

    ASSERT_TRUE(window->commands().save(path("b.moescope.json")));
    EXPECT_EQ(session_to_json(load_session(path("b.moescope.json").toStdString())), session_to_json(session));
    EXPECT_EQ(recentSessions().front(), path("b.moescope.json"));
}

TEST_F(Window, TheRecordedSessionSaysWhatItIs) {
    open();
    Session session = test::sampleSession("seed");
    session.name = "Seed preset on a sample GPU";
    save_session(session, path("recorded.json").toStdString());
    ASSERT_TRUE(window->commands().openRecorded(path("recorded.json")));
    EXPECT_EQ(resultCount(), 126U);
    EXPECT_TRUE(window->messages().isVisible());
    EXPECT_TRUE(window->messages().text().contains("Seed preset on a sample GPU, measured 2026-11-23"));
    EXPECT_TRUE(window->document().path().isEmpty()) << "Ctrl+S must not write into the program";
    EXPECT_TRUE(recentSessions().isEmpty());
    EXPECT_FALSE(window->commands().openRecorded(path("missing.json")));
}

TEST_F(Window, BadSessionFilesAreAMessageNotACrash) {
    open();
    ASSERT_TRUE(window->commands().open([&] {
        save_session(test::sampleSession("seed"), path("good.moescope.json").toStdString());
        return path("good.moescope.json");
    }()));
    const std::string good = session_to_json(window->document().session());
    const std::map<QString, std::string> bad{{"empty.json", ""},
                                             {"truncated.json", good.substr(0, good.size() / 2)},
                                             {"foreign.json", R"({"hello": [1, 2]})"},
                                             {"newer.json", R"({"schema_version": 999, "results": []})"},
                                             {"noise.json", "\x01\x02\xff not json"}};
    for (const auto& [name, text] : bad) {
        write_file_atomically(path(name).toStdString(), text);
        EXPECT_FALSE(window->commands().open(path(name)));
        EXPECT_TRUE(window->messages().isVisible());
        EXPECT_TRUE(window->messages().text().contains(name)) << window->messages().text().toStdString();
        EXPECT_EQ(resultCount(), 126U) << "what was open stays open";
    }
    EXPECT_FALSE(window->commands().open(path("missing.json")));
    EXPECT_TRUE(window->messages().text().contains("missing.json"));
    ASSERT_TRUE(window->commands().open(path("good.moescope.json")));
    EXPECT_FALSE(window->messages().isVisible());
}

TEST_F(Window, ExportsChartAndTable) {
    open();
    window->document().open(test::sampleSession("seed"), {});
    for (const QString& extension : {QString("png"), QString("svg"), QString("pdf")}) {
        const QString file = path("chart." + extension);
        EXPECT_TRUE(window->commands().exportChart(file)) << window->messages().text().toStdString();
        EXPECT_GT(QFileInfo(file).size(), 2000);
    }
    ASSERT_TRUE(window->commands().exportCsv(path("r.csv")));
    QFile csv(path("r.csv"));
    ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
    const QByteArray text = csv.readAll();
    EXPECT_EQ(text.count("\r\n"), 127);
    EXPECT_TRUE(text.contains("percent_of_peak.measured"));

    EXPECT_FALSE(window->commands().exportChart(path("missing/chart.png")));
    EXPECT_TRUE(window->messages().text().contains("missing"));
    EXPECT_FALSE(window->commands().exportChart(path("chart.gif")));
    EXPECT_TRUE(window->messages().text().contains(".png"));
}

TEST_F(Window, CopiesChartOrRows) {
    open();
    window->document().open(test::sampleSession("seed"), {});
    window->actions().copy->trigger();
    const QImage image = QGuiApplication::clipboard()->image();
    EXPECT_GT(image.width(), 400);

    QTableView& table = window->results().table();
    table.window()->activateWindow();
    table.setFocus();
    table.selectRow(0);
    ASSERT_TRUE(QTest::qWaitFor([&] { return table.hasFocus(); }, kTimeoutMs));
    window->actions().copy->trigger();
    const QStringList lines = QGuiApplication::clipboard()->text().split('\n');
    ASSERT_EQ(lines.size(), 2);
    EXPECT_TRUE(lines[0].startsWith("Kernel\tE\tTokens"));
}

TEST_F(Window, TableSortsByClick) {
    open();
    window->document().open(test::sampleSession("seed"), {});
    QTableView& table = window->results().table();
    table.sortByColumn(ResultsModel::kMedian, Qt::AscendingOrder);
    const auto key = [&](int row) {
        return table.model()->index(row, ResultsModel::kMedian).data(ResultsModel::kSortRole).toDouble();
    };
    for (int row = 1; row < table.model()->rowCount(); ++row) EXPECT_LE(key(row - 1), key(row));
}

TEST_F(Window, ShowsTheLoadOfTheSelectedCase) {
    open();
    chooseSeed();
    window->plan().table().selectRow(62);
    const QString planned = window->load().statistics().text();
    EXPECT_TRUE(planned.contains("Gini")) << planned.toStdString();
    window->document().open(test::sampleSession("seed"), {});
    window->results().table().selectRow(0);
    EXPECT_NE(window->load().statistics().text(), planned);
    EXPECT_TRUE(window->load().statistics().text().contains("of 8 active"));
}

TEST_F(Window, ACasePickedInPlanOrTableIsHighlightedEverywhere) {
    open();
    chooseSeed();
    window->document().open(test::sampleSession("seed"), {});
    EXPECT_EQ(window->charts().data().selected, nullptr) << "nobody has picked anything";
    const auto planned = [&](int row) { return window->plan().model().plan()->cases[row].c; };
    const auto current = [&] {
        const auto row = static_cast<std::size_t>(window->results().table().currentIndex().row());
        return window->document().session().results.at(row).c;
    };
    window->plan().table().selectRow(40);
    EXPECT_EQ(current(), planned(40));
    ASSERT_NE(window->charts().data().selected, nullptr);
    EXPECT_EQ(*window->charts().data().selected, planned(40));
    window->results().table().selectRow(7);
    EXPECT_EQ(planned(window->plan().table().currentIndex().row()), current());
    EXPECT_EQ(*window->charts().data().selected, current());

    // Another plan is nobody's pick; what was picked stays so.
    const Case picked = current();
    Selection fewer = window->matrix().plan()->selection;
    fewer.strategies.resize(1);
    window->matrix().setSelection(fewer);
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(*window->charts().data().selected, picked);
    EXPECT_EQ(current(), picked);
}

TEST_F(Window, ThePlanFollowsWhatIsPickedInAChart) {
    open();
    chooseSeed();
    const Session session = test::sampleSession("seed");
    window->document().open(session, {});
    emit window->charts().resultPicked(77);
    EXPECT_EQ(window->plan().model().plan()->cases[window->plan().table().currentIndex().row()].c,
              session.results[77].c);
}

TEST_F(Window, TheSessionsTableIsCopiedWhereItHasTheFocus) {
    open();
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->isActiveWindow(); }, kTimeoutMs));
    window->document().open(test::sampleSession("seed"), {});
    window->findChild<QDockWidget*>("dock.sessions")->raise();
    QCoreApplication::processEvents();
    window->sessions().table().setFocus();
    window->actions().copy->trigger();
    const QStringList lines = QGuiApplication::clipboard()->text().split('\n');
    ASSERT_EQ(lines.size(), 2) << "header and the one session";
    EXPECT_TRUE(lines[1].contains(window->document().displayName())) << lines[1].toStdString();
}

TEST_F(Window, TheNameOfTheCurrentSessionIsNotCut) {
    open();
    window->document().open(test::sampleSession("seed"), {});
    QCoreApplication::processEvents();
    const QTableView& table = window->sessions().table();
    QStyleOptionViewItem option;
    option.widget = &table;
    option.font = table.font();
    option.fontMetrics = table.fontMetrics();
    option.decorationSize = table.iconSize();
    const QModelIndex name = table.model()->index(0, 0);
    EXPECT_GE(table.columnWidth(0), table.itemDelegateForIndex(name)->sizeHint(option, name).width())
        << "which is bold";
}

TEST_F(Window, EveryChartCanBeShownWhileResultsStreamIn) {
    open(slowDevice());
    chooseSeed();
    window->run();
    for (const ChartKind& kind : chartKinds()) {
        window->charts().showChart(kind.id);
        EXPECT_EQ(window->charts().chartId(), kind.id);
        const std::size_t before = resultCount();
        ASSERT_TRUE(QTest::qWaitFor([&] { return resultCount() > before || !window->sweep().isRunning(); },
                                    kTimeoutMs));
    }
    window->cancel();
    ASSERT_TRUE(waitForEnd());
}

TEST_F(Window, BaselineCanBeChosen) {
    open();
    window->document().open(test::sampleSession("seed"), {});
    QComboBox& box = window->charts().baselineBox();
    EXPECT_EQ(box.currentText(), "silu_v2");
    box.setCurrentText("triton");
    emit box.activated(box.currentIndex());
    EXPECT_EQ(window->document().baseline(), "triton");
}

TEST_F(Window, KeepsItsLayoutAndRestoresTheDefault) {
    open();
    auto* dock = window->findChild<QDockWidget*>("dock.matrix");
    ASSERT_NE(dock, nullptr);
    window->addDockWidget(Qt::RightDockWidgetArea, dock);
    window->charts().showChart("speedup");
    window->close();
    open();
    dock = window->findChild<QDockWidget*>("dock.matrix");
    EXPECT_EQ(window->dockWidgetArea(dock), Qt::RightDockWidgetArea);
    EXPECT_EQ(window->charts().chartId(), "speedup");
    window->actions().restoreLayout->trigger();
    EXPECT_EQ(window->dockWidgetArea(dock), Qt::LeftDockWidgetArea);
    for (const QDockWidget* each : window->findChildren<QDockWidget*>())
        EXPECT_FALSE(each->objectName().isEmpty()) << "a dock without a name is not restored";
}

TEST_F(Window, ThemesRestyleCharts) {
    open();
    window->document().open(test::sampleSession("seed"), {});
    window->setTheme(ThemeChoice::dark);
    QCoreApplication::processEvents();
    EXPECT_LT(window->charts().image().pixelColor(1, 1).lightness(), 60);
    window->setTheme(ThemeChoice::light);
    QCoreApplication::processEvents();
    EXPECT_GT(window->charts().image().pixelColor(1, 1).lightness(), 200);
    window->setTheme(ThemeChoice::system);
}

}  // namespace
}  // namespace moescope::ui
