// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/workload/selection.h"

namespace moescope {

/// A preset that a user has saved: a file NAME.json of user_preset_directory(). Its id is NAME, whatever
/// stands in the file.
struct UserPreset {
    std::string path;
    Preset preset;
    std::string problem;  ///< why the file cannot be used; the selection is then empty
};

/// $XDG_DATA_HOME/moescope/presets, or ~/.local/share/moescope/presets. Need not exist. Throws Error where
/// neither variable tells a place.
std::string user_preset_directory();

/// All of them, by name. Files that cannot be read are in the list, with the reason.
std::vector<UserPreset> user_presets();

/// Why a preset cannot be called so, or nothing: letters, digits, `.`, `-` and `_`, at most 60, the first one
/// a letter or a digit, and not the name of a built-in preset.
std::optional<std::string> preset_name_problem(std::string_view name);

/// Writes preset.id's file. Throws Error for a name that cannot be, a place that cannot be written, and a
/// preset that is there already unless `replace` says so.
void save_user_preset(const Preset& preset, bool replace);
/// Throws Error when there is none of that name.
void remove_user_preset(const std::string& name);
/// Throws Error when there is no `from` or there is a `to` already: nothing is replaced.
void rename_user_preset(const std::string& from, const std::string& to);

/// A built-in preset, or else the user's. Throws Error that lists the names of both kinds, or says what is
/// wrong with the user's file.
Preset load_preset(const std::string& name);

}  // namespace moescope
