// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/preset_picker.h"

#include <QMenu>
#include <QMessageBox>
#include <QStandardPaths>
#include <filesystem>

#include "matrix_fixture.h"
#include "moescope/ui/panels/preset_dialog.h"

namespace moescope::ui {
namespace {

class Presets : public test::MatrixFixture {
  protected:
    PresetDialog& ask(QAction& action) {
        EXPECT_TRUE(action.isEnabled());
        action.trigger();
        auto* dialog = panel->findChild<PresetDialog*>("preset dialog");
        EXPECT_NE(dialog, nullptr);
        return *dialog;
    }
    void save(const QString& name) {
        PresetDialog& dialog = ask(panel->presetPicker().saveAction());
        type(dialog.nameEdit(), name);
        QTest::keyClicks(&dialog.descriptionEdit(), "what I look at");
        ASSERT_TRUE(dialog.okButton().isEnabled()) << dialog.error().toStdString();
        dialog.okButton().click();
        waitUntilClosed();
    }
    void waitUntilClosed() {
        EXPECT_TRUE(QTest::qWaitFor([&] { return panel->findChild<QDialog*>() == nullptr; }, kTimeoutMs));
    }
    QString shown() const { return panel->presetBox().currentData().toString(); }
};

TEST_F(Presets, TheDirectoryIsTheDesktops) {
    EXPECT_EQ(QString::fromStdString(user_preset_directory()),
              QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + "/moescope/presets");
}

TEST_F(Presets, AreSavedChosenAndThereNextTime) {
    choosePreset("seed");
    type(panel->axes().experts().edit(), "3,5");
    panel->measure().launch().setCurrentIndex(1);
    ASSERT_TRUE(waitForSummary("42 cases"));
    save("mine");
    EXPECT_EQ(shown(), "mine");
    EXPECT_EQ(load_preset("mine").description, "what I look at");
    EXPECT_EQ(load_preset("mine").selection.launch, LaunchMode::host);
    EXPECT_EQ(panel->selection()->name, "mine");

    reopen();
    choosePreset("mine");
    ASSERT_TRUE(waitForSummary("42 cases"));
    EXPECT_EQ(experts(), (std::vector<std::int64_t>{3, 5}));
    EXPECT_EQ(panel->selection()->launch, LaunchMode::host);
    EXPECT_EQ(shown(), "mine") << "also once the plan is there";
}

TEST_F(Presets, ANameIsCheckedWhileItIsTyped) {
    choosePreset("seed");
    PresetDialog& dialog = ask(panel->presetPicker().saveAction());
    EXPECT_FALSE(dialog.okButton().isEnabled()) << "no name yet";
    for (const char* bad : {"../x", "two words", "seed", "custom", ".x"}) {
        type(dialog.nameEdit(), bad);
        EXPECT_FALSE(dialog.okButton().isEnabled()) << bad;
        EXPECT_TRUE(dialog.error().contains(bad)) << dialog.error().toStdString();
    }
    dialog.reject();
    waitUntilClosed();
    EXPECT_TRUE(user_presets().empty());
}

TEST_F(Presets, AreReplacedOnlyWhenThatIsChecked) {
    choosePreset("seed");
    save("mine");
    type(panel->axes().experts().edit(), "7");
    PresetDialog& dialog = ask(panel->presetPicker().saveAction());
    EXPECT_FALSE(dialog.replaceBox().isVisible());
    type(dialog.nameEdit(), "mine");
    EXPECT_TRUE(dialog.error().contains("there already")) << dialog.error().toStdString();
    EXPECT_FALSE(dialog.okButton().isEnabled());
    EXPECT_TRUE(dialog.replaceBox().isVisible());
    dialog.replaceBox().click();
    EXPECT_TRUE(dialog.okButton().isEnabled());
    type(dialog.nameEdit(), "mine2");
    type(dialog.nameEdit(), "mine");
    EXPECT_FALSE(dialog.replaceBox().isChecked()) << "agreed to for one name only";
    EXPECT_EQ(load_preset("mine").selection.experts.size(), 3U);
    dialog.replaceBox().click();
    dialog.okButton().click();
    waitUntilClosed();
    EXPECT_EQ(load_preset("mine").selection.experts, std::vector<std::int64_t>{7});
}

TEST_F(Presets, AreRenamedAndDeleted) {
    PresetPicker& picker = panel->presetPicker();
    choosePreset("seed");
    picker.menuButton().click();
    EXPECT_TRUE(picker.menu().isVisible());
    EXPECT_FALSE(picker.renameAction().isEnabled()) << "it came with the program";
    EXPECT_FALSE(picker.deleteAction().isEnabled());
    picker.menu().close();
    type(panel->axes().experts().edit(), "3");
    save("mine");
    ASSERT_TRUE(waitForSummary("21 cases"));
    PresetDialog& dialog = ask(picker.renameAction());
    EXPECT_EQ(dialog.nameEdit().text(), "mine");
    type(dialog.nameEdit(), "yours");
    dialog.okButton().click();
    waitUntilClosed();
    EXPECT_EQ(shown(), "yours");
    EXPECT_EQ(panel->presetBox().findData("mine"), -1);

    picker.deleteAction().trigger();
    auto* question = panel->findChild<QMessageBox*>("delete preset");
    ASSERT_NE(question, nullptr);
    EXPECT_TRUE(question->text().contains("yours"));
    QTest::keyClick(question, Qt::Key_Return);
    waitUntilClosed();
    EXPECT_EQ(user_presets().size(), 1U) << "Enter deletes nothing";
    picker.deleteAction().trigger();
    for (QAbstractButton* button : panel->findChild<QMessageBox*>("delete preset")->buttons())
        if (button->text().contains("Delete")) button->click();
    waitUntilClosed();
    EXPECT_TRUE(user_presets().empty());
    EXPECT_EQ(shown(), "custom");
    EXPECT_EQ(experts(), std::vector<std::int64_t>{3}) << "the fields stay as they are";
}

TEST_F(Presets, ABrokenFileIsToldAndCanBeDeleted) {
    const std::string path = user_preset_directory() + "/cut.json";
    std::filesystem::create_directories(user_preset_directory());
    write_file_atomically(path, R"({"selection": )");
    reopen();
    const std::vector<std::int64_t> before = experts();
    EXPECT_TRUE(panel->presetBox().itemText(panel->presetBox().findData("cut")).contains("broken"));
    choosePreset("cut");
    EXPECT_TRUE(panel->presetPicker().error().contains(QString::fromStdString(path)))
        << panel->presetPicker().error().toStdString();
    EXPECT_EQ(experts(), before);
    EXPECT_TRUE(panel->presetPicker().deleteAction().isEnabled());
    choosePreset("seed");
    EXPECT_TRUE(QTest::qWaitFor([&] { return panel->presetPicker().error().isEmpty(); }, kTimeoutMs));
}

TEST_F(Presets, AreNotSavedFromFieldsThatDoNotHold) {
    type(panel->axes().experts().edit(), "many");
    panel->presetPicker().menuButton().click();
    EXPECT_FALSE(panel->presetPicker().saveAction().isEnabled());
    panel->presetPicker().menu().close();
}

}  // namespace
}  // namespace moescope::ui
