// SPDX-License-Identifier: GPL-3.0-or-later
#include "drop_files.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QFile>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "comparison_sample.h"
#include "drop_files.h"
#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/main_window.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 60000;
const QString kData = QStringLiteral(MOESCOPE_TEST_DATA "/");

SessionPtr shared(Session session) {
    return std::make_shared<const Session>(std::move(session));
}

class Comparing : public testing::Test {
  protected:
    Comparing() {
        QSettings().clear();
        page.resize(1280, 740);
        page.show();
    }
    bool settle() {
        return QTest::qWaitFor([&] { return page.isSettled(); }, kTimeoutMs);
    }
    ComparisonView& view() { return page.view(); }
    const Comparison& comparison() { return view().compared()->comparison; }
    std::string message() { return page.messages().isVisible() ? page.messages().text().toStdString() : ""; }
    /// The seed preset, and a later run with every second case of silu_v2 slower.
    void compareSeed() {
        const ComparedPtr seed = test::comparedSeed();
        page.setSessions({seed->base.front(), seed->other.front()});
        ASSERT_TRUE(settle());
        ASSERT_NE(view().compared(), nullptr) << message();
    }

    QTemporaryDir folder;
    ComparisonPage page;
};

TEST_F(Comparing, OpenSessionsAreComparedByThemselves) {
    EXPECT_FALSE(view().isVisible());
    compareSeed();
    EXPECT_TRUE(view().isVisible());
    EXPECT_EQ(comparison().rows.size(), 126U);
    EXPECT_EQ(view().table().model()->rowCount(), 126);
    EXPECT_TRUE(
        view().verdictButton(Verdict::slower).text().startsWith(QString::number(comparison().counts.slower)));
    EXPECT_GT(view().meansTable().model()->rowCount(), 4);
    EXPECT_TRUE(view().summaryLabel().text().contains("geometric mean of silu_v2"));
    EXPECT_FALSE(page.progressBar().isVisible());
}

TEST_F(Comparing, TheEventLoopTurnsWhileItComparesAndItCanBeStopped) {
    const Session base = test::largeSession(1500);
    page.setSessions({shared(base), shared(test::rerun(base, "later"))});
    int turns = 0;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, [&] { ++turns; });
    timer.start(1);
    QSignalSpy progress(&page.runner(), &ComparisonRunner::progressed);
    QSignalSpy stopped(&page.runner(), &ComparisonRunner::cancelled);
    ASSERT_TRUE(QTest::qWaitFor([&] { return progress.size() >= 3; }, kTimeoutMs));
    EXPECT_GT(turns, 3);
    EXPECT_TRUE(page.progressBar().isVisible());
    EXPECT_EQ(page.progressBar().maximum(), 3000);
    QTest::mouseClick(&page.stopButton(), Qt::LeftButton);
    ASSERT_TRUE(QTest::qWaitFor([&] { return stopped.size() == 1; }, kTimeoutMs));
    EXPECT_EQ(view().compared(), nullptr);
    EXPECT_FALSE(page.progressBar().isVisible());
    // The same button goes on.
    ASSERT_TRUE(page.stopButton().isVisible());
    QTest::mouseClick(&page.stopButton(), Qt::LeftButton);
    EXPECT_TRUE(page.runner().isBusy());
    // Another choice in the middle of it: only the newest is answered.
    const ComparedPtr seed = test::comparedSeed();
    QSignalSpy ready(&page.runner(), &ComparisonRunner::ready);
    page.runner().request({seed->base, seed->other});
    ASSERT_TRUE(settle());
    EXPECT_EQ(ready.size(), 1);
    EXPECT_EQ(comparison().rows.size(), 126U);
}

TEST_F(Comparing, LeavingInTheMiddleIsFine) {
    const Session base = test::largeSession(500);
    auto gone = std::make_unique<ComparisonPage>();
    gone->setSessions({shared(base), shared(test::rerun(base, "later"))});
    ASSERT_TRUE(QTest::qWaitFor([&] { return gone->runner().isBusy(); }, kTimeoutMs));
    gone.reset();
    QCoreApplication::processEvents();
}

TEST_F(Comparing, ACellSelectedInOnePlaceIsSelectedInAll) {
    compareSeed();
    view().table().sortByColumn(ComparisonModel::kRatio, Qt::DescendingOrder);
    view().table().selectRow(0);
    ASSERT_TRUE(view().selected());
    const std::size_t top = *view().selected();
    for (const ComparisonRow& row : comparison().rows) EXPECT_GE(*comparison().rows[top].ratio, *row.ratio);
    // As if picked in the forest plot, or in the overlaid lines.
    emit view().charts().rowPicked(17);
    EXPECT_EQ(view().selected(), 17U);
    const auto& proxy = dynamic_cast<const ComparisonProxy&>(*view().table().model());
    EXPECT_EQ(proxy.mapToSource(view().table().currentIndex()).row(), 17);
    // It stays when the method alone changes.
    page.setup().thresholdBox().setValue(3.0);
    ASSERT_TRUE(QTest::qWaitFor(
        [&] { return view().compared()->comparison.options.threshold_percent == 3.0; }, kTimeoutMs));
    EXPECT_EQ(view().selected(), 17U);
}

TEST_F(Comparing, AClickIntoTheForestPlotSelectsTheRow) {
    compareSeed();
    QWidget* plot = view().charts().chart().widget();
    QCoreApplication::processEvents();
    QTest::mouseClick(plot, Qt::LeftButton, {}, QPoint(plot->width() * 3 / 4, plot->height() / 2));
    ASSERT_TRUE(QTest::qWaitFor([&] { return view().selected().has_value(); }, kTimeoutMs));
    EXPECT_TRUE(view().table().currentIndex().isValid());
}

TEST_F(Comparing, FiltersByVerdictAndText) {
    compareSeed();
    for (const Verdict verdict : {Verdict::same, Verdict::unsure, Verdict::faster, Verdict::not_compared})
        QTest::mouseClick(&view().verdictButton(verdict), Qt::LeftButton);
    EXPECT_EQ(static_cast<int>(view().shownRows().size()), comparison().counts.slower);
    QTest::keyClicks(&view().filterEdit(), "E=256");
    EXPECT_GT(view().shownRows().size(), 0U);
    for (const std::size_t row : view().shownRows()) {
        EXPECT_EQ(comparison().rows[row].c.shape.experts, 256);
        EXPECT_EQ(comparison().rows[row].verdict, Verdict::slower);
    }
    QTest::keyClicks(&view().filterEdit(), " nothing-like-it");
    EXPECT_TRUE(view().shownRows().empty());
}

TEST_F(Comparing, RowsAreCopiedWithHeaders) {
    compareSeed();
    page.activateWindow();
    view().table().setFocus();
    view().table().selectRow(3);
    QApplication::setActiveWindow(&page);
    page.copy();
    const QStringList lines = QGuiApplication::clipboard()->text().split('\n');
    ASSERT_EQ(lines.size(), 2);
    EXPECT_TRUE(lines[0].contains("Ratio\t95 % interval"));
    EXPECT_TRUE(lines[1].contains(ratioText(*comparison().rows[3].ratio)));
    view().charts().chart().widget()->setFocus();
    view().filterEdit().setFocus();
    page.copy();
    EXPECT_FALSE(QGuiApplication::clipboard()->image().isNull()) << "else the chart";
}

TEST_F(Comparing, ChartsAndTablesAreExported) {
    compareSeed();
    view().table().selectRow(0);
    for (const ChartKind& kind : comparisonChartKinds()) {
        ComparisonChartPane& pane = kind.id == "compare-boxes" ? view().boxes() : view().charts();
        pane.showChart(kind.id);
        ASSERT_EQ(pane.chartId(), kind.id);
        for (const QString& extension : {QString("png"), QString("svg"), QString("pdf")}) {
            const QString path = folder.filePath(kind.id + "." + extension);
            EXPECT_TRUE(page.exportChart(pane, path, {QSize(900, 700), 96.0}, {})) << message();
            EXPECT_GT(QFile(path).size(), 2000);
        }
        EXPECT_FALSE(pane.image().isNull());
    }
    const auto read = [&](const QString& name) {
        QFile file(folder.filePath(name));
        EXPECT_TRUE(file.open(QIODevice::ReadOnly));
        return file.readAll();
    };
    for (const QString& name : {QString("c.csv"), QString("c.md"), QString("c.json")})
        EXPECT_TRUE(page.exportTable(folder.filePath(name))) << message();
    EXPECT_EQ(read("c.csv").trimmed().count('\n'), 126);
    EXPECT_TRUE(read("c.md").contains("SLOWER"));
    EXPECT_FALSE(page.exportTable(folder.filePath("c.xls")));
    EXPECT_NE(message().find(".csv"), std::string::npos);
    EXPECT_FALSE(page.exportChart(view().charts(), "/no/such/folder/c.png", {QSize(900, 700), 96.0}, {}));
    EXPECT_NE(message(), "");
}

TEST_F(Comparing, KernelsOfOneSessionAgainstEachOther) {
    const SessionPtr session = shared(test::sampleSession("seed"));
    page.setSessions({session});
    page.setup().sources().choose({0}, {0});
    page.setup().matchKernels("silu_v2", "triton");
    ASSERT_TRUE(settle());
    ASSERT_NE(view().compared(), nullptr) << message();
    const auto across =
        std::count_if(comparison().rows.begin(), comparison().rows.end(),
                      [](const ComparisonRow& r) { return r.kernel_label() == "silu_v2 -> triton"; });
    EXPECT_EQ(across, 63);
    EXPECT_EQ(comparison().rows.size(), 63U) << "and nothing else";
    EXPECT_TRUE(view().warningsLabel().text().contains("on both sides"));
}

TEST_F(Comparing, DifferentGpusAreWarnedAboutAndComparedByEfficiency) {
    const Session base = test::sampleSession("seed");
    Session other = test::rerun(base, "other", 1.3);
    other.environment.device.name = "Another GPU 141GB";
    other.environment.device.driver = "590.1";
    page.setSessions({shared(base), shared(other)});
    ASSERT_TRUE(settle());
    EXPECT_TRUE(view().warningsLabel().isVisible());
    EXPECT_TRUE(view().warningsLabel().text().contains("Another GPU 141GB"));
    EXPECT_TRUE(view().warningsLabel().text().contains("590.1"));
    ASSERT_TRUE(view().efficiencyButton().isVisible());
    QTest::mouseClick(&view().efficiencyButton(), Qt::LeftButton);
    ASSERT_TRUE(QTest::qWaitFor([&] { return comparison().options.metric == CompareMetric::efficiency; },
                                kTimeoutMs));
    EXPECT_FALSE(view().efficiencyButton().isVisible());
    EXPECT_EQ(page.setup().metricBox().currentText(), "efficiency");
}

TEST_F(Comparing, SeveralAreComparedOneByOneOrAsRepetitions) {
    const Session base = test::sampleSession("seed");
    page.setSessions({shared(base), shared(test::rerun(base, "one")), shared(test::rerun(base, "two", 1.002)),
                      shared(test::rerun(base, "three", 1.05))});
    ASSERT_TRUE(settle());
    ASSERT_EQ(page.resultBox().count(), 3);
    EXPECT_EQ(comparison().other_name, "one");
    page.resultBox().setCurrentIndex(2);
    emit page.resultBox().activated(2);
    EXPECT_EQ(comparison().other_name, "three");
    EXPECT_GT(comparison().counts.slower, 100);
    ASSERT_TRUE(page.setup().repetitionsBox().isEnabled());
    page.setup().repetitionsBox().setChecked(true);
    ASSERT_TRUE(
        QTest::qWaitFor([&] { return page.isSettled() && page.resultBox().count() == 1; }, kTimeoutMs));
    EXPECT_EQ(comparison().other_sessions, 3);
}

TEST_F(Comparing, RecordedSessionsOfOneBinaryAreAlike) {
    ASSERT_TRUE(page.compareFiles(kData + "h100-seed-1.moescope.json",
                                  {kData + "h100-seed-2.moescope.json", kData + "h100-seed-3.moescope.json"}))
        << message();
    ASSERT_TRUE(settle());
    ASSERT_EQ(page.resultBox().count(), 2);
    EXPECT_EQ(comparison().counts.slower + comparison().counts.faster, 0);
    EXPECT_GT(comparison().counts.same, 115);
}

TEST_F(Comparing, OddSessionsGiveSensibleOutput) {
    const ComparedPtr odd = test::comparedOddities();
    page.setSessions({odd->base.front(), odd->other.front()});
    ASSERT_TRUE(settle());
    ASSERT_NE(view().compared(), nullptr) << message();
    EXPECT_GT(comparison().counts.not_compared, 40);
    QStringList reasons;
    for (int row = 0; row < view().table().model()->rowCount(); ++row) {
        view().table().selectRow(row);  // every one of them in the box plots
        reasons << view().table().model()->index(row, ComparisonModel::kWhy).data().toString();
    }
    const QString all = reasons.join('\n');
    for (const char* part : {"only in the base", "only in the other session", "illegal memory access",
                             "no interval", "no samples", "not above zero"})
        EXPECT_TRUE(all.contains(QLatin1String(part))) << part;
    for (const ChartKind& kind : comparisonChartKinds()) view().charts().showChart(kind.id);
}

TEST_F(Comparing, AnImportedLogIsComparedWithoutVerdicts) {
    ASSERT_TRUE(page.compareFiles(kData + "vllm-log.txt", {kData + "h100-seed-1.moescope.json"}))
        << message();
    ASSERT_TRUE(settle());
    ASSERT_NE(view().compared(), nullptr) << message();
    EXPECT_EQ(comparison().counts.slower + comparison().counts.faster + comparison().counts.same, 0);
    EXPECT_GT(comparison().counts.unsure, 0);
    EXPECT_TRUE(view().warningsLabel().text().contains("imported"));
}

TEST_F(Comparing, BadFilesAreSaidAndChangeNothing) {
    compareSeed();
    const QString bad = folder.filePath("bad.moescope.json");
    QFile file(bad);
    ASSERT_TRUE(file.open(QIODevice::WriteOnly));
    file.write("{");
    file.close();
    EXPECT_FALSE(page.addFiles({bad}));
    EXPECT_NE(message().find("bad.moescope.json"), std::string::npos) << message();
    EXPECT_FALSE(page.addFiles({folder.filePath("missing.json")}));
    EXPECT_EQ(comparison().rows.size(), 126U);
}

TEST_F(Comparing, DroppedFilesAreAdded) {
    test::drop_files(page,
                     {QUrl::fromLocalFile(kData + "h100-seed-1.moescope.json"),
                      QUrl::fromLocalFile(kData + "h100-seed-2.moescope.json")},
                     QPoint(600, 400));
    EXPECT_EQ(page.setup().sources().rowCount(), 2) << message();
}

TEST_F(Comparing, CheckBoxesOfTheListChooseSides) {
    ASSERT_TRUE(page.addFiles({kData + "h100-seed-1.moescope.json", kData + "h100-seed-2.moescope.json"}));
    QTableView& list = page.setup().sourcesView();
    const auto click = [&](int row, int column) {
        const QModelIndex cell = list.model()->index(row, column);
        list.setCurrentIndex(cell);
        QTest::keyClick(&list, Qt::Key_Space);  // as a keyboard alone can do it
    };
    click(0, SourcesModel::kBase);
    click(1, SourcesModel::kOther);
    ASSERT_TRUE(settle());
    ASSERT_NE(view().compared(), nullptr) << message();
    EXPECT_EQ(comparison().rows.size(), 126U);
    click(1, SourcesModel::kOther);
    ASSERT_TRUE(settle());
    EXPECT_EQ(view().compared(), nullptr);
}

TEST_F(Comparing, NothingChosenShowsWhatToDo) {
    compareSeed();
    page.setup().sources().choose({0}, {});
    ASSERT_TRUE(settle());
    EXPECT_FALSE(view().isVisible());
    EXPECT_EQ(view().compared(), nullptr);
}

TEST(ComparingInTheWindow, ThePageTakesTheWholeWindowAndGivesItBack) {
    QSettings().clear();
    MainWindow window(std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
    window.show();
    const auto visible = [&] {
        int count = 0;
        for (const QDockWidget* dock : window.findChildren<QDockWidget*>()) count += dock->isHidden() ? 0 : 1;
        return count;
    };
    const int docks = visible();
    ASSERT_GT(docks, 2);
    window.document().open(test::sampleSession("seed"), {});
    window.actions().compare->trigger();
    ComparisonPage& page = window.comparison().page();
    EXPECT_TRUE(page.isVisible());
    EXPECT_EQ(visible(), 0);
    EXPECT_EQ(page.setup().sources().rowCount(), 1);
    ASSERT_TRUE(page.addFiles({kData + "h100-seed-1.moescope.json"}));
    page.setup().sources().choose({0}, {1});
    ASSERT_TRUE(QTest::qWaitFor([&] { return page.isSettled(); }, kTimeoutMs));
    ASSERT_NE(page.view().compared(), nullptr);
    EXPECT_TRUE(window.actions().exportChart->isEnabled());
    window.actions().copy->trigger();
    EXPECT_FALSE(QGuiApplication::clipboard()->image().isNull());
    window.actions().filter->trigger();
    const QString chart = window.charts().chartId();
    window.actions().nextChart->trigger();
    EXPECT_EQ(page.view().charts().chartId(), "compare-bandwidth");
    EXPECT_EQ(window.charts().chartId(), chart);
    window.actions().compare->trigger();
    EXPECT_FALSE(page.isVisible());
    EXPECT_EQ(visible(), docks);

    window.actions().compare->trigger();
    window.close();
    MainWindow next(std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
    next.show();
    int after = 0;
    for (const QDockWidget* dock : next.findChildren<QDockWidget*>()) after += dock->isHidden() ? 0 : 1;
    EXPECT_EQ(after, docks) << "closed while comparing";
}

}  // namespace
}  // namespace moescope::ui
