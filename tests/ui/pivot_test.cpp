// SPDX-License-Identifier: GPL-3.0-or-later
// The pivot and the units of the table: numbers, models, and the widgets as a reader drives them.
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QDockWidget>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPushButton>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <numeric>
#include <set>

#include "moescope/error.h"
#include "moescope/ui/models/pivot_model.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/pivot_panel.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 20000;

std::vector<std::size_t> everything(const Session& session) {
    std::vector<std::size_t> all(session.results.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

const Session& seed() {
    static const Session session = test::sampleSession("seed");
    return session;
}

PivotTable pivotOf(const PivotSpec& spec, const Session& session = seed()) {
    return makePivot(session, everything(session), spec);
}

TEST(Pivot, ACellWithOneResultIsThatResult) {
    const PivotTable table = pivotOf({"tokens-per-expert", "strategy", "experts", "median_us"});
    // Two kernels share each cell here, so the filter leaves one.
    std::vector<std::size_t> of_one_kernel;
    for (std::size_t i = 0; i < seed().results.size(); ++i)
        if (seed().results[i].kernel == "triton") of_one_kernel.push_back(i);
    const PivotTable one = makePivot(seed(), of_one_kernel, table.spec);
    EXPECT_TRUE(table.hasMeans());
    EXPECT_FALSE(one.hasMeans());
    ASSERT_EQ(one.rows.size(), 21U);
    ASSERT_EQ(one.columns, (QStringList{"8", "32", "256"}));
    for (std::size_t row = 0; row < one.rows.size(); ++row)
        for (std::size_t column = 0; column < 3; ++column) {
            const PivotCell& cell = one.at(row, column);
            ASSERT_EQ(cell.count, 1);
            const Result& r = seed().results[cell.first];
            EXPECT_EQ(r.kernel, "triton");
            EXPECT_EQ(*cell.value, *r.median_us);
            EXPECT_EQ(QString::number(r.c.shape.experts), one.columns[static_cast<qsizetype>(column)]);
        }
}

TEST(Pivot, SeveralResultsAreTheirGeometricMeanAndSaySo) {
    const PivotTable table = pivotOf({"experts", {}, "kernel", "gbps"});
    ASSERT_EQ(table.rows.size(), 3U);
    const PivotCell& cell = table.at(1, 1);
    EXPECT_EQ(cell.count, 21);
    double sum = 0.0;
    int count = 0;
    for (const Result& r : seed().results)
        if (r.kernel == "triton" && r.c.shape.experts == 32) {
            sum += std::log(*r.gbps);
            ++count;
        }
    EXPECT_EQ(count, 21);
    EXPECT_NEAR(*cell.value, std::exp(sum / count), 1e-9 * *cell.value);
    EXPECT_TRUE(pivotText(table, cell).endsWith(" (21)"));
    EXPECT_TRUE(table.note().contains("geometric mean"));
    EXPECT_FALSE(pivotOf({"experts", "tokens", "kernel", "gbps"}).note().isEmpty());
}

TEST(Pivot, ColdAndHotAreNeverMeanedUnseen) {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "triton"};
    selection.cache = CacheSelection::both;
    const Session both = test::sampleSession(selection);
    const PivotTable kernels = pivotOf({"experts", "tokens", "kernel", "gbps"}, both);
    EXPECT_EQ(kernels.columns.size(), 4);
    EXPECT_TRUE(kernels.columns.contains("silu_v2, hot"));
    EXPECT_EQ(kernels.at(0, 0).count, 3);
    EXPECT_TRUE(kernels.note().endsWith("geometric mean over strategy (number of results)"))
        << kernels.note().toStdString();
    const PivotTable modes = pivotOf({"kernel", {}, "cache", "gbps"}, both);
    EXPECT_EQ(modes.columns, (QStringList{"cold", "hot"}));
    EXPECT_EQ(modes.rows.size(), 2U);
    const PivotTable mixed = pivotOf({"experts", {}, "strategy", "gbps"}, both);
    EXPECT_TRUE(mixed.note().contains("over kernel, cache mode, tokens")) << mixed.note().toStdString();
}

TEST(Pivot, UnitsAndBaseline) {
    const PivotTable us = pivotOf({"experts", {}, "kernel", "median_us"});
    const PivotTable ms = pivotOf({"experts", {}, "kernel", "median_ms"});
    EXPECT_NEAR(*us.at(0, 0).value, 1000.0 * *ms.at(0, 0).value, 1e-9);
    EXPECT_TRUE(ms.note().contains("ms"));
    const PivotTable speedup =
        makePivot(seed(), everything(seed()), {"experts", {}, "kernel", "speedup"}, "triton");
    EXPECT_EQ(speedup.baseline, "triton");
    EXPECT_TRUE(speedup.note().contains("over triton"));
    EXPECT_FALSE(speedup.at(0, 1).value) << "the baseline over itself is no news";
    EXPECT_TRUE(speedup.at(0, 0).value);
    EXPECT_THROW(pivotOf({"colour", {}, "kernel", "gbps"}), Error);
    EXPECT_THROW(pivotOf({"experts", {}, "kernel", "beauty"}), Error);
}

TEST(Pivot, WhatIsMissingIsSaidNotZero) {
    Session session = seed();
    for (Result& r : session.results)
        if (r.kernel == "triton" && r.c.shape.experts == 8) {
            r.status = Status::failed;
            r.gbps.reset();
        }
    std::erase_if(session.results,
                  [](const Result& r) { return r.kernel == "triton" && r.c.shape.experts == 256; });
    const PivotTable table = pivotOf({"experts", {}, "kernel", "gbps"}, session);
    EXPECT_EQ(pivotText(table, table.at(0, 1)), "failed");
    EXPECT_EQ(pivotText(table, table.at(2, 1)), "");
    EXPECT_TRUE(pivotToCsv(table).contains("\r\n8,"));
    EXPECT_TRUE(pivotToCsv(table).contains(",,0\r\n")) << pivotToCsv(table).toStdString();
    EXPECT_TRUE(pivotOf({}, Session{}).rows.empty());
}

TEST(Pivot, TextsForOtherPrograms) {
    Session session = seed();
    session.results[0].kernel = "a,\"b|c";
    const PivotTable table = pivotOf({"tokens", "strategy", "kernel", "gbps"}, session);
    const QString csv = pivotToCsv(table);
    EXPECT_TRUE(csv.startsWith("Total tokens,Strategy,\"a,\"\"b|c\""));
    EXPECT_TRUE(csv.contains("\r\n131072,")) << "no grouped digits in a file";
    EXPECT_EQ(csv.count("\r\n"), static_cast<qsizetype>(table.rows.size()) + 1);
    EXPECT_TRUE(pivotToMarkdown(table).contains("a,\"b\\|c"));
    const QJsonObject json = QJsonDocument::fromJson(pivotToJson(table).toUtf8()).object();
    EXPECT_EQ(json["pivot"].toObject()["value"].toString(), "gbps");
    double total = 0.0;
    for (const auto& cell : json["cells"].toArray()) total += cell.toObject()["count"].toInt();
    EXPECT_EQ(total, 126.0) << "every result is in one cell";
}

TEST(PivotModelTest, ModelAndProxyHold) {
    PivotModel model;
    ResultsProxy proxy;
    proxy.setSourceModel(&model);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    const QAbstractItemModelTester proxy_tester(&proxy,
                                                QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (const HeatmapAxis& axis : pivotAxes())
        for (const PivotValue& value : pivotValues())
            model.setTable(pivotOf({axis.id, "tokens", "kernel", value.id}));
    model.setTable(pivotOf({"experts", "tokens", "kernel", "gbps"}));
    EXPECT_EQ(model.rowCount(), 21);
    EXPECT_EQ(model.columnCount(), 4);
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder})
        for (int column = 0; column < model.columnCount(); ++column) {
            proxy.sort(column, order);
            for (int row = 1; row < proxy.rowCount(); ++row) {
                const auto key = [&](int at) {
                    return proxy.index(at, column).data(ResultsModel::kSortRole).toDouble();
                };
                EXPECT_TRUE(order == Qt::AscendingOrder ? key(row - 1) <= key(row)
                                                        : key(row - 1) >= key(row));
            }
        }
    model.setTable({});
    EXPECT_EQ(model.rowCount(), 0);
}

class PivotWindow : public testing::Test {
  protected:
    PivotWindow() {
        QSettings().clear();
        window = std::make_unique<MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
        window->show();
        window->document().open(seed(), {});
        window->findChild<QDockWidget*>("dock.pivot")->raise();
        EXPECT_TRUE(QTest::qWaitFor([&] { return !pivot().pivot().rows.empty(); }, kTimeoutMs));
    }
    PivotPanel& pivot() { return window->pivot(); }
    void choose(QComboBox& box, const QString& id) {
        box.setCurrentIndex(box.findData(id));
        pivot().updateNow();
    }
    QString file(const QString& name) const { return folder.filePath(name); }
    static QByteArray contents(const QString& path) {
        QFile read(path);
        EXPECT_TRUE(read.open(QIODevice::ReadOnly));
        return read.readAll();
    }

    QTemporaryDir folder;
    std::unique_ptr<MainWindow> window;
};

TEST_F(PivotWindow, FollowsTheChoicesAndTheFilter) {
    ASSERT_TRUE(pivot().isVisible());
    EXPECT_EQ(pivot().pivot().rows.size(), 21U);
    choose(pivot().thenBox(), QString());
    EXPECT_EQ(pivot().pivot().rows.size(), 3U);
    EXPECT_TRUE(pivot().note().text().contains("geometric mean"));
    choose(pivot().columnsBox(), "strategy");
    EXPECT_EQ(pivot().table().model()->columnCount(), 4);
    window->results().filterEdit().setText("triton E=32");
    ASSERT_TRUE(QTest::qWaitFor([&] { return pivot().pivot().rows.size() == 1; }, kTimeoutMs));
    EXPECT_EQ(pivot().pivot().at(0, 0).count, 7);
    window.reset();
    window = std::make_unique<MainWindow>(
        std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
    EXPECT_EQ(pivot().spec().columns, "strategy") << "kept";
}

TEST_F(PivotWindow, AClickSelectsTheCaseEverywhere) {
    const QModelIndex at = pivot().table().model()->index(4, 3);
    pivot().table().scrollTo(at);
    QTest::mouseClick(pivot().table().viewport(), Qt::LeftButton, {},
                      pivot().table().visualRect(at).center());
    ASSERT_NE(window->charts().data().selected, nullptr);
    EXPECT_EQ(groupedNumber(window->charts().data().selected->shape.experts),
              at.siblingAtColumn(0).data().toString());
    EXPECT_EQ(groupedNumber(window->charts().data().selected->total_tokens),
              at.siblingAtColumn(1).data().toString());
    EXPECT_TRUE(window->results().table().currentIndex().isValid());
}

TEST_F(PivotWindow, ACasePickedElsewhereIsEmphasized) {
    pivot().setSpec({"experts", "tokens", "kernel", "gbps"});
    pivot().updateNow();
    const auto emphasized = [this] {
        std::set<std::pair<QString, QString>> rows;  // with how many columns of each
        const QAbstractItemModel& model = *pivot().table().model();
        for (int row = 0; row < model.rowCount(); ++row)
            for (int column = 2; column < model.columnCount(); ++column)
                if (model.index(row, column).data(Qt::BackgroundRole).isValid()) {
                    EXPECT_TRUE(model.index(row, column).data(Qt::FontRole).value<QFont>().bold());
                    rows.insert(
                        {model.index(row, 0).data().toString(), model.index(row, 1).data().toString()});
                }
        return rows;
    };
    const Result& picked = window->document().session().results[40];
    emit window->charts().resultPicked(40);
    const std::set<std::pair<QString, QString>> its_row{
        {groupedNumber(picked.c.shape.experts), groupedNumber(picked.c.total_tokens)}};
    EXPECT_EQ(emphasized(), its_row);
    pivot().updateNow();
    EXPECT_EQ(emphasized(), its_row) << "after results came in";
    window->document().open(test::sampleSession("seed"), {});
    pivot().updateNow();
    EXPECT_TRUE(emphasized().empty()) << "nobody has picked anything in the next session";
}

TEST_F(PivotWindow, CopiesAndExportsWhatIsShown) {
    QTableView& table = pivot().table();
    table.setFocus();
    ASSERT_TRUE(QTest::qWaitFor([&] { return table.hasFocus(); }, kTimeoutMs));
    table.selectionModel()->select(QItemSelection(table.model()->index(0, 3), table.model()->index(1, 3)),
                                   QItemSelectionModel::ClearAndSelect);
    window->actions().copy->trigger();
    const QStringList lines = QGuiApplication::clipboard()->text().split('\n');
    ASSERT_EQ(lines.size(), 3);
    EXPECT_EQ(lines[0], "Experts (E)\tTotal tokens\ttriton");
    EXPECT_EQ(lines[1].count('\t'), 2);

    for (const char* name : {"p.csv", "p.md", "p.json"})
        EXPECT_TRUE(window->commands().exportPivot(pivot().pivot(), file(name)));
    EXPECT_EQ(contents(file("p.csv")).count("\r\n"), 22);
    EXPECT_FALSE(window->commands().exportPivot(pivot().pivot(), file("p.xls")));
    EXPECT_TRUE(window->messages().text().contains(".md"));
    QObject::disconnect(&pivot(), &PivotPanel::exportRequested, nullptr, nullptr);  // a dialog would wait
    QSignalSpy asked(&pivot(), &PivotPanel::exportRequested);
    QTest::mouseClick(&pivot().exportButton(), Qt::LeftButton);
    EXPECT_EQ(asked.count(), 1);
}

TEST_F(PivotWindow, TheTableShowsMillisecondsAndChosenBandwidths) {
    window->findChild<QDockWidget*>("dock.results")->raise();
    ResultsPanel& results = window->results();
    QTableView& table = results.table();
    const QModelIndex median = table.model()->index(5, ResultsModel::kMedian);
    const double us = median.data(ResultsModel::kSortRole).toDouble();
    results.timeBox().setFocus();
    QTest::keyClick(&results.timeBox(), Qt::Key_Down);
    EXPECT_DOUBLE_EQ(median.data(ResultsModel::kSortRole).toDouble(), us / 1000.0);
    EXPECT_EQ(table.model()->headerData(ResultsModel::kMedian, Qt::Horizontal).toString(), "Median ms");
    QTest::keyClick(&results.bandwidthBox(), Qt::Key_Down);
    EXPECT_TRUE(table.isColumnHidden(ResultsModel::kPercentMeasured));
    EXPECT_FALSE(table.isColumnHidden(ResultsModel::kBandwidth));
    QTest::keyClick(&results.bandwidthBox(), Qt::Key_Down);
    EXPECT_FALSE(table.isColumnHidden(ResultsModel::kPercentMeasured));
    EXPECT_TRUE(table.isColumnHidden(ResultsModel::kBandwidth));
    window.reset();
    window = std::make_unique<MainWindow>(
        std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
    EXPECT_TRUE(window->results().table().isColumnHidden(ResultsModel::kBandwidth)) << "kept";
    EXPECT_EQ(window->results().timeBox().currentText(), "ms");
    EXPECT_EQ(window->results().bandwidthBox().currentText(), "%");
}

}  // namespace
}  // namespace moescope::ui
