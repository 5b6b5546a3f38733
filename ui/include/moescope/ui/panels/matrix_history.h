// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QUndoStack>
#include <QVariantMap>
#include <functional>

namespace moescope::ui {

/// What the fields of the matrix builder hold, good or not: by name of the field, as an undo text calls it.
/// What is typed is a QString or a QStringList, what is chosen is of another type.
using FieldState = QVariantMap;

/// Undo and redo of every edit. Compares what the fields hold with what they held before, so that no editor
/// needs to know of it. Typing into one field is one step until the focus moves on.
class MatrixHistory : public QObject {
    Q_OBJECT

  public:
    using Read = std::function<FieldState()>;
    using Write = std::function<void(const FieldState& changed)>;

    MatrixHistory(Read read, Write write, QObject* parent = nullptr);

    /// After an edit: puts it on the stack if anything has changed. `what`: for the undo text; empty: the
    /// name of the field.
    void record(const QString& what = {});
    /// Forgets all; the fields are as they are.
    void reset();

    QUndoStack& stack() { return m_stack; }

  private:
    friend class MatrixEdit;
    void apply(const FieldState& changed);

    Read m_read;
    Write m_write;
    QUndoStack m_stack;
    FieldState m_last;
    int m_run = 0;  ///< number of the run of typing; edits of one run merge
    bool m_applying = false;
};

}  // namespace moescope::ui
