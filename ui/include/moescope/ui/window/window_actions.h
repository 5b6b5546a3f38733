// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QActionGroup>
#include <QMenu>
#include <QObject>
#include <QPalette>
#include <utility>
#include <vector>

class QMainWindow;

namespace moescope::ui {

/// Actions of the window with their shortcuts, in menus and a tool bar.
class WindowActions : public QObject {
    Q_OBJECT

  public:
    explicit WindowActions(QMainWindow* window);
    /// Panels that menus and keys (Alt+1, Alt+2, ... in this order) lead to. Returns the action that goes
    /// there.
    QAction* addPanel(const QString& title, QAction* toggle);

    /// Enables the action, or says in its tip why it cannot be used now.
    static void allow(QAction& action, const QString& obstacle);

    /// Every action that has a shortcut, as "Ctrl+E" and what it does.
    std::vector<std::pair<QString, QString>> shortcutList() const;

    /// Draws the icons that must follow the palette.
    void updateIcons(const QPalette& palette);

    QAction* run;
    QAction* pause;  ///< checked while the sweep is held
    QAction* cancel;
    QAction* measureAgain;  ///< the selected results
    QAction* append;        ///< to the selected results, or to all of the session
    QAction* open;
    QAction* save;
    QAction* saveAs;
    QAction* closeSession;
    QAction* exportChart;
    QAction* exportTable;
    QAction* exportReport;
    QAction* quit;
    QAction* undo;
    QAction* redo;
    QAction* copy;
    QAction* chartFooter;
    QAction* restoreLayout;
    QAction* resetView;
    QAction* filter;
    QAction* nextChart;
    QAction* previousChart;
    QAction* compare;  ///< checked while the comparison page is shown
    QAction* shortcuts;
    QAction* about;
    QActionGroup* themes;  ///< data(): a ThemeChoice as int
    QMenu* recent;
    QMenu* docks;  ///< shows and hides them
    QMenu* goTo;   ///< brings them to the front

  private:
    std::vector<const QAction*> m_all;
    QAction* add(const QString& text, const QKeySequence& shortcut, const QString& tip);
    void fillMenus(QMainWindow& window);
    void fillToolBar(QMainWindow& window);
};

}  // namespace moescope::ui
