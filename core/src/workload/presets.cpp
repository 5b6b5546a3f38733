// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "moescope/error.h"
#include "workload/preset_data.h"
#include "workload/selection_json.h"

namespace moescope {
namespace {

struct Ordered {
    int order;
    Preset preset;
};

Ordered read_preset(const PresetFile& file) {
    const json::Json document = json::parse(file.text, std::string(file.name));
    json::Fields fields(document, std::string(file.name));
    Ordered result{fields.get("order", 1000), {}};
    result.preset.id = fields.require<std::string>("id");
    result.preset.description = fields.require<std::string>("description");
    const json::Json* selection = fields.find("selection");
    if (selection == nullptr) throw Error(fmt::format("{}: field 'selection' is missing", file.name));
    result.preset.selection = selection_from_document(*selection, std::string(file.name));
    result.preset.selection.name = result.preset.id;
    return result;
}

std::vector<Preset> read_presets() {
    std::vector<Ordered> ordered;
    for (const PresetFile& file : preset_files()) ordered.push_back(read_preset(file));
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const Ordered& a, const Ordered& b) { return a.order < b.order; });
    std::vector<Preset> presets;
    for (Ordered& item : ordered) presets.push_back(std::move(item.preset));
    return presets;
}

}  // namespace

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all = read_presets();
    return all;
}

const Preset& find_preset(std::string_view id) {
    std::vector<std::string_view> known;
    for (const Preset& preset : presets()) {
        if (preset.id == id) return preset;
        known.push_back(preset.id);
    }
    throw Error(fmt::format("unknown preset '{}': use one of {}", id, fmt::join(known, ", ")));
}

}  // namespace moescope
