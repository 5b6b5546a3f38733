// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "moescope/error.h"

namespace moescope {

/// What a user sets, where a message must name it.
enum class Setting { experts, max_tokens, hidden, group_size, kernels, input, launch, resume };

/// "max_tokens": as in session and selection files, and in the C interface.
std::string setting_key(Setting setting);
/// "--max-tokens": as on the command line.
std::string setting_flag(Setting setting);
using SettingName = std::string (*)(Setting setting);

/// For the text of a Message: stands for the setting until somebody reads the message.
std::string mention(Setting setting);

/// A message to more than one kind of reader. The same setting is a flag on the command line, the name of a
/// field in the window and a key in a file: whoever shows the message says which.
class Message {
  public:
    Message(std::string text_with_mentions);
    Message(const char* text_with_mentions) : Message(std::string(text_with_mentions)) {}

    std::string text(SettingName name) const;

  private:
    std::string m_text;
};

/// An Error whose remedy is a setting. what() is for the command line.
class SettingError : public Error {
  public:
    explicit SettingError(Message message)
        : Error(message.text(setting_flag)), m_message(std::move(message)) {}
    const Message& message() const { return m_message; }

  private:
    Message m_message;
};

}  // namespace moescope
