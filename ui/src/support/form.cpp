// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/form.h"

#include <QFontMetrics>
#include <QFormLayout>
#include <QWidget>

namespace moescope::ui {
namespace {

constexpr int kComboExtra = 38;  ///< frame and arrow of a combo box

}  // namespace

void alignLabels(QFormLayout& form) {
    for (int row = 0; row < form.rowCount(); ++row) {
        const QLayoutItem* item = form.itemAt(row, QFormLayout::LabelRole);
        if (item == nullptr || item->widget() == nullptr) continue;
        QWidget& label = *item->widget();
        // The longest label there is, a combo box.
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(QStringLiteral("Tokens / expert")) +
                              kComboExtra);
    }
}

}  // namespace moescope::ui
