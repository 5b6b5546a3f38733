// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <exception>

#include "moescope/message.h"

namespace moescope::ui {

/// What the window calls a setting: "Capacity T", the label of its field.
QString fieldName(Setting setting);
/// A message to somebody who looks at the window.
QString messageText(const Message& message);
QString errorText(const std::exception& error);

}  // namespace moescope::ui
