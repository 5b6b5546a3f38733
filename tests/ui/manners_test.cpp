// SPDX-License-Identifier: GPL-3.0-or-later
// Locales, themes, layout, sizes: what a window owes whoever sits in front of it.
#include <gtest/gtest.h>

#include <QComboBox>
#include <QDockWidget>
#include <QDoubleSpinBox>
#include <QFontMetrics>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMessageBox>
#include <QPainter>
#include <QSettings>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <locale>

#include "moescope/session/session_file.h"
#include "moescope/ui/charts/chart_file.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/export_dialog.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/pivot_panel.h"
#include "moescope/ui/panels/results_panel.h"
#include "moescope/ui/panels/sweep_status.h"
#include "moescope/ui/support/icons.h"
#include "moescope/ui/window/main_window.h"
#include "moescope/ui/window/session_commands.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

/// Decimal commas and points between thousands, as in German, for the parts that use the C++ locale. The
/// machine need not have a German one installed.
class GermanNumbers : public std::numpunct<char> {
  protected:
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

class German {
  public:
    German() : m_qt(QLocale()), m_std(std::locale::global(std::locale(std::locale(), new GermanNumbers))) {
        QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    }
    ~German() {
        QLocale::setDefault(m_qt);
        std::locale::global(m_std);
    }

  private:
    QLocale m_qt;
    std::locale m_std;
};

QByteArray contents(const QString& path) {
    QFile file(path);
    EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
    return file.readAll();
}

class Manners : public testing::Test {
  protected:
    Manners() { QSettings().clear(); }
    MainWindow& open() {
        window = std::make_unique<MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
        window->show();
        EXPECT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
        return *window;
    }
    /// Everything that the window writes about one session.
    std::map<QString, QByteArray> filesOf(const QString& into) {
        EXPECT_TRUE(QDir().mkpath(into));
        open();
        window->document().open(session, {});
        window->pivot().updateNow();
        const auto at = [&](const char* name) { return into + QLatin1Char('/') + QLatin1String(name); };
        EXPECT_TRUE(window->commands().save(at("s.moescope.json")));
        for (const char* name : {"t.csv", "t.md"}) EXPECT_TRUE(window->commands().exportShown(at(name)));
        for (const char* name : {"p.csv", "p.md", "p.json"})
            EXPECT_TRUE(window->commands().exportPivot(window->pivot().pivot(), at(name)));
        EXPECT_TRUE(window->commands().exportReport(at("r.html")));
        for (const ChartKind& kind : chartKinds()) {
            window->charts().showChart(kind.id);
            EXPECT_TRUE(window->commands().exportChart(at((kind.id + ".svg").toUtf8().constData())));
        }
        std::map<QString, QByteArray> files;
        for (const QString& name : QDir(into).entryList(QDir::Files))
            files[name] = contents(into + "/" + name);
        window.reset();
        return files;
    }

    Session session = test::sampleSession("seed");
    QTemporaryDir folder;
    std::unique_ptr<MainWindow> window;
};

TEST_F(Manners, AGermanLocaleChangesNoByteOfAnyFile) {
    const auto here = filesOf(folder.filePath("here"));
    const German german;
    ASSERT_EQ(QLocale().toString(1.5), "1,5");
    const auto there = filesOf(folder.filePath("there"));
    ASSERT_EQ(here.size(), there.size());
    EXPECT_GE(here.size(), 16U);
    for (const auto& [name, bytes] : here) EXPECT_TRUE(bytes == there.at(name)) << name.toStdString();
    EXPECT_EQ(session_to_json(load_session(folder.filePath("there/s.moescope.json").toStdString())),
              session_to_json(session));
}

TEST_F(Manners, FieldsTakeAndShowDecimalPointsInAGermanLocale) {
    const German german;
    open();
    int boxes = 0;
    for (auto* box : window->findChildren<QDoubleSpinBox*>()) {
        ++boxes;
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, "0.25");
        QTest::keyClick(box, Qt::Key_Tab);
        EXPECT_DOUBLE_EQ(box->value(), 0.25) << box->accessibleName().toStdString();
        EXPECT_TRUE(box->text().startsWith("0.25")) << box->text().toStdString();
    }
    EXPECT_GE(boxes, 2);
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
    EXPECT_DOUBLE_EQ(window->matrix().plan()->selection.measure.ci_percent, 0.25);
    ExportDialog dialog({900, 500}, Theme::light(), true);
    EXPECT_EQ(dialog.dpiBox().text(), "192");
    EXPECT_EQ(dialog.widthBox().text(), "1800 px") << "no points between thousands";
    EXPECT_EQ(window->charts().findChildren<QComboBox*>().isEmpty(), false);
}

TEST_F(Manners, TheExportDialogCutsNoReasonOff) {
    ExportDialog dialog({900, 500}, Theme::light(), true);
    dialog.show();
    QCoreApplication::processEvents();
    dialog.widthBox().setValue(200);
    QCoreApplication::processEvents();
    ASSERT_FALSE(dialog.isAcceptable());
    for (const auto* label : dialog.findChildren<QLabel*>())
        if (label->wordWrap()) {
            EXPECT_GE(label->height(),
                      QFontMetrics(label->font())
                          .boundingRect(QRect(0, 0, label->width(), 1000), Qt::TextWordWrap, label->text())
                          .height())
                << label->text().toStdString();
        }
}

TEST_F(Manners, TheFilterReadsNumbersAlikeEverywhere) {
    const German german;
    open();
    window->document().open(session, {});
    window->results().filterEdit().setText("tokens>=131,072 gini<0.35");
    const int german_rows = window->results().table().model()->rowCount();
    EXPECT_GT(german_rows, 0);
    EXPECT_LE(german_rows, 6);
}

TEST_F(Manners, ThemesCanBeChosenAndTheSystemsIsFollowed) {
    open();
    const QColor system = QApplication::palette().color(QPalette::Window);
    window->setTheme(ThemeChoice::dark);
    QCoreApplication::processEvents();
    EXPECT_LT(window->palette().color(QPalette::Window).lightness(), 80);
    window->setTheme(ThemeChoice::light);
    QCoreApplication::processEvents();
    EXPECT_GT(window->palette().color(QPalette::Window).lightness(), 200);
    window->setTheme(ThemeChoice::system);
    QCoreApplication::processEvents();
    EXPECT_EQ(QApplication::palette().color(QPalette::Window), system);
    EXPECT_EQ(QApplication::palette().resolveMask(), 0U) << "a palette of its own would hide the system's";
    // What the system does when it turns dark: the window gets another palette without anybody choosing.
    QPalette dark;
    for (const auto role : {QPalette::Window, QPalette::Base, QPalette::Button})
        dark.setColor(role, QColor(30, 30, 30));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        dark.setColor(role, Qt::white);
    window->document().open(session, {});
    QApplication::setPalette(dark);
    QCoreApplication::processEvents();
    EXPECT_LT(window->charts().image().pixelColor(1, 1).lightness(), 60) << "charts follow";
    QApplication::setPalette(QPalette());
}

TEST_F(Manners, TheWindowFitsAt1280By800WithEveryPanelInFront) {
    open();
    window->document().open(session, {});
    for (const QDockWidget* dock : window->findChildren<QDockWidget*>()) {
        const_cast<QDockWidget*>(dock)->raise();
        for (const ChartKind& kind : chartKinds()) {
            window->charts().showChart(kind.id);
            window->resize(1280, 800);
            QCoreApplication::processEvents();
            EXPECT_EQ(window->size(), QSize(1280, 800))
                << dock->objectName().toStdString() << ", " << kind.id.toStdString();
            EXPECT_GE(window->charts().shownSize().height(), 300) << dock->objectName().toStdString();
        }
    }
}

TEST_F(Manners, NothingMovesWhenASweepBegins) {
    open();
    window->status().showText("Ready");
    QCoreApplication::processEvents();
    const QSize chart = window->charts().shownSize();
    window->status().begin(10);
    QCoreApplication::processEvents();
    ASSERT_TRUE(window->status().bar().isVisible());
    EXPECT_EQ(window->charts().shownSize(), chart);
}

TEST_F(Manners, AboutNamesTheVersionOnce) {
    open();
    QString text;
    QTimer reader;
    QObject::connect(&reader, &QTimer::timeout, &reader, [&text] {
        if (auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget()); box != nullptr) {
            text = box->text();
            box->close();
        }
    });
    reader.start(20);
    window->actions().about->trigger();
    EXPECT_TRUE(text.startsWith(QString::fromStdString(tool_version()))) << text.toStdString();
    EXPECT_EQ(text.count("moescope"), 1);
}

TEST_F(Manners, NoTabBarLiesOverAPanel) {
    open();
    window->setAnimated(false);
    window->resize(1280, 800);
    for (int round = 0; round < 4; ++round) {
        window->restoreDefaultLayout();
        QCoreApplication::processEvents();
        EXPECT_EQ(window->size(), QSize(1280, 800)) << "on a small screen, too";
        int most_tabs = 0;
        for (const auto* bar : window->findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
            if (!bar->isVisible()) continue;
            most_tabs = std::max(most_tabs, bar->count());
            for (const auto* dock : window->findChildren<QDockWidget*>()) {
                const bool seen = !dock->visibleRegion().isEmpty();
                EXPECT_FALSE(seen && bar->geometry().intersects(dock->geometry()))
                    << dock->objectName().toStdString() << ", a bar of " << bar->count() << " tabs";
            }
        }
        EXPECT_GE(most_tabs, 4) << "results, pivot, telemetry, plan";
    }
}

TEST_F(Manners, TheDefaultLayoutComesBackWhateverWasDone) {
    open();
    std::map<QString, QRect> before;
    for (QDockWidget* dock : window->findChildren<QDockWidget*>())
        before[dock->objectName()] = QRect(QPoint(window->dockWidgetArea(dock), 0), QSize(1, 1));
    for (QDockWidget* dock : window->findChildren<QDockWidget*>()) {
        dock->setFloating(true);
        dock->close();
    }
    window->actions().restoreLayout->trigger();
    QCoreApplication::processEvents();
    for (QDockWidget* dock : window->findChildren<QDockWidget*>()) {
        EXPECT_FALSE(dock->isFloating()) << dock->objectName().toStdString();
        EXPECT_FALSE(dock->isHidden() && window->tabifiedDockWidgets(dock).isEmpty())
            << dock->objectName().toStdString();
        EXPECT_EQ(window->dockWidgetArea(dock), before[dock->objectName()].x())
            << dock->objectName().toStdString();
    }
}

TEST(Icons, AreSharpAt100And200And300Percent) {
    const QIcon icon = shapeIcon(QPolygonF({{4, 2}, {14, 8}, {4, 14}}), QPalette());
    for (const int ratio : {1, 2, 3}) {
        const QPixmap pixmap = icon.pixmap(QSize(16, 16), ratio);
        EXPECT_EQ(pixmap.size(), QSize(16, 16) * ratio);
        EXPECT_EQ(pixmap.devicePixelRatio(), ratio);
    }
}

}  // namespace
}  // namespace moescope::ui
