// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/user_presets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "moescope/session/session_file.h"
#include "text/file.h"
#include "workload/selection_json.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 60;
constexpr const char* kExtension = ".json";

std::string path_of(const std::string& name) {
    return user_preset_directory() + "/" + name + kExtension;
}

bool is_built_in(std::string_view name) {
    return std::any_of(presets().begin(), presets().end(), [&](const Preset& p) { return p.id == name; });
}

void check_name(const std::string& name) {
    if (const auto problem = preset_name_problem(name)) throw Error(*problem);
}

void require(const std::string& name) {
    // What has no proper name cannot be a preset's, and must not lead out of the directory.
    if (preset_name_problem(name) || !fs::is_regular_file(path_of(name)))
        throw Error(fmt::format("there is no preset '{}' in {}", name, user_preset_directory()));
}

Preset read_preset(const std::string& name, const std::string& path) {
    const json::Json document = json::parse(text::read_file(path), path);
    json::Fields fields(document, path);
    if (fields.find("selection") == nullptr)
        throw Error(fmt::format("{}: field 'selection' is missing", path));
    Preset preset{name, fields.get<std::string>("description", ""), load_selection(path)};
    preset.selection.name = name;
    return preset;
}

UserPreset read_user_preset(const fs::path& file) {
    UserPreset user{file.string(), {file.stem().string(), {}, {}}, {}};
    try {
        check_name(user.preset.id);
        user.preset = read_preset(user.preset.id, user.path);
    } catch (const Error& error) {
        user.problem = error.what();
    }
    return user;
}

}  // namespace

std::string user_preset_directory() {
    const auto absolute = [](const char* variable) -> std::string {
        const char* value = std::getenv(variable);
        return value != nullptr && value[0] == '/' ? value : "";
    };
    if (const std::string data = absolute("XDG_DATA_HOME"); !data.empty()) return data + "/moescope/presets";
    if (const std::string home = absolute("HOME"); !home.empty())
        return home + "/.local/share/moescope/presets";
    throw Error("there is no place for presets of your own: set HOME or XDG_DATA_HOME to an absolute path");
}

std::vector<UserPreset> user_presets() {
    std::vector<UserPreset> all;
    std::string directory;
    try {
        directory = user_preset_directory();
    } catch (const Error&) {
        return all;  // without a place for them there are none
    }
    std::error_code unreadable;  // nor in a directory that is not there
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, unreadable)) {
        const std::string file = entry.path().filename().string();
        // Hidden ones are files that are being written.
        if (entry.path().extension() == kExtension && !file.starts_with('.'))
            all.push_back(read_user_preset(entry.path()));
    }
    std::sort(all.begin(), all.end(),
              [](const UserPreset& a, const UserPreset& b) { return a.preset.id < b.preset.id; });
    return all;
}

std::optional<std::string> preset_name_problem(std::string_view name) {
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (name.empty()) return "a preset needs a name";
    const bool good = alphanumeric(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
                          return alphanumeric(c) || c == '.' || c == '-' || c == '_';
                      });
    if (!good)
        return fmt::format(
            "preset name '{}': use letters, digits, '.', '-' and '_', and begin with a letter or a digit",
            name);
    if (name.size() > kLongestName)
        return fmt::format("preset name '{}...': use at most {} characters", name.substr(0, 20),
                           kLongestName);
    if (is_built_in(name) || name == "custom")
        return fmt::format("preset name '{}' is taken by a built-in one: choose another", name);
    return std::nullopt;
}

void save_user_preset(const Preset& preset, bool replace) {
    check_name(preset.id);
    const std::string path = path_of(preset.id);
    std::error_code failed;
    fs::create_directories(user_preset_directory(), failed);
    if (failed)
        throw Error(
            fmt::format("the folder {} cannot be made ({}): set XDG_DATA_HOME to a place you can write to",
                        user_preset_directory(), failed.message()));
    if (!replace && fs::exists(path))
        throw Error(
            fmt::format("preset '{}' is there already: choose another name or replace it", preset.id));
    Selection selection = preset.selection;
    selection.name = preset.id;
    const json::Json document{
        {"id", preset.id}, {"description", preset.description}, {"selection", selection_document(selection)}};
    write_file_atomically(path, document.dump(2) + "\n");
}

void remove_user_preset(const std::string& name) {
    require(name);
    std::error_code failed;
    if (!fs::remove(path_of(name), failed) || failed)
        throw Error(fmt::format("{} cannot be removed: {}", path_of(name), failed.message()));
}

void rename_user_preset(const std::string& from, const std::string& to) {
    require(from);
    check_name(to);
    if (from == to) return;
    // Unlike rename(), link() never replaces a file that has come there meanwhile.
    if (::link(path_of(from).c_str(), path_of(to).c_str()) != 0) {
        if (errno == EEXIST)
            throw Error(fmt::format("preset '{}' is there already: choose another name", to));
        throw Error(fmt::format("preset '{}' cannot be renamed to '{}': {}", from, to, std::strerror(errno)));
    }
    remove_user_preset(from);
}

Preset load_preset(const std::string& name) {
    std::vector<std::string> known;
    for (const Preset& preset : presets()) {
        if (preset.id == name) return preset;
        known.push_back(preset.id);
    }
    for (const UserPreset& user : user_presets()) {
        if (user.preset.id != name) {
            if (user.problem.empty()) known.push_back(user.preset.id);
            continue;
        }
        if (!user.problem.empty())
            throw Error(
                fmt::format("preset '{}' cannot be used: {}; mend or remove the file", name, user.problem));
        return user.preset;
    }
    throw Error(fmt::format("unknown preset '{}': use one of {}", name, fmt::join(known, ", ")));
}

}  // namespace moescope
