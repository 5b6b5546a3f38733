// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/setting_names.h"

#include "moescope/ui/support/text.h"

namespace moescope::ui {

QString fieldName(Setting setting) {
    switch (setting) {
        case Setting::experts:
            return QStringLiteral("Experts E");
        case Setting::max_tokens:
            return QStringLiteral("Capacity T");
        case Setting::hidden:
            return QStringLiteral("Columns H");
        case Setting::group_size:
            return QStringLiteral("Group size G");
        case Setting::kernels:
            return QStringLiteral("Kernels");
        case Setting::launch:
            return QStringLiteral("Launch");
        case Setting::resume:
            return QStringLiteral("Go on measuring");  // what the next start offers
        case Setting::input:
            break;  // the window does not verify alone
    }
    return qs(setting_key(setting));
}

QString messageText(const Message& message) {
    return qs(message.text([](Setting setting) { return fieldName(setting).toStdString(); }));
}

QString errorText(const std::exception& error) {
    if (const auto* about_setting = dynamic_cast<const SettingError*>(&error))
        return messageText(about_setting->message());
    return QString::fromUtf8(error.what());
}

}  // namespace moescope::ui
