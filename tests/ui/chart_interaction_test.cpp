// SPDX-License-Identifier: GPL-3.0-or-later
// Zoom, pan, reset, read-out, picking, the legend, driven through the real widgets.
#include <gtest/gtest.h>
#include <qcustomplot.h>

#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QWheelEvent>
#include <cmath>
#include <set>

#include "moescope/session/session_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/export_dialog.h"
#include "moescope/ui/panels/load_panel.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 20000;

class ChartMouse : public testing::Test {
  protected:
    ChartMouse() {
        QSettings().clear();
        window = std::make_unique<MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
        window->show();
        window->document().open(test::sampleSession("seed"), {});
        settle();
    }
    void settle() {
        window->charts().refresh();
        QCoreApplication::processEvents();
        plot().replot();
    }
    void show(const QString& chart) {
        window->charts().showChart(chart);
        settle();
    }
    QCustomPlot& plot() { return *window->charts().findChild<QCustomPlot*>(); }
    QCPRange across() { return plot().axisRect(0)->axis(QCPAxis::atBottom)->range(); }
    void wheel(QPoint at, int delta) {
        QWheelEvent event(at, plot().mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&plot(), &event);
    }
    /// Where the first kernel's first point is.
    QPoint firstPoint() {
        for (int i = 0; i < plot().graphCount(); ++i)
            if (plot().graph(i)->dataCount() > 3) {
                const auto at = plot().graph(i)->data()->at(2);
                return plot().graph(i)->coordsToPixels(at->key, at->value).toPoint();
            }
        return {};
    }

    QTemporaryDir folder;
    std::unique_ptr<MainWindow> window;
};

TEST_F(ChartMouse, WheelZoomsAllPanelsAlikeAndADoubleClickResets) {
    for (const ChartKind& kind : chartKinds()) {
        SCOPED_TRACE(kind.id.toStdString());
        show(kind.id);
        const QCPRange before = across();
        const QPoint center = plot().axisRect(0)->center();
        wheel(center, 240);
        const QCPRange zoomed = across();
        EXPECT_LT(zoomed.size(), before.size());
        if (kind.id == "bandwidth") {
            for (QCPAxisRect* panel : plot().axisRects())
                EXPECT_EQ(panel->axis(QCPAxis::atBottom)->range(), zoomed);
        }
        settle();
        EXPECT_EQ(across(), zoomed) << "new results must not undo a zoom";
        QTest::mouseDClick(&plot(), Qt::LeftButton, {}, center);
        EXPECT_EQ(across(), before);
    }
}

TEST_F(ChartMouse, DraggingPansAndTheActionResets) {
    show("time");
    const QCPRange before = across();
    const QPoint center = plot().axisRect(0)->center();
    QTest::mousePress(&plot(), Qt::LeftButton, {}, center);
    QTest::mouseMove(&plot(), center + QPoint(20, 0));
    QMouseEvent move(QEvent::MouseMove, center + QPoint(60, 0), plot().mapToGlobal(center + QPoint(60, 0)),
                     Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&plot(), &move);
    QTest::mouseRelease(&plot(), Qt::LeftButton, {}, center + QPoint(60, 0));
    EXPECT_LT(across().lower, before.lower);
    window->actions().resetView->trigger();
    EXPECT_EQ(across(), before);
}

TEST_F(ChartMouse, KeysZoomPanAndReset) {
    show("bandwidth");
    ASSERT_TRUE((plot().focusPolicy() & Qt::TabFocus) != 0) << "Tab leads to it";
    plot().setFocus(Qt::TabFocusReason);
    const QCPRange whole = across();
    const auto ratio = [](const QCPRange& range) {
        return range.upper / range.lower;
    };  // the axis is logarithmic
    QTest::keyClick(&plot(), Qt::Key_Plus);
    const QCPRange zoomed = across();
    EXPECT_NEAR(std::log(ratio(zoomed)), 0.8 * std::log(ratio(whole)), 1e-9);
    EXPECT_GT(zoomed.lower, whole.lower);
    EXPECT_EQ(plot().axisRect(1)->axis(QCPAxis::atBottom)->range(), zoomed) << "panels move together";
    EXPECT_FALSE(window->charts().view().empty()) << "what is copied is what is seen";
    QTest::keyClick(&plot(), Qt::Key_Right);
    EXPECT_GT(across().lower, zoomed.lower);
    EXPECT_NEAR(ratio(across()), ratio(zoomed), 1e-6 * ratio(zoomed));
    QTest::keyClick(&plot(), Qt::Key_Left);
    QTest::keyClick(&plot(), Qt::Key_Minus);
    EXPECT_NEAR(across().lower, whole.lower, 1e-6 * whole.lower);
    const double low = plot().axisRect(0)->axis(QCPAxis::atLeft)->range().lower;
    QTest::keyClick(&plot(), Qt::Key_Up);
    EXPECT_GT(plot().axisRect(0)->axis(QCPAxis::atLeft)->range().lower, low);
    QTest::keyClick(&plot(), Qt::Key_Home);
    EXPECT_EQ(across(), whole);
    EXPECT_TRUE(window->charts().view().empty());
}

TEST_F(ChartMouse, TheTablesColumnsAreChosenByKeyboard) {
    auto* button = window->results().findChild<QToolButton*>();
    ASSERT_NE(button, nullptr);
    EXPECT_TRUE((button->focusPolicy() & Qt::TabFocus) != 0);
    QTimer::singleShot(200, [] {
        auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
        ASSERT_NE(menu, nullptr);
        for (QAction* action : menu->actions())
            if (action->text() == "Seed") action->trigger();
        menu->close();
    });
    ASSERT_FALSE(window->results().table().isColumnHidden(ResultsModel::kSeed));
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Space);
    EXPECT_TRUE(window->results().table().isColumnHidden(ResultsModel::kSeed));
}

TEST_F(ChartMouse, AClickSelectsTheCaseEverywhere) {
    show("bandwidth");
    QTest::mouseClick(&plot(), Qt::LeftButton, {}, firstPoint());
    const QModelIndex row = window->results().table().currentIndex();
    ASSERT_TRUE(row.isValid());
    ASSERT_NE(window->charts().data().selected, nullptr);
    const Case picked = *window->charts().data().selected;
    EXPECT_EQ(window->document().session().results[static_cast<std::size_t>(row.row())].c, picked);
    const auto rings = [&] {
        int count = 0;
        for (int i = 0; i < plot().graphCount(); ++i)
            count += plot().graph(i)->scatterStyle().shape() == QCPScatterStyle::ssCircle ? 1 : 0;
        return count;
    };
    settle();
    EXPECT_EQ(rings(), 2) << "both kernels of the case";
    window->results().table().selectRow(30);
    settle();
    EXPECT_FALSE(*window->charts().data().selected == picked);
    EXPECT_EQ(rings(), 2);
}

TEST_F(ChartMouse, HoverTellsKernelCaseAndNumbers) {
    const QString text = window->charts().readOut(0);
    for (const char* part :
         {"silu_v2", "cold cache", "E=8", "median", "GB/s", "% of the theoretical peak", "Gini"})
        EXPECT_TRUE(text.contains(part)) << part << " in " << text.toStdString();
}

/// Every case with the seed 42, and again with 43.
Session twoSeeds(Session session) {
    std::vector<Result> others = session.results;
    for (Result& r : others) r.c.seed = 43;
    session.results.insert(session.results.end(), others.begin(), others.end());
    return session;
}

TEST_F(ChartMouse, TitlesOfPanelsAreWholeOnALowScreen) {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "triton", "silu_v3"};
    window->document().open(twoSeeds(test::sampleSession(selection)), {});
    show("bandwidth");
    ASSERT_EQ(plot().axisRectCount(), 18) << "a panel for each strategy, experts and seed";
    for (const int height : {440, 380, 500}) {
        plot().setFixedHeight(height);
        settle();
        for (QCPLayoutElement* element : plot().plotLayout()->elements(true)) {
            const auto* text = qobject_cast<QCPTextElement*>(element);
            if (text == nullptr) continue;
            EXPECT_GE(element->outerRect().height() + 1, element->minimumOuterSizeHint().height())
                << text->text().toStdString() << " at " << height;
        }
    }
}

TEST_F(ChartMouse, LeadersCrossNoLabels) {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "triton"};
    window->document().open(twoSeeds(test::sampleSession(selection)), {});
    show("bandwidth");
    std::vector<QRectF> labels;
    std::vector<QLineF> leaders;
    for (int i = 0; i < plot().itemCount(); ++i) {
        if (const auto* text = qobject_cast<QCPItemText*>(plot().item(i)); text && text->visible())
            labels.emplace_back(text->topLeft->pixelPosition(), text->bottomRight->pixelPosition());
        if (const auto* line = qobject_cast<QCPItemLine*>(plot().item(i)); line && line->visible())
            if (line->end->type() == QCPItemPosition::ptAbsolute)
                leaders.emplace_back(line->start->pixelPosition(), line->end->pixelPosition());
    }
    ASSERT_FALSE(leaders.empty());
    ASSERT_GE(labels.size(), 9U);
    for (const QLineF& leader : leaders)
        for (const QRectF& label : labels) {
            const QRectF inside = label.adjusted(2, 2, -2, -2);  // it ends at the edge of its own
            for (double part = 0.0; part <= 1.0; part += 0.01)
                EXPECT_FALSE(inside.contains(leader.pointAt(part)));
        }
}

TEST_F(ChartMouse, CasesThatDifferBySeedAreToldApartWhereverTheyAreShown) {
    const Session session = twoSeeds(test::sampleSession("seed"));
    const std::size_t first = session.results.size() / 2;
    window->document().open(session, {});
    settle();
    EXPECT_FALSE(window->charts().readOut(0).contains("seed"));
    EXPECT_TRUE(window->charts().readOut(first).contains("seed=43"))
        << window->charts().readOut(first).toStdString();
    window->results().selectResult(first);
    show("samples");
    const auto shown = [&](const QString& text) {
        for (int i = 0; i < plot().itemCount(); ++i)
            if (const auto* item = qobject_cast<QCPItemText*>(plot().item(i));
                item && item->text().contains(text))
                return true;
        for (const auto* element : plot().plotLayout()->elements(true))
            if (const auto* line = qobject_cast<const QCPTextElement*>(element);
                line && line->text().contains(text))
                return true;
        return false;
    };
    EXPECT_TRUE(shown("seed 43")) << "in the subtitle";
    window->results().selectResult(0);
    settle();
    EXPECT_FALSE(shown("seed 43"));
}

TEST_F(ChartMouse, TheLegendSwitchesKernelsOffAndOn) {
    for (const char* chart : {"bandwidth", "bandwidth-bars", "heatmap", "imbalance", "samples"}) {
        SCOPED_TRACE(chart);
        show(chart);
        const int before = plot().plottableCount();
        auto* legend = plot().findChild<QCPLegend*>();
        ASSERT_NE(legend, nullptr);
        const QPoint entry = legend->item(1)->rect().center();
        QTest::mouseClick(&plot(), Qt::LeftButton, {}, entry);
        ASSERT_TRUE(QTest::qWaitFor([&] { return !window->charts().data().hidden.empty(); }, kTimeoutMs));
        EXPECT_EQ(*window->charts().data().hidden.begin(), "triton");
        settle();
        EXPECT_LT(plot().plottableCount(), before);
        window->charts().toggleKernel("triton");
        settle();
        EXPECT_EQ(plot().plottableCount(), before);
    }
}

TEST_F(ChartMouse, ChoicesAreThoseOfTheShownChart) {
    show("bandwidth");
    EXPECT_FALSE(window->charts().heatXBox().isVisible());
    EXPECT_TRUE(window->charts().baselineBox().isVisible());
    show("heatmap");
    EXPECT_TRUE(window->charts().heatXBox().isVisible());
    EXPECT_TRUE(window->charts().metricBox().isVisible());
    EXPECT_FALSE(window->charts().overBox().isVisible());
    show("samples");
    EXPECT_FALSE(window->charts().baselineBox().isVisible());
    window->actions().nextChart->trigger();
    EXPECT_EQ(window->charts().chartId(), "bandwidth") << "round and round";
}

TEST_F(ChartMouse, FilterTakesWordsAndConditions) {
    const QAbstractItemModel& rows = *window->results().table().model();
    const auto filtered = [&](const char* text) {
        window->results().filterEdit().setText(text);
        return rows.rowCount();
    };
    EXPECT_EQ(filtered(""), 126);
    EXPECT_EQ(filtered("triton"), 63);
    EXPECT_EQ(filtered("triton E=8"), 21);
    EXPECT_EQ(filtered("kernel=silu_v2 E=8 uniform"), 7);
    EXPECT_EQ(filtered("tokens>=131,072"), 6);
    EXPECT_EQ(filtered("tokens>131072"), 0);
    EXPECT_EQ(filtered("status!=ok"), 0);
    EXPECT_EQ(filtered("strategy=even gini<0.001"), 42);
    EXPECT_EQ(filtered("nonsense=3"), 0);
    filtered("triton E=32");
    ASSERT_TRUE(window->commands().exportShown(folder.filePath("shown.csv")));
    QFile csv(folder.filePath("shown.csv"));
    ASSERT_TRUE(csv.open(QIODevice::ReadOnly));
    EXPECT_EQ(csv.readAll().count("\r\n"), 22);
    ASSERT_TRUE(window->commands().exportShown(folder.filePath("shown.moescope.json")));
    EXPECT_EQ(load_session(folder.filePath("shown.moescope.json").toStdString()).results.size(), 21U);
    ASSERT_TRUE(window->commands().exportShown(folder.filePath("shown.md")));
    EXPECT_FALSE(window->commands().exportShown(folder.filePath("shown.xls")));
    EXPECT_TRUE(window->messages().text().contains(".md"));
}

TEST_F(ChartMouse, ExportDialogOffersPresetsAndRefusesWhatCannotBeRead) {
    ExportDialog dialog({900, 500}, Theme::darkTheme(), true);
    EXPECT_EQ(dialog.size().pixels, QSize(1800, 1000)) << "as on screen, twice as fine";
    EXPECT_FALSE(dialog.look().theme.dark) << "paper is white whatever the screen is";
    for (int i = 0; i < dialog.presetBox().count(); ++i) {
        dialog.presetBox().setCurrentIndex(i);
        EXPECT_TRUE(dialog.isAcceptable()) << i;
    }
    dialog.presetBox().setCurrentIndex(1);
    const ChartFileSize column = dialog.size();
    EXPECT_NEAR(column.pixels.width() / column.dpi, 3.4, 0.01);
    dialog.widthBox().setValue(400);
    EXPECT_EQ(dialog.presetBox().currentIndex(), dialog.presetBox().count() - 1) << "an own size now";
    EXPECT_FALSE(dialog.isAcceptable()) << "400 pixels at 300 dpi";
    EXPECT_FALSE(dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok)->isEnabled());
    dialog.presetBox().setCurrentIndex(3);
    dialog.themeBox().setCurrentIndex(1);
    dialog.footerBox().setChecked(false);
    EXPECT_TRUE(dialog.look().theme.dark);
    EXPECT_FALSE(dialog.look().footer);
    dialog.accept();
    const QString file = folder.filePath("slide.png");
    ASSERT_TRUE(window->commands().exportChart(file, dialog.size(), dialog.look()));
    EXPECT_EQ(QImage(file).size(), QSize(1920, 1080));
    EXPECT_LT(QImage(file).pixelColor(2, 2).lightness(), 60);
    EXPECT_EQ(ExportDialog({900, 500}, Theme::light(), true).size().pixels, QSize(1920, 1080))
        << "offered again";
}

TEST_F(ChartMouse, CopiesAndExportsWhatIsZoomedTo) {
    const QImage whole = window->charts().image();
    ASSERT_TRUE(window->charts().view().empty());
    wheel(plot().axisRect(0)->center(), 240);
    ASSERT_FALSE(window->charts().view().empty());
    EXPECT_NE(window->charts().image(), whole) << "the clipboard gets what is on screen";
    ExportDialog dialog({900, 500}, Theme::light(), true);
    EXPECT_FALSE(dialog.zoomBox().isEnabled());
    dialog.offerView(window->charts().view());
    EXPECT_TRUE(dialog.zoomBox().isEnabled());
    EXPECT_EQ(dialog.look().view, window->charts().view());
    dialog.zoomBox().setChecked(false);
    EXPECT_TRUE(dialog.look().view.empty());
    window->charts().resetView();
    EXPECT_EQ(window->charts().image(), whole);
}

TEST_F(ChartMouse, ExportingAsksOnce) {
    int asked = 0;
    QTimer refuse;
    QObject::connect(&refuse, &QTimer::timeout, &refuse, [&asked] {
        QWidget* dialog = QApplication::activeModalWidget();
        if (dialog == nullptr) return;
        ++asked;
        dialog->close();
    });
    refuse.start(20);
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    window->actions().exportChart->trigger();
    EXPECT_EQ(asked, 1);
    window->actions().exportTable->trigger();
    EXPECT_EQ(asked, 2);
    window->actions().exportReport->trigger();
    EXPECT_EQ(asked, 3);
}

TEST_F(ChartMouse, ReportIsWrittenFromTheWindow) {
    ASSERT_TRUE(window->commands().exportReport(folder.filePath("r.html")));
    EXPECT_GT(QFileInfo(folder.filePath("r.html")).size(), 50000);
    EXPECT_FALSE(window->commands().exportReport(folder.filePath("missing/r.html")));
}

TEST_F(ChartMouse, F1ListsEveryShortcutAndNoneIsUsedTwice) {
    window->actions().shortcuts->trigger();
    auto* box = window->findChild<QDialog*>("shortcuts");
    ASSERT_NE(box, nullptr);
    QString text;
    for (const QLabel* column : box->findChildren<QLabel*>()) text += column->text();
    std::set<QString> seen;
    for (const auto& [keys, what] : window->actions().shortcutList()) {
        EXPECT_TRUE(text.contains(keys.toHtmlEscaped())) << keys.toStdString();
        EXPECT_TRUE(seen.insert(keys).second) << keys.toStdString();
    }
    EXPECT_GE(seen.size(), 12U);
    box->close();
}

}  // namespace
}  // namespace moescope::ui
