// SPDX-License-Identifier: GPL-3.0-or-later

// Divisors, recorded counts, measuring options and axes of the matrix builder.

#include <QCheckBox>
#include <QFontMetrics>
#include <QLabel>
#include <QScrollArea>
#include <QUndoStack>

#include "matrix_fixture.h"
#include "moescope/ui/charts/load_chart.h"
#include "moescope/ui/support/focus_order.h"
#include "moescope/ui/theme/theme.h"

namespace moescope::ui {
namespace {

using Values = std::vector<std::int64_t>;

class Builder : public test::MatrixFixture {
  protected:
    StrategyRow& custom(const QString& parameters) {
        while (panel->strategies().rows().size() > 1)
            panel->strategies().rows().back()->removeButton().click();
        StrategyRow& row = *panel->strategies().rows().front();
        row.kindBox().setCurrentText("custom");
        row.parameterEdit().setText(parameters);
        return row;
    }
};

TEST_F(Builder, DivisorsLeaveWhatOneDeviceHas) {
    choosePreset("deepseek-v3");
    AxesEditor& axes = panel->axes();
    EXPECT_EQ(axes.experts().edit().text(), "256") << "the model's";
    EXPECT_EQ(axes.hidden().edit().text(), "2048");
    axes.expertParallel().spin().setValue(8);
    EXPECT_EQ(axes.expertParallel().note(), "256 / EP 8 = 32");
    axes.tensorParallel().spin().setValue(4);
    EXPECT_EQ(axes.tensorParallel().note(), "2048 / TP 4 = 512");
    EXPECT_EQ(experts(), Values{32});
    EXPECT_EQ(panel->selection()->hidden, Values{512});
    EXPECT_EQ(axes.experts().edit().text(), "256");
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(panel->plan()->cases.front().c.shape.experts, 32);
    choosePreset("kimi-k2");
    EXPECT_EQ(axes.expertParallel().divisor(), 1);
    EXPECT_EQ(experts(), Values{384});
}

TEST_F(Builder, AnErrorTakesTheRoomOfItsOwnLinesAlone) {
    AxisField& field = panel->axes().experts();
    const auto* error = field.findChild<QLabel*>("error");
    const auto expect_no_empty_line = [&] {
        QTest::qWait(200);
        const QRect room(0, 0, error->width(), 10000);
        const int lines =
            QFontMetrics(error->font()).boundingRect(room, Qt::TextWordWrap, error->text()).height();
        EXPECT_NEAR(error->height(), lines, 3) << error->text().toStdString();
        EXPECT_NEAR(field.height(), field.edit().height() + lines, 6) << error->text().toStdString();
        return lines;
    };
    type(field.edit(), "8:no number that anybody would give as the end of a range:*2");
    const int many = expect_no_empty_line();
    type(field.edit(), "0");
    EXPECT_LT(expect_no_empty_line(), many) << "a shorter reason";
    type(field.edit(), "8:no number that anybody would give as the end of a range:*2");
    panel->resize(900, 1400);
    EXPECT_LT(expect_no_empty_line(), many) << "a wider panel";
}

TEST_F(Builder, NoTextIsWiderThanThePanel) {
    const QString path =
        QStringLiteral("/mine/a_library_with_a_name_that_is_longer_than_the_panel_is_wide_v12.so");
    QScrollArea& area = *panel->findChild<QScrollArea*>();
    const int before = area.widget()->width();
    EXPECT_LE(before, area.viewport()->width());
    panel->plugins().setError(QStringLiteral("no kernel for this device in %1").arg(path));
    panel->axes().experts().setText("8,24,32,56,64,88,96,120,128,152,160,184,192,216,224,248,256");
    panel->axes().expertParallel().setDivisor(8);
    QTest::qWait(50);
    EXPECT_FALSE(panel->axes().expertParallel().note().isEmpty());
    EXPECT_LE(area.widget()->width(), area.viewport()->width()) << "what is beyond could not be reached";
    EXPECT_TRUE(panel->plugins().error().endsWith(path)) << "told as it is";
}

TEST_F(Builder, AnErrorFollowsTheTheme) {
    panel->axes().experts().setText("x");
    const auto* error = panel->axes().experts().findChild<QLabel*>("error");
    for (const Theme& theme : {Theme::darkTheme(), Theme::light()}) {
        applyThemeChoice(*qApp, theme.dark ? ThemeChoice::dark : ThemeChoice::light);
        QCoreApplication::processEvents();
        EXPECT_EQ(error->palette().color(QPalette::WindowText), theme.error) << theme.dark;
    }
    applyThemeChoice(*qApp, ThemeChoice::system);
}

TEST_F(Builder, DivisorsThatLeaveARestAreToldBesideThem) {
    choosePreset("deepseek-v3");
    AxesEditor& axes = panel->axes();
    axes.expertParallel().spin().setValue(7);
    EXPECT_TRUE(axes.expertParallel().error().contains("256")) << axes.expertParallel().error().toStdString();
    EXPECT_FALSE(panel->selection().has_value());
    ASSERT_TRUE(waitForSummary("Correct the marked fields"));
    type(axes.experts().edit(), "7:28:7");
    EXPECT_TRUE(axes.expertParallel().error().isEmpty());
    EXPECT_EQ(experts(), (Values{1, 2, 3, 4}));
    axes.tensorParallel().spin().setValue(3);
    EXPECT_TRUE(axes.tensorParallel().error().contains("2,048"));
    axes.tensorParallel().spin().setValue(32);
    EXPECT_TRUE(axes.tensorParallel().error().contains("G 128"))
        << axes.tensorParallel().error().toStdString();
    EXPECT_FALSE(panel->selection().has_value());
    type(axes.groupSize().edit(), "64");
    EXPECT_TRUE(axes.tensorParallel().error().isEmpty());
    EXPECT_EQ(panel->selection()->hidden, Values{64});
}

TEST_F(Builder, CountsComeFromAFileStepByStep) {
    const QString file = write("loads.csv", "a,b,c,d\n1,2,3,4\n0,0,0,64\n5,5,5,5\n");
    type(panel->axes().experts().edit(), "4");
    type(panel->axes().maxTokens().edit(), "64");
    StrategyRow& row = custom(file);
    EXPECT_TRUE(row.error().isEmpty()) << row.error().toStdString();
    CountsPicker& counts = row.counts();
    EXPECT_TRUE(counts.isVisible());
    EXPECT_TRUE(counts.everyStep().isChecked());
    EXPECT_EQ(counts.slider().maximum(), 2);
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(panel->plan()->cases.size(), 3U);

    const QImage first = counts.picture().widget()->grab().toImage();
    EXPECT_TRUE(counts.label().text().contains("10 tokens")) << counts.label().text().toStdString();
    counts.slider().setFocus();
    QTest::keyClick(&counts.slider(), Qt::Key_Right);
    EXPECT_TRUE(counts.label().text().contains("64 tokens")) << counts.label().text().toStdString();
    EXPECT_TRUE(counts.label().text().contains("1 of 4 active"));
    EXPECT_NE(counts.picture().widget()->grab().toImage(), first) << "the picture follows the slider";
    EXPECT_EQ(row.strategy()->step, -1) << "and every step is still measured";

    counts.everyStep().click();
    EXPECT_EQ(row.parameterEdit().text(), file + "#1");
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(panel->plan()->cases.size(), 1U);
    EXPECT_EQ(panel->plan()->cases.front().c.total_tokens, 64);
    QTest::keyClick(&counts.slider(), Qt::Key_Right);
    EXPECT_EQ(row.parameterEdit().text(), file + "#2");
    row.parameterEdit().setText(file + "#0");
    EXPECT_EQ(counts.slider().value(), 0) << "the slider follows the text";
    row.kindBox().setCurrentText("even");
    EXPECT_FALSE(counts.isVisible());
}

TEST_F(Builder, CountsThatCannotBeReadAreToldInTheirRow) {
    const QString good = write("good.csv", "1,2\n");
    const QString bad = write("bad.csv", "1,2\n3,x\n");
    const QString empty = write("empty.csv", "");
    for (const auto& [parameters, part] :
         {std::pair{folder.filePath("missing.csv"), QString("missing.csv")},
          std::pair{bad, QString("step 1")}, std::pair{empty, QString("no counts")},
          std::pair{good + "#7", QString("steps 0 to 0")}, std::pair{good + "#x", QString("step after #")},
          std::pair{QString(), QString("custom:FILE")}}) {
        StrategyRow& row = custom(parameters);
        EXPECT_TRUE(row.error().contains(part)) << row.error().toStdString();
        EXPECT_FALSE(row.counts().isVisible());
        EXPECT_FALSE(panel->selection().has_value());
    }
    EXPECT_TRUE(custom(good).error().isEmpty());
}

TEST_F(Builder, FilesThatTellEverythingNeedNoExpertsAndTokens) {
    type(panel->axes().experts().edit(), "");
    type(panel->axes().tokens().edit(), "");
    EXPECT_TRUE(panel->axes().experts().error().contains("nothing is given"));
    EXPECT_FALSE(panel->selection().has_value());
    custom(write("loads.csv", "1,2,3\n"));
    EXPECT_TRUE(panel->axes().experts().error().isEmpty());
    EXPECT_TRUE(panel->axes().tokens().error().isEmpty());
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(panel->plan()->cases.front().c.shape.experts, 3);
    panel->strategies().rows().front()->kindBox().setCurrentText("even");
    EXPECT_FALSE(panel->axes().experts().error().isEmpty());
}

TEST_F(Builder, AxesSayWhatIsWrong) {
    AxisField& experts = panel->axes().experts();
    for (const char* good : {"1:512:*2", "8, 32 ,256", "1:9:4,100", " 7 "}) {
        type(experts.edit(), good);
        EXPECT_TRUE(experts.error().isEmpty()) << good << ": " << experts.error().toStdString();
    }
    for (const char* bad : {"", " ", "-1", "8,-8", "0", "99999999999999999999", "65537", "1:512", "1:512:*1",
                            "1:512:0", "512:1:*2", "1:512:*2:3", "8;9", "1e3", "8.5", "a"}) {
        type(experts.edit(), bad);
        EXPECT_TRUE(experts.error().startsWith("Experts E: "))
            << bad << ": " << experts.error().toStdString();
        EXPECT_FALSE(panel->selection().has_value()) << bad;
    }
    type(panel->axes().groupSize().edit(), "64,96");
    EXPECT_TRUE(panel->axes().groupSize().error().contains("32, 64, 128, 256"));
}

TEST_F(Builder, InputTypesAreChosenLikeScaleFormats) {
    choosePreset("seed");
    ChoicesField& types = panel->axes().inputTypes();
    const std::vector<QCheckBox*> boxes = [&] {
        const QList<QCheckBox*> all = types.findChildren<QCheckBox*>();
        return std::vector<QCheckBox*>(all.begin(), all.end());
    }();
    ASSERT_EQ(boxes.size(), 2U);
    EXPECT_EQ(boxes[0]->text(), "bf16");
    EXPECT_EQ(panel->selection()->input_types, std::vector{InputType::bf16});
    boxes[1]->click();
    EXPECT_EQ(panel->selection()->input_types, (std::vector{InputType::bf16, InputType::fp16}));
    ASSERT_TRUE(waitForSummary("126 cases"));
    boxes[0]->click();
    EXPECT_EQ(panel->selection()->input_types, std::vector{InputType::fp16});
    EXPECT_TRUE(types.error().isEmpty());
    boxes[1]->click();
    EXPECT_FALSE(panel->selection().has_value());
    EXPECT_EQ(types.error(), "choose at least one input type");
    panel->history().stack().undo();
    EXPECT_EQ(panel->selection()->input_types, std::vector{InputType::fp16});
    EXPECT_TRUE(types.error().isEmpty());
    for (QCheckBox* box : panel->axes().scaleFormats().findChildren<QCheckBox*>())
        if (box->isChecked()) box->click();
    EXPECT_EQ(panel->axes().scaleFormats().error(), "choose at least one scale format");
    EXPECT_FALSE(panel->selection().has_value());
}

TEST_F(Builder, EveryMeasuringOptionReachesTheSelection) {
    MeasureEditor& measure = panel->measure();
    measure.cache().setCurrentText("both");
    measure.launch().setCurrentText("host");
    measure.ciTarget().setValue(2.5);
    measure.minSamples().setValue(30);
    measure.maxSamples().setValue(400);
    measure.maxSeconds().setValue(0.25);
    type(*measure.seedField().findChild<QLineEdit*>(), "18446744073709551615");
    const Selection selection = panel->selection().value();
    EXPECT_EQ(selection.cache, CacheSelection::both);
    EXPECT_EQ(selection.launch, LaunchMode::host);
    EXPECT_EQ(selection.measure, (MeasureOptions{2.5, 30, 400, 0.25}));
    EXPECT_EQ(selection.seed, 18446744073709551615ULL);
    measure.maxSamples().setValue(29);
    EXPECT_TRUE(measure.maxSamplesField().error().contains("30"))
        << measure.maxSamplesField().error().toStdString();
    EXPECT_FALSE(panel->selection().has_value());
    measure.minSamples().setValue(29);
    EXPECT_TRUE(panel->selection().has_value());
    type(*measure.seedField().findChild<QLineEdit*>(), "-1");
    EXPECT_FALSE(panel->selection().has_value());
}

TEST_F(Builder, APluginForOtherDevicesSaysSo) {
    const std::shared_ptr<const BackendFactory> unchanged = make_fake_factory(test::sampleDevice());
    panel->setPlugins([unchanged](const std::vector<std::string>&) { return unchanged; }, {});
    panel->plugins().addFile(folder.filePath("elsewhere.so"));
    EXPECT_TRUE(
        QTest::qWaitFor([&] { return panel->plugins().error().contains("elsewhere.so"); }, kTimeoutMs));
    ASSERT_EQ(panel->plugins().removeButtons().size(), 1U);
    panel->plugins().removeButtons().front()->click();
    EXPECT_TRUE(QTest::qWaitFor([&] { return panel->plugins().error().isEmpty(); }, kTimeoutMs));
}

/// Tab from the first field on: everything is reached once, from top to bottom, and says what it is.
TEST_F(Builder, EverythingIsReachedByTabInOrderAndHasAName) {
    panel->strategies().addButton().click();
    custom(write("loads.csv", "1,2\n3,4\n"));
    panel->strategies().addButton().click();
    panel->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(panel.get()));
    QTest::qWait(50);
    QList<QWidget*> expected;
    for (QWidget* stop : focusStops(*panel))
        if (stop->isVisible() && stop->isEnabled()) expected << stop;
    ASSERT_GT(expected.size(), 25);

    QList<QWidget*> reached;
    expected.front()->setFocus(Qt::TabFocusReason);
    do {
        reached << QApplication::focusWidget();
        QTest::keyClick(reached.back(), Qt::Key_Tab);
    } while (QApplication::focusWidget() != reached.front() && reached.size() < 200);
    EXPECT_EQ(reached.size(), expected.size());
    for (qsizetype at = 0; at < std::min(reached.size(), expected.size()); ++at)
        EXPECT_EQ(reached[at], expected[at]) << at;

    QWidget* above = nullptr;
    for (QWidget* stop : reached) {
        const auto* button = qobject_cast<const QAbstractButton*>(stop);
        const bool named =
            !stop->accessibleName().isEmpty() || (button != nullptr && button->text().size() > 2);
        EXPECT_TRUE(named) << stop->metaObject()->className() << " at "
                           << stop->mapTo(panel.get(), QPoint()).y();
        if (above != nullptr) {
            const int bottom = stop->mapTo(panel.get(), QPoint(0, stop->height())).y();
            EXPECT_GE(bottom, above->mapTo(panel.get(), QPoint()).y())
                << stop->accessibleName().toStdString();
        }
        above = stop;
    }
}

}  // namespace
}  // namespace moescope::ui
