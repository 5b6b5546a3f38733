// SPDX-License-Identifier: GPL-3.0-or-later
// Closing sessions: nothing that is in no file goes without a question.
#include <QMessageBox>
#include <QPushButton>

#include "moescope/ui/session/session_document.h"
#include "moescope/ui/window/session_commands.h"

namespace moescope::ui {

SessionCommands::Unsaved SessionCommands::askUser(const OpenSession& session) const {
    if (m_ask) return m_ask(session);
    QMessageBox box(QMessageBox::Question, QStringLiteral("Save changes?"),
                    QStringLiteral("\"%1\" has changes that are not saved.").arg(session.displayName()),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, m_window);
    box.setObjectName(QStringLiteral("unsaved"));
    box.setDefaultButton(QMessageBox::Save);
    box.button(QMessageBox::Save)->setText(QStringLiteral("&Save"));
    box.button(QMessageBox::Discard)->setText(QStringLiteral("&Discard"));
    box.button(QMessageBox::Cancel)->setText(QStringLiteral("&Keep open"));
    switch (box.exec()) {
        case QMessageBox::Save:
            return Unsaved::save;
        case QMessageBox::Discard:
            return Unsaved::discard;
        default:
            return Unsaved::keepOpen;
    }
}

/// Of the current session. False: it is not saved.
bool SessionCommands::saveWhereItBelongs() {
    const OpenSession& session = *m_document.current();
    if (!session.path.isEmpty()) return save(session.path);
    if (!session.keptAt.isEmpty()) return save(session.keptAt);
    askAndSave();
    return !m_document.isModified();
}

/// False: it must stay open.
bool SessionCommands::settle(std::size_t session) {
    const OpenSession& open = m_document.at(session);
    if (!open.modified || &open == m_document.live()) return true;
    m_document.setCurrent(session);  // so that one sees what is asked about
    switch (askUser(open)) {
        case Unsaved::save:
            return saveWhereItBelongs();
        case Unsaved::discard:
            return true;
        case Unsaved::keepOpen:
            break;
    }
    return false;
}

bool SessionCommands::close(std::size_t session) {
    if (&m_document.at(session) == m_document.live() || !settle(session)) return false;
    m_document.close(session);
    return true;
}

bool SessionCommands::mayCloseAll() {
    for (std::size_t i = 0; i < m_document.count(); ++i)
        if (!settle(i)) return false;
    return true;
}

}  // namespace moescope::ui
