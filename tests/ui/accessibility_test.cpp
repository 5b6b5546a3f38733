// SPDX-License-Identifier: GPL-3.0-or-later
// Everything can be reached and named without a mouse and without seeing it.
#include <gtest/gtest.h>

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAccessible>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDockWidget>
#include <QFile>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QTabBar>
#include <QTest>
#include <QToolButton>
#include <map>
#include <set>

#include "moescope/session/journal.h"
#include "moescope/ui/charts/chart.h"
#include "moescope/ui/panels/chart_panel.h"
#include "moescope/ui/panels/export_dialog.h"
#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/panels/preset_dialog.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/window/comparison_switch.h"
#include "moescope/ui/window/main_window.h"
#include "sample_session.h"

namespace moescope::ui {
namespace {

constexpr int kTimeoutMs = 30000;

/// Is worked with, and is not a part of a widget that has the name.
bool isInteractive(const QWidget& widget) {
    const QWidget* parent = widget.parentWidget();
    for (const QWidget* above = parent; above != nullptr; above = above->parentWidget()) {
        if (qobject_cast<const QAbstractSpinBox*>(above) != nullptr ||
            qobject_cast<const QComboBox*>(above) != nullptr ||
            qobject_cast<const QLineEdit*>(above) != nullptr ||
            qobject_cast<const QTabBar*>(above) != nullptr ||
            qobject_cast<const QAbstractItemView*>(above) != nullptr)
            return false;
    }
    // Qt's own: what does not fit into a bar.
    if (widget.inherits("QToolBarExtension") || widget.objectName() == "qt_menubar_ext_button") return false;
    if (widget.inherits("QDockWidgetTitleButton")) return false;
    return qobject_cast<const QAbstractButton*>(&widget) != nullptr ||
           qobject_cast<const QComboBox*>(&widget) != nullptr ||
           qobject_cast<const QAbstractSpinBox*>(&widget) != nullptr ||
           qobject_cast<const QLineEdit*>(&widget) != nullptr ||
           qobject_cast<const QAbstractItemView*>(&widget) != nullptr || widget.inherits("QCustomPlot");
}

QString nameOf(QWidget& widget) {
    QAccessibleInterface* reader = QAccessible::queryAccessibleInterface(&widget);
    return reader != nullptr ? reader->text(QAccessible::Name) : QString();
}

std::string pathOf(const QWidget& widget) {
    std::string path;
    for (const QWidget* at = &widget; at != nullptr; at = at->parentWidget())
        path =
            std::string(at->metaObject()->className()) + "(" + at->objectName().toStdString() + ")/" + path;
    return path;
}

int expectNames(const QWidget& root) {
    int count = 0;
    for (auto* widget : root.findChildren<QWidget*>()) {
        if (!isInteractive(*widget)) continue;
        ++count;
        const QString name = nameOf(*widget);
        EXPECT_FALSE(name.trimmed().isEmpty()) << pathOf(*widget);
        // A cross or three dots says nothing when it is read out.
        EXPECT_TRUE(std::any_of(name.begin(), name.end(), [](QChar c) { return c.isLetter(); }))
            << pathOf(*widget) << ": " << name.toStdString();
    }
    return count;
}

class Accessibility : public testing::Test {
  protected:
    Accessibility() {
        QSettings().clear();
        window = std::make_unique<MainWindow>(
            std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
        window->show();
        EXPECT_TRUE(QTest::qWaitFor([&] { return window->matrix().plan() != nullptr; }, kTimeoutMs));
        window->document().open(test::sampleSession("quick"), {});
    }
    std::unique_ptr<MainWindow> window;
};

TEST_F(Accessibility, EveryWidgetThatIsWorkedWithHasAName) {
    EXPECT_GT(expectNames(*window), 60);
    window->comparison().setActive(true);
    QCoreApplication::processEvents();
    expectNames(*window);
    const ExportDialog dialog({900, 500}, Theme::light(), true);
    EXPECT_GE(expectNames(dialog), 8);
}

TEST_F(Accessibility, EveryMenuEntryHasAMnemonicOfItsOwnAndATip) {
    const auto check = [](const auto& self, const QMenu& menu) -> void {
        std::set<QChar> taken;
        for (const QAction* action : menu.actions()) {
            if (action->isSeparator()) continue;
            const QString text = action->text();
            const qsizetype at = text.indexOf(QLatin1Char('&'));
            ASSERT_TRUE(at >= 0 && at + 1 < text.size()) << text.toStdString();
            EXPECT_TRUE(taken.insert(text[at + 1].toLower()).second)
                << menu.title().toStdString() << ": " << text.toStdString();
            if (action->menu() != nullptr)
                self(self, *action->menu());
            else
                EXPECT_FALSE(action->statusTip().isEmpty()) << text.toStdString();
        }
    };
    std::set<QChar> taken;
    for (const QAction* action : window->menuBar()->actions()) {
        const QString text = action->text();
        EXPECT_TRUE(taken.insert(text[text.indexOf(QLatin1Char('&')) + 1].toLower()).second);
        check(check, *action->menu());
    }
    EXPECT_EQ(taken.size(), 5U);
}

/// The letters that Alt chooses by, of all that can be seen at the same time.
class Mnemonics {
  public:
    /// `may_lack`: reached in another way.
    void take(const QString& text, const std::string& where, bool may_lack = false) {
        const QKeySequence key = QKeySequence::mnemonic(text);
        if (key.isEmpty()) {
            EXPECT_TRUE(may_lack) << where << " has no mnemonic: " << text.toStdString();
            return;
        }
        const auto [at, is_new] = m_taken.try_emplace(key, text);
        EXPECT_TRUE(is_new) << where << ": " << text.toStdString() << " and " << at->second.toStdString();
    }
    /// Buttons with a text, check boxes and the labels of fields.
    template <typename Seen>
    int takeAllIn(const QWidget& root, Seen&& is_seen, bool may_lack = false) {
        int count = 0;
        for (const auto* widget : root.findChildren<QWidget*>()) {
            const auto* label = qobject_cast<const QLabel*>(widget);
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            const bool tool = qobject_cast<const QToolButton*>(widget) != nullptr;
            const QString text = label != nullptr && label->buddy() != nullptr ? label->text()
                                 : button != nullptr && !tool                  ? button->text()
                                                                               : QString();
            if (text.isEmpty() || !is_seen(*widget)) continue;
            ++count;
            take(text, pathOf(*widget), may_lack || isCancel(*widget));
        }
        return count;
    }

  private:
    /// Escape presses it.
    static bool isCancel(const QWidget& widget) {
        const auto* buttons = qobject_cast<const QDialogButtonBox*>(widget.parentWidget());
        auto* button = qobject_cast<QAbstractButton*>(const_cast<QWidget*>(&widget));
        return buttons != nullptr && buttons->buttonRole(button) == QDialogButtonBox::RejectRole;
    }
    std::map<QKeySequence, QString> m_taken;
};

/// Menus, the chart as it is now, and all docks: those behind a tab can be put side by side.
int takeMainWindow(Mnemonics& mnemonics, MainWindow& window) {
    int count = 0;
    for (const QAction* action : window.menuBar()->actions()) mnemonics.take(action->text(), "menu bar");
    for (const QAction* action : window.actions().goTo->actions()) mnemonics.take(action->text(), "panels");
    const auto seen_from = [](const QWidget& root) {
        return [&root](const QWidget& widget) { return widget.isVisibleTo(&root); };
    };
    count += mnemonics.takeAllIn(window.charts(), seen_from(window));
    count += mnemonics.takeAllIn(window.messages(), seen_from(window));
    for (const auto* dock : window.findChildren<QDockWidget*>()) {
        // The matrix has more fields than there are letters: Alt+1 and Tab lead to them.
        const bool matrix = dock->isAncestorOf(&window.matrix());
        count += mnemonics.takeAllIn(*dock, seen_from(*dock), matrix);
    }
    return count;
}

TEST_F(Accessibility, ButtonsAndFieldsHaveMnemonicsThatDoNotClash) {
    for (const ChartKind& kind : chartKinds()) {
        SCOPED_TRACE(kind.id.toStdString());
        window->charts().showChart(kind.id);
        Mnemonics mnemonics;
        EXPECT_GT(takeMainWindow(mnemonics, *window), 25);
    }
    Mnemonics comparison;
    for (const QAction* action : window->menuBar()->actions()) comparison.take(action->text(), "menu bar");
    const auto all = [](const QWidget&) { return true; };
    EXPECT_GE(comparison.takeAllIn(window->comparison().page(), all), 7);
}

TEST_F(Accessibility, ChoicesInAMessageClashWithNothingInTheWindow) {
    const QString path = newSweepPath("crashed");
    const Session whole = test::sampleSession("quick");
    Session head = whole;
    head.results.clear();
    {
        const auto journal = Journal::start(head, path.toStdString());  // and nobody finished it
        journal->set_peaks(whole.peaks);
        journal->append(whole.results.front());
    }
    window.reset();
    window = std::make_unique<MainWindow>(
        std::shared_ptr<const BackendFactory>(make_fake_factory(test::sampleDevice())));
    window->show();
    ASSERT_EQ(window->messages().buttons().size(), 2U);
    Mnemonics mnemonics;
    takeMainWindow(mnemonics, *window);
    QFile::remove(path + ".journal");
}

TEST_F(Accessibility, DialogsHaveMnemonicsThatDoNotClash) {
    const auto all = [](const QWidget&) { return true; };
    ExportDialog exporting({900, 500}, Theme::light(), true);
    EXPECT_EQ(Mnemonics().takeAllIn(exporting, all), 9);
    const PresetDialog saving(find_preset("quick").selection, nullptr);
    EXPECT_EQ(Mnemonics().takeAllIn(saving, all), 5);
    const PresetDialog renaming(QStringLiteral("mine"), nullptr);
    EXPECT_EQ(
        Mnemonics().takeAllIn(renaming, [&](const QWidget& widget) { return widget.isVisibleTo(&renaming); }),
        3);
}

TEST_F(Accessibility, EveryPanelIsReachedByAKeyOfItsOwn) {
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->isActiveWindow(); }, kTimeoutMs));
    const auto docks = window->findChildren<QDockWidget*>();
    EXPECT_EQ(window->actions().goTo->actions().size(), docks.size());
    std::set<QWidget*> reached;
    for (int i = 0; i < docks.size(); ++i) {
        QTest::keyClick(window.get(), static_cast<Qt::Key>(Qt::Key_1 + i), Qt::AltModifier);
        for (QDockWidget* dock : docks) {
            if (!dock->isAncestorOf(QApplication::focusWidget())) continue;
            EXPECT_FALSE(dock->visibleRegion().isEmpty()) << dock->objectName().toStdString();
            reached.insert(dock);
        }
    }
    EXPECT_EQ(reached.size(), static_cast<std::size_t>(docks.size()));
}

TEST_F(Accessibility, TabReachesEveryFieldOfTheShownPanels) {
    window->activateWindow();
    ASSERT_TRUE(QTest::qWaitFor([&] { return window->isActiveWindow(); }, kTimeoutMs));
    window->charts().setFocus();
    std::set<QWidget*> reached;
    for (int steps = 0; steps < 400; ++steps) {
        QTest::keyClick(QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : window.get(),
                        Qt::Key_Tab);
        QWidget* focused = QApplication::focusWidget();
        if (focused == nullptr || !reached.insert(focused).second) break;
    }
    for (auto* widget : window->findChildren<QWidget*>()) {
        const bool field = qobject_cast<QComboBox*>(widget) != nullptr ||
                           qobject_cast<QLineEdit*>(widget) != nullptr ||
                           qobject_cast<QAbstractSpinBox*>(widget) != nullptr;
        if (!field || !isInteractive(*widget) || !widget->isVisible() || !widget->isEnabled()) continue;
        if (widget->visibleRegion().isEmpty() && !window->matrix().isAncestorOf(widget))
            continue;  // behind a tab
        EXPECT_TRUE(reached.count(widget) > 0) << pathOf(*widget) << nameOf(*widget).toStdString();
    }
}

}  // namespace
}  // namespace moescope::ui
