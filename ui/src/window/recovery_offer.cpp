// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/window/recovery_offer.h"

#include "moescope/error.h"
#include "moescope/session/journal.h"
#include "moescope/ui/panels/message_bar.h"
#include "moescope/ui/session/session_document.h"
#include "moescope/ui/session/session_store.h"
#include "moescope/ui/support/setting_names.h"
#include "moescope/ui/support/text.h"

namespace moescope::ui {

RecoveryOffer::RecoveryOffer(SessionDocument& document, MessageBar& messages, QObject* parent)
    : QObject(parent), m_document(document), m_messages(messages) {}

bool RecoveryOffer::offer() {
    const std::vector<std::string> interrupted = Journal::interrupted(sweepFolder().toStdString());
    if (interrupted.empty()) return false;
    const std::optional<Session> session = Journal::recover(interrupted.front());
    if (!session) return false;
    const QString path = qs(interrupted.front());
    QString text =
        QStringLiteral("A sweep did not come to its end: %1, begun %2. %3 safe in %4.journal.")
            .arg(qs(session->name), qs(session->created).left(16).replace(QLatin1Char('T'), QLatin1Char(' ')),
                 counted(static_cast<std::int64_t>(session->results.size()), QStringLiteral("result")) +
                     (session->results.size() == 1 ? QStringLiteral(" is") : QStringLiteral(" are")),
                 path);
    if (interrupted.size() > 1) text += QStringLiteral(" %1 more like it.").arg(interrupted.size() - 1);
    m_messages.showChoices(text,
                           {{QStringLiteral("&Open"), [this, path] { recover(path, false); }},
                            {QStringLiteral("&Go on measuring"), [this, path] { recover(path, true); }}});
    return true;
}

void RecoveryOffer::recover(const QString& path, bool go_on) {
    try {
        const std::string name = path.toStdString();
        std::optional<Session> session = Journal::recover(name);
        if (!session) throw Error("'" + Journal::path_for(name) + "' holds no sweep any more");
        // Held while it becomes a session file, so that no other window does the same.
        Journal::start(*session, name)->finish(*session);
        m_document.openKept(std::move(*session), path);
    } catch (const Error& error) {
        m_messages.showError(errorText(error));
        return;
    }
    emit recovered(path);
    if (go_on)
        emit goOnRequested();
    else
        offer();  // the next one, if there is
}

}  // namespace moescope::ui
