// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/panels/matrix_history.h"

#include <QApplication>
#include <QWidget>
#include <utility>

namespace moescope::ui {

/// One step: the fields that changed, before and after.
class MatrixEdit final : public QUndoCommand {
  public:
    MatrixEdit(MatrixHistory& history, FieldState before, FieldState after, QString typed_into, int run)
        : m_history(history),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_typedInto(std::move(typed_into)),
          m_run(run) {}

    int id() const override { return 1; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto& next = static_cast<const MatrixEdit&>(*other);
        if (m_typedInto.isEmpty() || m_typedInto != next.m_typedInto || m_run != next.m_run) return false;
        m_after = next.m_after;
        setObsolete(m_after == m_before);
        return true;
    }
    void undo() override { m_history.apply(m_before); }
    void redo() override {
        if (std::exchange(m_isDone, false)) return;  // pushing calls this for an edit that has been made
        m_history.apply(m_after);
    }

  private:
    MatrixHistory& m_history;
    FieldState m_before;
    FieldState m_after;
    QString m_typedInto;
    int m_run;
    bool m_isDone = true;
};

namespace {

/// "Strategies 2" when just the text of the second of them changed, not its kind (what stands before a tab).
QString typedItem(const QString& name, const QStringList& before, const QStringList& after) {
    if (before.size() != after.size()) return {};
    qsizetype changed = -1;
    for (qsizetype at = 0; at < after.size(); ++at) {
        if (before[at] == after[at]) continue;
        const QLatin1Char tab('\t');
        if (changed >= 0 || before[at].section(tab, 0, 0) != after[at].section(tab, 0, 0)) return {};
        changed = at;
    }
    return QStringLiteral("%1 %2").arg(name).arg(changed + 1);
}

/// The field that was typed into, if that is what happened.
QString typedInto(const FieldState& before, const FieldState& after) {
    if (after.size() != 1) return {};
    const QVariant& now = after.first();
    if (now.typeId() == QMetaType::QString) return after.firstKey();
    if (now.typeId() == QMetaType::QStringList)
        return typedItem(after.firstKey(), before.first().toStringList(), now.toStringList());
    return {};
}

}  // namespace

MatrixHistory::MatrixHistory(Read read, Write write, QObject* parent)
    : QObject(parent), m_read(std::move(read)), m_write(std::move(write)) {
    connect(qApp, &QApplication::focusChanged, this, [this] { ++m_run; });
}

void MatrixHistory::record(const QString& what) {
    if (m_applying) return;
    const FieldState now = m_read();
    FieldState before;
    FieldState after;
    for (auto field = now.cbegin(); field != now.cend(); ++field) {
        const QVariant last = m_last.value(field.key());
        if (last == field.value()) continue;
        before.insert(field.key(), last);
        after.insert(field.key(), field.value());
    }
    if (after.isEmpty()) return;
    m_last = now;
    const QString text = !what.isEmpty()     ? what
                         : after.size() == 1 ? after.firstKey()
                                             : QStringLiteral("change");
    auto* edit =
        new MatrixEdit(*this, before, after, what.isEmpty() ? typedInto(before, after) : QString(), m_run);
    edit->setText(text);
    m_stack.push(edit);
}

void MatrixHistory::reset() {
    m_last = m_read();
    m_stack.clear();
}

void MatrixHistory::apply(const FieldState& changed) {
    m_applying = true;
    m_write(changed);
    m_applying = false;
    m_last = m_read();
    ++m_run;
}

}  // namespace moescope::ui
