// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/kernel_filter.h"

#include <QAction>
#include <QEvent>
#include <algorithm>

#include "moescope/ui/support/icons.h"
#include "moescope/ui/support/text.h"
#include "moescope/ui/theme/kernel_style.h"

namespace moescope::ui {

KernelFilter::KernelFilter(QWidget* parent) : QPushButton(parent) {
    setMenu(new QMenu(this));
    setAccessibleName(QStringLiteral("Kernels shown"));
    setToolTip(QStringLiteral("Which kernels charts show; a click in the legend switches one off, too"));
    showState();
}

void KernelFilter::setKernels(const QStringList& kernels) {
    if (kernels == m_kernels) return;
    m_kernels = kernels;
    fillMenu();
    showState();
}

void KernelFilter::setHidden(const std::set<std::string>& hidden) {
    if (hidden == m_hidden) return;
    m_hidden = hidden;
    showState();
    emit hiddenChanged();
}

void KernelFilter::toggle(const std::string& kernel) {
    std::set<std::string> hidden = m_hidden;
    if (hidden.erase(kernel) == 0) hidden.insert(kernel);
    setHidden(hidden);
}

void KernelFilter::fillMenu() {
    // clear() leaves the menu behind an entry alive.
    for (QMenu* old : menu()->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly)) old->deleteLater();
    menu()->clear();
    for (const QString& kernel : m_kernels) {
        QAction* action = menu()->addAction(kernel);
        action->setCheckable(true);
        action->setData(kernel);
        action->setIconVisibleInMenu(true);
        connect(action, &QAction::triggered, this, [this, kernel] { toggle(kernel.toStdString()); });
    }
    menu()->addSeparator();
    connect(menu()->addAction(QStringLiteral("&All")), &QAction::triggered, this, [this] { setHidden({}); });
    QMenu* only = menu()->addMenu(QStringLiteral("&Only"));
    for (const QString& kernel : m_kernels)
        connect(only->addAction(kernel), &QAction::triggered, this, [this, kernel] { hideAllBut(kernel); });
}

void KernelFilter::hideAllBut(const QString& kernel) {
    std::set<std::string> hidden;
    for (const QString& each : m_kernels)
        if (each != kernel) hidden.insert(each.toStdString());
    setHidden(hidden);
}

void KernelFilter::showState() {
    int shown = 0;
    const Theme& theme = Theme::forPalette(palette());
    for (QAction* action : menu()->actions()) {
        if (!action->isCheckable()) continue;
        const std::string kernel = action->data().toString().toStdString();
        const QColor color = kernelStyle(kernel, theme).color;
        action->setChecked(m_hidden.count(kernel) == 0);
        // Styles show the check of an action with an icon as a frame that is hard to see.
        action->setIcon(action->isChecked() ? colorIcon(color) : hollowColorIcon(color));
    }
    for (const QString& kernel : m_kernels) shown += m_hidden.count(kernel.toStdString()) == 0 ? 1 : 0;
    setText(shown == m_kernels.size() ? QStringLiteral("&Kernels")
                                      : QStringLiteral("&Kernels %1 of %2").arg(shown).arg(m_kernels.size()));
    setEnabled(!m_kernels.isEmpty());
}

void KernelFilter::changeEvent(QEvent* event) {
    QPushButton::changeEvent(event);
    if (event->type() != QEvent::PaletteChange) return;
    fillMenu();
    showState();
}

}  // namespace moescope::ui
