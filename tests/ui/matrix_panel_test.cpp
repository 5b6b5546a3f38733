// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/matrix_panel.h"

#include <gtest/gtest.h>

#include <QTest>

#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

class Matrix : public testing::Test {
  protected:
    Matrix() {
        panel.show();
        EXPECT_TRUE(waitForPlan());
    }

    bool waitForPlan() {
        return QTest::qWaitFor([&] { return panel.plan() != nullptr; }, kTimeoutMs);
    }
    bool waitForSummary(const QString& part) {
        return QTest::qWaitFor([&] { return panel.summary().text().contains(part); }, kTimeoutMs);
    }
    void choosePreset(const QString& id) {
        QComboBox& box = panel.presetBox();
        box.setCurrentIndex(box.findData(id));
        emit box.activated(box.currentIndex());
    }
    void type(AxisField& field, const QString& text) {
        field.edit().selectAll();
        QTest::keyClicks(&field.edit(), text);
    }

    MatrixPanel panel{std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice()))};
};

TEST_F(Matrix, SeedPresetAmountsTo63Cases) {
    choosePreset("seed");
    ASSERT_TRUE(waitForSummary("63 cases"));
    EXPECT_TRUE(waitForPlan());
    EXPECT_EQ(panel.plan()->accepted_cases(), 63);
    EXPECT_EQ(panel.plan()->selection.name, find_preset("seed").selection.name);
    EXPECT_EQ(panel.presetBox().currentData().toString(), "seed");
    EXPECT_TRUE(panel.rejections().isHidden());
}

TEST_F(Matrix, KernelsThatTheDeviceLacksAreNamed) {
    Selection selection = find_preset("seed").selection;
    selection.kernels = {"silu_v2", "of_another_gpu"};
    panel.setSelection(selection);
    EXPECT_TRUE(waitForSummary("Not on this device: of_another_gpu"));
    choosePreset("quick");
    EXPECT_TRUE(waitForSummary("28 cases"));
    EXPECT_FALSE(panel.summary().text().contains("of_another_gpu"));
}

TEST_F(Matrix, EveryPresetSurvivesTheFields) {
    for (const Preset& preset : presets()) {
        panel.setSelection(preset.selection);
        const std::optional<Selection> back = panel.selection();
        ASSERT_TRUE(back.has_value()) << preset.id;
        Selection expected = preset.selection;
        if (!expected.kernels.empty()) expected.kernels = back->kernels;  // the device has others
        EXPECT_EQ(selection_to_json(*back), selection_to_json([&] {
                      Selection named = expected;
                      named.name = back->name;
                      return named;
                  }()))
            << preset.id;
    }
}

TEST_F(Matrix, TypedRangesMakeAPlan) {
    choosePreset("seed");
    ASSERT_TRUE(waitForSummary("63 cases"));
    type(panel.axes().experts(), "1:64:*2");
    ASSERT_TRUE(waitForSummary("147 cases")) << panel.summary().text().toStdString();
    EXPECT_EQ(panel.presetBox().currentIndex(), 0) << "an edited preset is custom";
}

TEST_F(Matrix, BadAxesAreToldBesideTheField) {
    for (const QString& bad : {QString("eight"), QString("8,,9"), QString("-4"), QString("0"),
                               QString("99999999999999999999"), QString("8:4:1"), QString("1:1000000:1")}) {
        type(panel.axes().experts(), bad);
        EXPECT_FALSE(panel.axes().experts().error().isEmpty()) << bad.toStdString();
        EXPECT_TRUE(panel.axes().experts().error().contains("Experts E")) << bad.toStdString();
        EXPECT_FALSE(panel.selection().has_value());
        ASSERT_TRUE(waitForSummary("Correct the marked fields"));
        EXPECT_EQ(panel.plan(), nullptr);
    }
    type(panel.axes().experts(), "8");
    EXPECT_TRUE(panel.axes().experts().error().isEmpty());
    EXPECT_TRUE(waitForPlan());
}

TEST_F(Matrix, RejectedCasesAreListedWithReasons) {
    choosePreset("seed");
    ASSERT_TRUE(waitForSummary("63 cases"));
    panel.axes().tokensKind().setCurrentIndex(1);
    type(panel.axes().tokens(), "64,100000");
    ASSERT_TRUE(waitForSummary("rejected")) << panel.summary().text().toStdString();
    EXPECT_FALSE(panel.rejections().isHidden());
    EXPECT_EQ(panel.rejections().count(), 6);
    EXPECT_TRUE(panel.rejections().item(0)->text().contains("100000"))
        << panel.rejections().item(0)->text().toStdString();
}

TEST_F(Matrix, ReasonsCallFieldsByTheirLabels) {
    choosePreset("seed");
    ASSERT_TRUE(waitForSummary("63 cases"));
    type(panel.axes().tokens(), "4096");
    ASSERT_TRUE(waitForSummary("rejected"));
    const QString tokens = panel.rejections().item(0)->text();
    EXPECT_TRUE(tokens.contains("raise Capacity T to 4096")) << tokens.toStdString();
    type(panel.axes().tokens(), "8");
    ASSERT_TRUE(waitForPlan());
    ASSERT_EQ(panel.plan()->accepted_cases(), 9);
    type(panel.axes().hidden(), "7000");
    ASSERT_TRUE(waitForSummary("9 rejected")) << panel.summary().text().toStdString();
    const QString columns = panel.rejections().item(0)->text();
    EXPECT_TRUE(columns.contains("Columns H 7000 is not a multiple of Group size G 128"))
        << columns.toStdString();
    for (const QString& text : {tokens, columns}) EXPECT_FALSE(text.contains("--")) << text.toStdString();
}

TEST_F(Matrix, HiddenMustSuitTheGroupSize) {
    choosePreset("seed");
    ASSERT_TRUE(waitForSummary("63 cases"));
    type(panel.axes().hidden(), "7000");
    ASSERT_TRUE(waitForSummary("63 rejected")) << panel.summary().text().toStdString();
    EXPECT_EQ(panel.plan()->cells(), 0);
}

TEST_F(Matrix, StrategiesHaveParametersAndErrorsOfTheirOwn) {
    StrategyEditor& editor = panel.strategies();
    const std::size_t before = editor.rows().size();
    editor.addButton().click();
    ASSERT_EQ(editor.rows().size(), before + 1);
    StrategyRow& row = *editor.rows().back();
    row.kindBox().setCurrentText("hot");
    row.parameterEdit().setText("2:0.5");
    ASSERT_TRUE(row.strategy().has_value());
    EXPECT_EQ(to_string(*row.strategy()), "hot:2:0.5");
    row.parameterEdit().setText("two");
    EXPECT_FALSE(row.error().isEmpty());
    EXPECT_FALSE(panel.selection().has_value());
    row.removeButton().click();
    EXPECT_EQ(editor.rows().size(), before);
    EXPECT_TRUE(panel.selection().has_value());
    while (!editor.rows().empty()) editor.rows().back()->removeButton().click();
    ASSERT_TRUE(waitForSummary("Add at least one strategy"));
}

TEST_F(Matrix, KernelsAreCheckedOnTheList) {
    KernelListModel& kernels = panel.kernels();
    for (int row = 0; row < kernels.rowCount(); ++row)
        kernels.setData(kernels.index(row), Qt::Unchecked, Qt::CheckStateRole);
    ASSERT_TRUE(waitForSummary("Correct the marked fields"));
    kernels.setData(kernels.index(0), Qt::Checked, Qt::CheckStateRole);
    ASSERT_TRUE(waitForPlan());
    EXPECT_EQ(panel.plan()->kernels.size(), 1U);
}

TEST_F(Matrix, MeasuringOptionsReachTheSelection) {
    panel.measure().cache().setCurrentIndex(2);
    panel.measure().ciTarget().setValue(1.25);
    const std::optional<Selection> selection = panel.selection();
    ASSERT_TRUE(selection.has_value());
    EXPECT_EQ(selection->cache, CacheSelection::both);
    EXPECT_DOUBLE_EQ(selection->measure.ci_percent, 1.25);
    panel.measure().seedField().findChild<QLineEdit*>()->setText("many");
    EXPECT_TRUE(panel.measure().seedField().error().contains("many"));
    EXPECT_FALSE(panel.selection().has_value());
}

}  // namespace
}  // namespace moescope::ui
