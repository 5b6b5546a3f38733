// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <functional>

namespace moescope::ui {

/// Tells somebody who looks elsewhere.
using Notifier = std::function<void(const QString& title, const QString& text)>;

/// Through the desktop's notification service (org.freedesktop.Notifications); does not wait for it. Does
/// nothing where there is none.
void notifyDesktop(const QString& title, const QString& text);

}  // namespace moescope::ui
