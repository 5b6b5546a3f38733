// SPDX-License-Identifier: GPL-3.0-or-later
// Several sessions in the window: the panel, drag and drop, saving, the question before closing, and sweeps
// that a crash has ended.
#include <gtest/gtest.h>

#include <QDir>
#include <QDockWidget>
#include <QMessageBox>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <set>

#include "drop_files.h"
#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/panels/sessions_panel.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;
using Unsaved = SessionCommands::Unsaved;

class Sessions : public testing::Test {
  protected:
    Sessions() {
        QSettings().clear();
        QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();
        open();
    }

    void open() {
        window = std::make_unique<MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
        window->show();
        EXPECT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
    }
    /// A session file of that name.
    QString file(const QString& name) const {
        Session session = test::sampleSession("seed");
        session.name = name.toStdString();
        session.id = session.name;
        const QString path = folder.filePath(name + ".moescope.json");
        save_session(session, path.toStdString());
        return path;
    }
    void answer(Unsaved with) {
        window->commands().setAsk([this, with](const OpenSession& session) {
            asked << session.displayName();
            return with;
        });
    }

    QTemporaryDir folder;
    std::unique_ptr<MainWindow> window;
    QStringList asked;
};

TEST_F(Sessions, SeveralFilesAreShownSideBySideInTableChartAndComparison) {
    ASSERT_TRUE(window->commands().open(QStringList{file("a"), file("b")}));
    QTableView& table = window->sessions().table();
    ASSERT_EQ(table.model()->rowCount(), 2);
    EXPECT_EQ(window->results().table().model()->rowCount(), 252);
    EXPECT_FALSE(window->results().table().isColumnHidden(ResultsModel::kSession));
    window->charts().refresh();
    EXPECT_EQ(window->charts().baselineBox().currentText(), "silu_v2 @ 1: a");
    EXPECT_TRUE(window->charts().baselineBox().findText("triton @ 2: b") >= 0);

    // Space on the box, as without a mouse.
    table.setCurrentIndex(table.model()->index(0, SessionsModel::kName));
    window->findChild<QDockWidget*>("dock.sessions")->raise();
    table.setFocus();
    QTest::keyClick(&table, Qt::Key_Space);
    EXPECT_EQ(window->results().table().model()->rowCount(), 126);
    EXPECT_TRUE(window->results().table().isColumnHidden(ResultsModel::kSession));

    window->comparison().setActive(true);
    EXPECT_EQ(window->comparison().page().setup().sources().rowCount(), 2)
        << "all that is open can be compared";
}

TEST_F(Sessions, NamesAndNotesAreSavedIntoTheFile) {
    const QString path = file("a");
    ASSERT_TRUE(window->commands().open(path));
    SessionsModel& model = window->sessions().model();
    ASSERT_TRUE(model.setData(model.index(0, SessionsModel::kName), "renamed", Qt::EditRole));
    window->sessions().notes().setPlainText("first\nsecond");
    EXPECT_TRUE(window->isWindowModified());
    window->actions().save->trigger();
    EXPECT_FALSE(window->isWindowModified());
    const Session saved = load_session(path.toStdString());
    EXPECT_EQ(saved.name, "renamed");
    EXPECT_EQ(saved.notes, "first\nsecond");
    EXPECT_EQ(saved.results.size(), 126U);
}

TEST_F(Sessions, TheSelectedSessionIsTheOneThatIsSavedAndNamed) {
    const QString a = file("a");
    const QString b = file("b");
    ASSERT_TRUE(window->commands().open(QStringList{a, b}));
    EXPECT_TRUE(window->windowTitle().startsWith("b.moescope.json"));
    window->sessions().table().selectRow(0);
    EXPECT_TRUE(window->windowTitle().startsWith("a.moescope.json"));
    window->sessions().notes().setPlainText("of a");
    window->sessions().table().selectRow(1);
    EXPECT_EQ(window->sessions().notes().toPlainText(), "") << "notes are the selected session's";
    EXPECT_FALSE(window->isWindowModified());
    EXPECT_FALSE(window->commands().save(a)) << "another open session's file";
    EXPECT_TRUE(window->messages().text().contains("another open session"));
    window->sessions().table().selectRow(0);
    window->actions().save->trigger();
    EXPECT_EQ(load_session(a.toStdString()).notes, "of a");
    EXPECT_EQ(load_session(b.toStdString()).notes, "");
    window->document().setNotes(0, "again");
    EXPECT_FALSE(window->commands().open(a)) << "reading it anew would drop the change";
    EXPECT_EQ(window->document().at(0).session.notes, "again");
}

TEST_F(Sessions, ClosingAsksAboutWhatIsNotSaved) {
    const QString path = file("a");
    ASSERT_TRUE(window->commands().open(QStringList{path, file("b")}));
    answer(Unsaved::keepOpen);
    EXPECT_TRUE(window->commands().close(1)) << "nothing to ask";
    EXPECT_TRUE(asked.isEmpty());
    window->document().setNotes(0, "edited");

    QTest::keyClick(&window->sessions().table(), Qt::Key_Delete);
    EXPECT_EQ(asked.size(), 1);
    EXPECT_EQ(window->document().count(), 1U);
    EXPECT_FALSE(window->close());
    EXPECT_TRUE(window->isVisible());
    EXPECT_EQ(asked.size(), 2);

    answer(Unsaved::save);
    window->actions().closeSession->trigger();
    EXPECT_EQ(window->document().count(), 0U);
    EXPECT_EQ(load_session(path.toStdString()).notes, "edited");

    ASSERT_TRUE(window->commands().open(path));
    window->document().setNotes(0, "dropped");
    answer(Unsaved::discard);
    EXPECT_TRUE(window->close());
    EXPECT_EQ(load_session(path.toStdString()).notes, "edited");
}

TEST_F(Sessions, TheQuestionIsABoxThatEscapeAnswersWithStay) {
    ASSERT_TRUE(window->commands().open(file("a")));
    window->document().setNotes(0, "edited");
    QString text;
    QTimer::singleShot(0, window.get(), [&] {
        auto* box = window->findChild<QMessageBox*>("unsaved");
        ASSERT_NE(box, nullptr);
        text = box->text();
        QTest::keyClick(box, Qt::Key_Escape);
    });
    EXPECT_FALSE(window->close());
    EXPECT_TRUE(text.contains("a.moescope.json"));
    window->closeUnasked();
    EXPECT_FALSE(window->isVisible()) << "the system does not wait for an answer";
}

TEST_F(Sessions, DroppedFilesOpenTogetherAndABadOneIsTold) {
    const QString bad = folder.filePath("bad.json");
    write_file_atomically(bad.toStdString(), "{");
    test::drop_files(
        *window, {QUrl::fromLocalFile(file("a")), QUrl::fromLocalFile(bad), QUrl::fromLocalFile(file("b"))});
    EXPECT_EQ(window->document().count(), 2U);
    EXPECT_EQ(window->document().shownCount(), 2U);
    EXPECT_TRUE(window->messages().text().contains("bad.json"));
}

/// A sweep that was killed after `count` cells.
QString leaveJournal(std::size_t count) {
    const Session whole = test::sampleSession("seed");
    Session head = whole;
    head.results.clear();
    head.environment.device = make_fake_factory(test::sampleDevice())->devices().front();
    const QString path = newSweepPath("crashed");
    const auto journal = Journal::start(head, path.toStdString());
    journal->set_peaks(whole.peaks);
    for (std::size_t i = 0; i < count; ++i) journal->append(whole.results[i]);
    return path;
}

TEST_F(Sessions, AnInterruptedSweepIsOfferedAndOpened) {
    const QString path = leaveJournal(5);
    window.reset();
    open();
    ASSERT_TRUE(window->messages().isVisible());
    EXPECT_TRUE(window->messages().text().contains("5 results")) << window->messages().text().toStdString();
    EXPECT_TRUE(window->messages().text().contains(path));
    ASSERT_EQ(window->messages().buttons().size(), 2U);
    QTest::mouseClick(window->messages().buttons()[0], Qt::LeftButton);
    EXPECT_EQ(window->document().session().results.size(), 5U);
    EXPECT_EQ(load_session(path.toStdString()).results.size(), 5U);
    EXPECT_FALSE(QFile::exists(path + ".journal"));
    EXPECT_FALSE(window->messages().isVisible());
    window.reset();
    open();
    EXPECT_FALSE(window->messages().isVisible()) << "offered no more";
}

TEST_F(Sessions, AnInterruptedSweepIsStillOfferedWhenAFileIsOpened) {
    leaveJournal(5);
    window.reset();
    open();
    ASSERT_TRUE(window->commands().open(file("a")));  // as when it is given on the command line
    EXPECT_TRUE(window->messages().isVisible());
    EXPECT_EQ(window->messages().buttons().size(), 2U);
}

TEST_F(Sessions, AnInterruptedSweepIsMeasuredOn) {
    const QString path = leaveJournal(100);
    window.reset();
    open();
    ASSERT_EQ(window->messages().buttons().size(), 2U);
    QTest::mouseClick(window->messages().buttons()[1], Qt::LeftButton);
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return window->document().session().results.size() == 126 && !window->sweep().isRunning(); },
        kTimeoutMs));
    EXPECT_EQ(window->sweepPath(), path);
    const Session whole = load_session(path.toStdString());
    std::set<std::string> cells;
    for (const Result& r : whole.results) EXPECT_TRUE(cells.insert(cell_key(r)).second);
    EXPECT_EQ(cells.size(), 126U);
    EXPECT_EQ(whole.results[3].samples_us, test::sampleSession("seed").results[3].samples_us)
        << "what was there is not measured again";
}

TEST_F(Sessions, ASweepOfAnotherProcessIsNotOffered) {
    const Session whole = test::sampleSession("seed");
    const QString path = newSweepPath("running");
    const auto journal = Journal::start(whole, path.toStdString());  // holds its lock
    window.reset();
    open();
    EXPECT_FALSE(window->messages().isVisible());
}

}  // namespace
}  // namespace moescope::ui
