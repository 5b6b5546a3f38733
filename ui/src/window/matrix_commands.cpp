// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/matrix_commands.h"

#include "moescope/ui/panels/matrix_panel.h"
#include "moescope/ui/sweep/sweep_controller.h"
#include "moescope/ui/window/window_actions.h"

namespace moescope::ui {
namespace {

void connectUndo(QUndoStack& stack, WindowActions& actions) {
    actions.undo->setEnabled(false);
    actions.redo->setEnabled(false);
    QObject::connect(actions.undo, &QAction::triggered, &stack, &QUndoStack::undo);
    QObject::connect(actions.redo, &QAction::triggered, &stack, &QUndoStack::redo);
    QObject::connect(&stack, &QUndoStack::canUndoChanged, actions.undo, &QAction::setEnabled);
    QObject::connect(&stack, &QUndoStack::canRedoChanged, actions.redo, &QAction::setEnabled);
    QObject::connect(&stack, &QUndoStack::undoTextChanged, actions.undo, [&actions](const QString& text) {
        actions.undo->setText(QStringLiteral("&Undo %1").arg(text).trimmed());
    });
    QObject::connect(&stack, &QUndoStack::redoTextChanged, actions.redo, [&actions](const QString& text) {
        actions.redo->setText(QStringLiteral("&Redo %1").arg(text).trimmed());
    });
}

}  // namespace

void connectMatrix(MatrixPanel& matrix, WindowActions& actions, SweepController& sweep) {
    connectUndo(matrix.history().stack(), actions);
    QObject::connect(&matrix.measure(), &MeasureEditor::changed, &sweep,
                     [&matrix, &sweep] { sweep.setRetryThrottled(matrix.measure().retryThrottled()); });
    QObject::connect(&matrix, &MatrixPanel::backendsChanged, &sweep, &SweepController::setFactory);
}

}  // namespace moescope::ui
