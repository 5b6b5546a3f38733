// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QByteArray>
#include <QMainWindow>
#include <QObject>

#include "moescope/ui/compare/comparison_page.h"

namespace moescope::ui {

/// Puts the comparison page in the place of charts and docks, and back. The page needs the room of the whole
/// window; docks come back as they were.
class ComparisonSwitch : public QObject {
    Q_OBJECT

  public:
    /// `charts` is what the page takes the place of: a widget in a layout. `action` is checked while the page
    /// is shown.
    ComparisonSwitch(QMainWindow& window, QWidget& charts, QAction& action);

    ComparisonPage& page() { return *m_page; }
    bool isActive() const { return m_action.isChecked(); }
    void setActive(bool active) { m_action.setChecked(active); }

  signals:
    /// About to be shown: time to tell it what is open.
    void entered();

  private:
    void show(bool page);

    QMainWindow& m_window;
    QWidget& m_charts;
    QAction& m_action;
    ComparisonPage* m_page;
    QByteArray m_state;  ///< of the docks, while they are hidden
};

}  // namespace moescope::ui
