// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

namespace moescope::ui {

class MessageBar;
class SessionDocument;

/// At the start: sweeps of the program's own folder that a crash or a power cut ended. What they had measured
/// can be opened, and measured on, from the message bar. Closing the bar leaves it for the next start.
class RecoveryOffer : public QObject {
    Q_OBJECT

  public:
    RecoveryOffer(SessionDocument& document, MessageBar& messages, QObject* parent);

    /// False: there is nothing to offer.
    bool offer();

  signals:
    /// The results are in a session file now, and open.
    void recovered(const QString& path);
    /// The current session is to be measured on.
    void goOnRequested();

  private:
    void recover(const QString& path, bool go_on);

    SessionDocument& m_document;
    MessageBar& m_messages;
};

}  // namespace moescope::ui
