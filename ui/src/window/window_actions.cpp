// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/window_actions.h"

#include <QKeySequence>
#include <QMainWindow>
#include <QMenuBar>
#include <QPolygonF>
#include <QStyle>
#include <QToolBar>

#include "moescope/ui/support/icons.h"
#include "moescope/ui/theme/theme.h"

namespace moescope::ui {

WindowActions::WindowActions(QMainWindow* window) : QObject(window) {
    run = add(QStringLiteral("&Run"), Qt::Key_F5, QStringLiteral("Sweep the matrix"));
    pause = add(QStringLiteral("&Pause"), Qt::Key_F6,
                QStringLiteral("Hold the sweep after the case in work, or go on"));
    pause->setCheckable(true);
    cancel = add(QStringLiteral("&Cancel"), Qt::Key_Escape,
                 QStringLiteral("Stop the sweep and keep what is done"));
    measureAgain = add(QStringLiteral("Measure selected &again"), Qt::Key_F7,
                       QStringLiteral("Measure the selected results once more; their samples are replaced"));
    append = add(QStringLiteral("Appen&d repetitions"), QKeySequence(Qt::SHIFT | Qt::Key_F7),
                 QStringLiteral("Measure the selected results, or all of the session, once more and put the "
                                "samples behind those they have"));
    open = add(QStringLiteral("&Open..."), QKeySequence::Open, QStringLiteral("Open one or more sessions"));
    save = add(QStringLiteral("&Save"), QKeySequence::Save, QStringLiteral("Save the session"));
    saveAs = add(QStringLiteral("Save &as..."), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S),
                 QStringLiteral("Save the session under another name"));
    closeSession = add(QStringLiteral("&Close session"), QKeySequence(Qt::CTRL | Qt::Key_W),
                       QStringLiteral("Close the session that the title names"));
    exportChart = add(QStringLiteral("&Export chart..."), QKeySequence(Qt::CTRL | Qt::Key_E),
                      QStringLiteral("Export the shown chart as PNG, SVG or PDF"));
    exportTable =
        add(QStringLiteral("Export shown resul&ts..."), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
            QStringLiteral("Export what the results table shows as CSV, Markdown or JSON"));
    exportReport = add(QStringLiteral("Export re&port..."), QKeySequence(Qt::CTRL | Qt::Key_R),
                       QStringLiteral("One self-contained HTML page: summary, charts, tables, environment"));
    quit =
        add(QStringLiteral("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), QStringLiteral("Close the window"));
    undo = add(QStringLiteral("&Undo"), QKeySequence(Qt::CTRL | Qt::Key_Z),
               QStringLiteral("Take back the last edit of the matrix"));
    redo = add(QStringLiteral("&Redo"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z),
               QStringLiteral("Make the edit of the matrix again"));
    copy = add(QStringLiteral("&Copy"), QKeySequence::Copy,
               QStringLiteral("Copy the chart, or the selected rows of the table that has the focus"));
    chartFooter =
        add(QStringLiteral("Chart &footer"), {}, QStringLiteral("Device, method and date beneath charts"));
    chartFooter->setCheckable(true);
    chartFooter->setChecked(true);
    restoreLayout =
        add(QStringLiteral("Restore &default layout"), {}, QStringLiteral("Put every dock in its place"));
    resetView = add(QStringLiteral("Reset &zoom"), QKeySequence(Qt::CTRL | Qt::Key_0),
                    QStringLiteral("Show the whole chart again, as a double click does"));
    filter = add(QStringLiteral("&Filter results"), QKeySequence::Find,
                 QStringLiteral("Type words or conditions that rows must meet"));
    nextChart = add(QStringLiteral("&Next chart"), QKeySequence(Qt::CTRL | Qt::Key_PageDown),
                    QStringLiteral("Show the next chart"));
    previousChart = add(QStringLiteral("Pre&vious chart"), QKeySequence(Qt::CTRL | Qt::Key_PageUp),
                        QStringLiteral("Show the previous chart"));
    compare = add(QStringLiteral("Co&mpare sessions"), QKeySequence(Qt::CTRL | Qt::Key_D),
                  QStringLiteral("Compare sessions or kernels, cell by cell, or go back to the charts"));
    compare->setCheckable(true);
    shortcuts = add(QStringLiteral("&Keyboard shortcuts"), Qt::Key_F1, QStringLiteral("List all shortcuts"));
    about = add(QStringLiteral("&About moescope"), {}, QStringLiteral("Version and licence"));

    updateIcons(window->palette());
    open->setIcon(window->style()->standardIcon(QStyle::SP_DialogOpenButton));
    save->setIcon(window->style()->standardIcon(QStyle::SP_DialogSaveButton));

    themes = new QActionGroup(this);
    for (const auto& [text, choice] : {std::pair{QStringLiteral("Like the &system"), ThemeChoice::system},
                                       std::pair{QStringLiteral("&Light"), ThemeChoice::light},
                                       std::pair{QStringLiteral("&Dark"), ThemeChoice::dark}}) {
        QAction* action = themes->addAction(text);
        action->setCheckable(true);
        action->setData(static_cast<int>(choice));
        action->setStatusTip(choice == ThemeChoice::system
                                 ? QStringLiteral("Follow the desktop's colours, also when they change")
                                 : QStringLiteral("Keep these colours whatever the desktop's are"));
    }
    fillMenus(*window);
    fillToolBar(*window);
}

void WindowActions::updateIcons(const QPalette& palette) {
    run->setIcon(shapeIcon(QPolygonF({{4, 2}, {14, 8}, {4, 14}}), palette));
    pause->setIcon(shapeIcon(
        QPolygonF({{3, 3}, {6.5, 3}, {6.5, 13}, {9.5, 13}, {9.5, 3}, {13, 3}, {13, 13}, {3, 13}}), palette));
    cancel->setIcon(shapeIcon(QPolygonF({{3, 3}, {13, 3}, {13, 13}, {3, 13}}), palette));
}

QAction* WindowActions::add(const QString& text, const QKeySequence& shortcut, const QString& tip) {
    auto* action = new QAction(text, this);
    m_all.push_back(action);
    action->setShortcut(shortcut);
    action->setData(tip);
    allow(*action, {});
    return action;
}

void WindowActions::allow(QAction& action, const QString& obstacle) {
    const QString what = action.data().toString();
    const QString keys = action.shortcut().toString(QKeySequence::NativeText);
    const QString tip = obstacle.isEmpty() ? what : QStringLiteral("%1. Not now: %2").arg(what, obstacle);
    action.setEnabled(obstacle.isEmpty());
    action.setStatusTip(tip);
    action.setToolTip(keys.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, keys));
}

QAction* WindowActions::addPanel(const QString& title, QAction* toggle) {
    const auto number = static_cast<int>(goTo->actions().size()) + 1;
    const QString entry = QStringLiteral("&%1 %2").arg(number).arg(title);
    QAction* go = add(entry, QKeySequence(QStringLiteral("Alt+%1").arg(number)),
                      QStringLiteral("Go to the panel \"%1\"").arg(title));
    goTo->addAction(go);
    toggle->setText(entry);
    toggle->setStatusTip(QStringLiteral("Show or hide the panel \"%1\"").arg(title));
    docks->addAction(toggle);
    return go;
}

std::vector<std::pair<QString, QString>> WindowActions::shortcutList() const {
    std::vector<std::pair<QString, QString>> list;
    for (const QAction* action : m_all)
        if (!action->shortcut().isEmpty())
            list.emplace_back(action->shortcut().toString(QKeySequence::NativeText),
                              action->data().toString());
    return list;
}

void WindowActions::fillMenus(QMainWindow& window) {
    QMenu* file = window.menuBar()->addMenu(QStringLiteral("&File"));
    file->addAction(open);
    recent = file->addMenu(QStringLiteral("Open &recent"));
    file->addActions({save, saveAs, closeSession});
    file->addSeparator();
    file->addActions({exportChart, exportTable, exportReport});
    file->addSeparator();
    file->addAction(quit);

    QMenu* edit = window.menuBar()->addMenu(QStringLiteral("&Edit"));
    edit->addActions({undo, redo});
    edit->addSeparator();
    edit->addActions({copy, filter});

    QMenu* sweep = window.menuBar()->addMenu(QStringLiteral("&Sweep"));
    sweep->addActions({run, pause, cancel});
    sweep->addSeparator();
    sweep->addActions({measureAgain, append});

    QMenu* view = window.menuBar()->addMenu(QStringLiteral("&View"));
    docks = view->addMenu(QStringLiteral("&Panels"));
    goTo = view->addMenu(QStringLiteral("&Go to"));
    QMenu* theme = view->addMenu(QStringLiteral("&Theme"));
    theme->addActions(themes->actions());
    view->addAction(compare);
    view->addActions({nextChart, previousChart, resetView, chartFooter});
    view->addSeparator();
    view->addAction(restoreLayout);

    QMenu* help = window.menuBar()->addMenu(QStringLiteral("&Help"));
    help->addActions({shortcuts, about});
}

void WindowActions::fillToolBar(QMainWindow& window) {
    QToolBar* bar = window.addToolBar(QStringLiteral("Tools"));
    bar->setObjectName(QStringLiteral("toolbar"));
    bar->setMovable(false);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->setIconSize(QSize(16, 16));
    bar->addActions({run, pause, cancel});
    bar->addSeparator();
    bar->addActions({open, save, exportChart});
    bar->addSeparator();
    bar->addAction(compare);
}

}  // namespace moescope::ui
