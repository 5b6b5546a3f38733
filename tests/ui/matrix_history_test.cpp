// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/matrix_history.h"

#include <QApplication>
#include <QCheckBox>
#include <functional>

#include "matrix_fixture.h"
#include "moescope/ui/window/main_window.h"

namespace moescope::ui {
namespace {

using Values = std::vector<std::int64_t>;

class History : public test::MatrixFixture {
  protected:
    QUndoStack& stack() { return panel->history().stack(); }
    FieldState state() const {
        FieldState state;
        panel->axes().saveTo(state);
        panel->strategies().saveTo(state);
        panel->measure().saveTo(state);
        state.insert("kernels", panel->kernels().checkState());
        return state;
    }
};

TEST_F(History, IsEmptyAtTheStart) {
    EXPECT_EQ(stack().count(), 0);
    EXPECT_FALSE(stack().canUndo());
}

TEST_F(History, EveryEditIsOneStep) {
    using Edit = std::function<void()>;
    choosePreset("seed");
    stack().clear();
    const std::vector<std::pair<QString, Edit>> edits{
        {"experts", [&] { type(panel->axes().experts().edit(), "1:64:*2"); }},
        {"expert parallel",
         [&] { panel->axes().expertParallel().setDivisor(1), panel->axes().tensorParallel().setDivisor(2); }},
        {"kind of tokens", [&] { panel->axes().tokensKind().setCurrentIndex(1); }},
        {"tokens, wrong", [&] { type(panel->axes().tokens().edit(), "-5"); }},
        {"formats", [&] { panel->axes().scaleFormats().findChildren<QCheckBox*>().back()->click(); }},
        {"input types", [&] { panel->axes().inputTypes().findChildren<QCheckBox*>().back()->click(); }},
        {"a strategy more", [&] { panel->strategies().addButton().click(); }},
        {"its kind", [&] { panel->strategies().rows().back()->kindBox().setCurrentText("hot"); }},
        {"its parameters", [&] { type(panel->strategies().rows().back()->parameterEdit(), "2:0.5"); }},
        {"a strategy less", [&] { panel->strategies().rows().front()->removeButton().click(); }},
        {"kernels",
         [&] {
             KernelListModel& kernels = panel->kernels();
             kernels.setData(kernels.index(0), Qt::Checked, Qt::CheckStateRole);
             kernels.setData(kernels.index(0), Qt::Unchecked, Qt::CheckStateRole);
         }},
        {"cache", [&] { panel->measure().cache().setCurrentIndex(2); }},
        {"launch", [&] { panel->measure().launch().setCurrentIndex(1); }},
        {"interval", [&] { panel->measure().ciTarget().setValue(1.25); }},
        {"seed", [&] { type(*panel->measure().seedField().findChild<QLineEdit*>(), "many"); }},
        {"retries", [&] { panel->measure().retries().setValue(3); }}};
    std::vector<FieldState> states{state()};
    for (const auto& [name, edit] : edits) {
        const int before = stack().index();
        edit();
        const bool two_clicks = name == "kernels";  // checked or not by default
        EXPECT_LE(stack().index(), before + (two_clicks ? 2 : 1)) << name.toStdString();
        EXPECT_GT(stack().index(), before) << name.toStdString();
        states.push_back(state());
        EXPECT_NE(states.back(), states[states.size() - 2]) << name.toStdString();
    }
    const int last = stack().index();
    std::size_t at = states.size() - 1;
    while (stack().canUndo()) {
        stack().undo();
        if (at > 0 && state() == states[at - 1]) --at;
    }
    EXPECT_EQ(at, 0U) << "every state came by on the way back";
    EXPECT_EQ(state(), states.front());
    while (stack().canRedo()) {
        stack().redo();
        if (at + 1 < states.size() && state() == states[at + 1]) ++at;
    }
    EXPECT_EQ(at, states.size() - 1);
    EXPECT_EQ(stack().index(), last);
}

TEST_F(History, TypingIsOneStepUntilTheFocusMoves) {
    choosePreset("seed");
    const int before = stack().index();
    QLineEdit& edit = panel->axes().experts().edit();
    panel->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(panel.get()));
    type(edit, "16,32,64");
    EXPECT_EQ(stack().index(), before + 1);
    EXPECT_EQ(stack().undoText(), "Experts E");
    panel->axes().hidden().edit().setFocus();
    edit.setFocus();
    QTest::keyClicks(&edit, ",128");
    EXPECT_EQ(stack().index(), before + 2);
    stack().undo();
    EXPECT_EQ(experts(), (Values{16, 32, 64}));
    stack().undo();
    EXPECT_EQ(experts(), (Values{8, 32, 256}));
    QTest::keyClicks(&edit, "x");
    QTest::keyClick(&edit, Qt::Key_Backspace);
    EXPECT_EQ(stack().index(), before) << "typed and taken back: nothing has changed";
}

TEST_F(History, APresetIsOneStep) {
    choosePreset("seed");
    const FieldState seed = state();
    const int before = stack().index();
    choosePreset("imbalance");
    EXPECT_EQ(stack().index(), before + 1);
    EXPECT_EQ(stack().undoText(), "preset imbalance");
    stack().undo();
    EXPECT_EQ(state(), seed);
    ASSERT_TRUE(waitForSummary("63 cases"));
    EXPECT_EQ(panel->presetBox().currentData().toString(), "seed") << "and the list says so";
    stack().redo();
    ASSERT_TRUE(QTest::qWaitFor([&] { return panel->presetBox().currentData() == "imbalance"; }, kTimeoutMs));
}

TEST_F(History, AllKernelsUncheckedComesBackAsThat) {
    KernelListModel& kernels = panel->kernels();
    for (int row = 0; row < kernels.rowCount(); ++row)
        kernels.setData(kernels.index(row), Qt::Unchecked, Qt::CheckStateRole);
    EXPECT_TRUE(kernels.checked().empty());
    kernels.setData(kernels.index(1), Qt::Checked, Qt::CheckStateRole);
    stack().undo();
    EXPECT_TRUE(kernels.checked().empty());
    while (stack().canUndo()) stack().undo();
    EXPECT_TRUE(kernels.selection().empty()) << "the default set";
    EXPECT_FALSE(kernels.checked().empty());
}

TEST(WindowHistory, CtrlZTakesBackWhateverHasTheFocus) {
    MainWindow window(std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
    window.show();
    window.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&window));
    MatrixPanel& matrix = window.matrix();
    ASSERT_TRUE(QTest::qWaitFor([&] { return matrix.plan() != nullptr; }, 30000));
    EXPECT_FALSE(window.actions().undo->isEnabled());
    const Values before = matrix.selection()->experts;
    QLineEdit& experts = matrix.axes().experts().edit();
    experts.setFocus();
    experts.selectAll();
    QTest::keyClicks(&experts, "16,17");
    QSpinBox& samples = matrix.measure().minSamples();
    samples.setFocus();
    QTest::keyClick(&samples, Qt::Key_Up);
    EXPECT_EQ(samples.value(), 21);
    EXPECT_TRUE(window.actions().undo->text().contains("Min samples"));

    QTest::keyClick(&samples, Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(samples.value(), 20);
    experts.setFocus();
    QTest::keyClick(&experts, Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(matrix.selection()->experts, before);
    EXPECT_FALSE(window.actions().undo->isEnabled());
    QTest::keyClick(&experts, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(matrix.selection()->experts, (Values{16, 17}));
    QTest::keyClick(&experts, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(samples.value(), 21);
    EXPECT_FALSE(window.actions().redo->isEnabled());
}

}  // namespace
}  // namespace moescope::ui
