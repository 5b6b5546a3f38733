// SPDX-License-Identifier: Apache-2.0
#include "moescope/message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace moescope {
namespace {

/// In the order of Setting.
constexpr std::array kKeys{"experts", "max_tokens", "hidden", "group_size",
                           "kernels", "input",      "launch", "resume"};
/// Begins a mention; the character after it tells the setting. No text that somebody reads has it.
constexpr char kMark = '\x1a';

}  // namespace

std::string setting_key(Setting setting) {
    return kKeys[static_cast<std::size_t>(setting)];
}

std::string setting_flag(Setting setting) {
    std::string flag = "--" + setting_key(setting);
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag;
}

std::string mention(Setting setting) {
    return {kMark, static_cast<char>('a' + static_cast<int>(setting))};
}

Message::Message(std::string text_with_mentions) : m_text(std::move(text_with_mentions)) {}

std::string Message::text(SettingName name) const {
    std::string text;
    for (std::size_t i = 0; i < m_text.size(); ++i) {
        const int setting = m_text[i] == kMark && i + 1 < m_text.size() ? m_text[i + 1] - 'a' : -1;
        if (setting < 0 || setting >= static_cast<int>(kKeys.size())) {
            text += m_text[i];
            continue;
        }
        text += name(static_cast<Setting>(setting));
        ++i;
    }
    return text;
}

}  // namespace moescope
