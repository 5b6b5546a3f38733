// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/notification.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QVariantMap>

namespace moescope::ui {

void notifyDesktop(const QString& title, const QString& text) {
    const QString service = QStringLiteral("org.freedesktop.Notifications");
    const QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    QDBusMessage call = QDBusMessage::createMethodCall(
        service, QStringLiteral("/org/freedesktop/Notifications"), service, QStringLiteral("Notify"));
    constexpr uint kReplacesNone = 0;
    constexpr int kAsLongAsTheDesktopLikes = -1;
    call << QStringLiteral("moescope") << kReplacesNone << QStringLiteral("moescope") << title << text
         << QStringList() << QVariantMap() << kAsLongAsTheDesktopLikes;
    bus.asyncCall(call);
}

}  // namespace moescope::ui
