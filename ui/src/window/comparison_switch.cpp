// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/comparison_switch.h"

#include <QDockWidget>
#include <QLayout>

namespace moescope::ui {

ComparisonSwitch::ComparisonSwitch(QMainWindow& window, QWidget& charts, QAction& action)
    : QObject(&window),
      m_window(window),
      m_charts(charts),
      m_action(action),
      m_page(new ComparisonPage(charts.parentWidget())) {
    charts.parentWidget()->layout()->addWidget(m_page);
    m_page->hide();
    connect(&action, &QAction::toggled, this, &ComparisonSwitch::show);
}

void ComparisonSwitch::show(bool page) {
    if (page) {
        emit entered();
        m_state = m_window.saveState();
        const QList<QDockWidget*> docks = m_window.findChildren<QDockWidget*>(Qt::FindDirectChildrenOnly);
        for (QDockWidget* dock : docks)
            if (!dock->isFloating()) dock->hide();
    }
    m_charts.setVisible(!page);
    m_page->setVisible(page);
    if (!page) m_window.restoreState(m_state);
}

}  // namespace moescope::ui
