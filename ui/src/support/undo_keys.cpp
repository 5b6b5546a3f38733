// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/undo_keys.h"

#include <QAbstractSpinBox>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>

namespace moescope::ui {
namespace {

class UndoKeys final : public QObject {
  public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
            return QObject::eventFilter(watched, event);
        const auto* key = static_cast<QKeyEvent*>(event);
        if (!key->matches(QKeySequence::Undo) && !key->matches(QKeySequence::Redo)) return false;
        event->ignore();
        return true;
    }
};

}  // namespace

void leaveUndoToWindow(QWidget& widget) {
    static UndoKeys* const kFilter = new UndoKeys(QCoreApplication::instance());
    for (QLineEdit* edit : widget.findChildren<QLineEdit*>()) edit->installEventFilter(kFilter);
    for (QAbstractSpinBox* box : widget.findChildren<QAbstractSpinBox*>()) box->installEventFilter(kFilter);
}

}  // namespace moescope::ui
