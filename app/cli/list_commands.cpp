// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "moescope/workload/axis.h"
#include "moescope/workload/selection.h"
#include "moescope/workload/user_presets.h"
#include "output.h"
#include "plugin_flags.h"

namespace moescope {
namespace {

using Json = nlohmann::ordered_json;

/// Adds a command with --json that prints either form.
template <typename ToJson, typename ToTable>
CLI::App& add_listing(CLI::App& app, const char* name, const char* help, ToJson to_json, ToTable to_table) {
    CLI::App* command = app.add_subcommand(name, help);
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "print an array of objects");
    command->callback([=] {
        if (*json) {
            fmt::print("{}\n", to_json().dump(2));
        } else {
            print_table(to_table());
        }
    });
    return *command;
}

Json devices_json(const BackendFactory& backends) {
    Json list = Json::array();
    for (const Device& d : backends.devices()) {
        list.push_back(
            {{"id", d.id},
             {"kind", d.kind},
             {"name", d.name},
             {"uuid", d.uuid},
             {"compute_capability", d.compute_capability},
             {"isa", d.isa},
             {"driver", d.driver},
             {"cuda", d.runtime},
             {"sm_count", d.sm_count},
             {"l2_bytes", d.cache_bytes},
             {"memory_bytes", d.memory_bytes},
             {"free_bytes", d.free_bytes},
             {"theoretical_gbps", d.theoretical_gbps > 0.0 ? Json(d.theoretical_gbps) : Json(nullptr)}});
    }
    return list;
}

std::vector<std::vector<std::string>> devices_table(const BackendFactory& backends) {
    std::vector<std::vector<std::string>> rows{
        {"id", "name", ">memory GB", ">free GB", ">cache MB", ">peak GB/s", "detail"}};
    for (const Device& d : backends.devices()) {
        rows.push_back({d.id, d.name, fmt::format("{:.1f}", static_cast<double>(d.memory_bytes) / 1e9),
                        fmt::format("{:.1f}", static_cast<double>(d.free_bytes) / 1e9),
                        fmt::format("{:.0f}", static_cast<double>(d.cache_bytes) / 1048576.0),
                        d.theoretical_gbps > 0.0 ? fmt::format("{:.0f}", d.theoretical_gbps) : "-",
                        d.kind == "cpu" ? fmt::format("{} threads, {}", d.sm_count, d.isa)
                                        : fmt::format("{} SMs, compute capability {}", d.sm_count,
                                                      d.compute_capability)});
    }
    return rows;
}

/// A kernel and the devices that have it.
struct Listed {
    KernelTraits traits;
    std::vector<std::string> devices;
};

std::vector<Listed> list_kernels(const BackendFactory& backends) {
    std::vector<Listed> list;
    for (const Device& device : backends.devices()) {
        for (const KernelTraits& kernel : backends.kernels(device.id)) {
            const auto same = [&](const Listed& l) {
                return l.traits.id == kernel.id && l.traits.description == kernel.description;
            };
            auto it = std::find_if(list.begin(), list.end(), same);
            if (it == list.end()) it = list.insert(list.end(), {kernel, {}});
            it->devices.push_back(device.id);
        }
    }
    return list;
}

std::vector<std::string> format_names(const KernelTraits& kernel) {
    std::vector<std::string> names;
    for (const ScaleFormat format : kernel.scale_formats) names.emplace_back(to_string(format));
    return names;
}

std::vector<std::string> input_names(const KernelTraits& kernel) {
    std::vector<std::string> names;
    for (const InputType type : kernel.input_types) names.emplace_back(to_string(type));
    return names;
}

std::string numerics_name(const KernelTraits& kernel) {
    return kernel.is_operation ? std::string(to_string(kernel.numerics)) : std::string("-");
}

Json kernels_json(const BackendFactory& backends) {
    Json list = Json::array();
    for (const Listed& k : list_kernels(backends)) {
        list.push_back(
            {{"id", k.traits.id},
             {"description", k.traits.description},
             {"devices", k.devices},
             {"numerics", k.traits.is_operation ? Json(to_string(k.traits.numerics)) : Json(nullptr)},
             {"group_sizes", k.traits.group_sizes},
             {"scale_formats", format_names(k.traits)},
             {"input_types", input_names(k.traits)},
             {"default", k.traits.in_default_set},
             {"plugin", k.traits.plugin.empty() ? Json(nullptr) : Json(k.traits.plugin)}});
    }
    return list;
}

std::vector<std::vector<std::string>> kernels_table(const BackendFactory& backends) {
    std::vector<std::vector<std::string>> rows{
        {"id", "devices", "numerics", "input", "group sizes", "default", "description"}};
    for (const Listed& k : list_kernels(backends)) {
        rows.push_back({k.traits.id, fmt::format("{}", fmt::join(k.devices, ",")), numerics_name(k.traits),
                        fmt::format("{}", fmt::join(input_names(k.traits), ",")),
                        fmt::format("{}", fmt::join(k.traits.group_sizes, ",")),
                        k.traits.in_default_set ? "yes" : "no", k.traits.description});
    }
    return rows;
}

Json presets_json() {
    Json list = Json::array();
    for (const Preset& p : presets()) {
        list.push_back({{"id", p.id},
                        {"description", p.description},
                        {"source", "built-in"},
                        {"selection", Json::parse(selection_to_json(p.selection))}});
    }
    for (const UserPreset& user : user_presets()) {
        Json entry{{"id", user.preset.id},
                   {"description", user.preset.description},
                   {"source", "user"},
                   {"file", user.path}};
        if (user.problem.empty())
            entry["selection"] = Json::parse(selection_to_json(user.preset.selection));
        else
            entry["error"] = user.problem;
        list.push_back(std::move(entry));
    }
    return list;
}

std::vector<std::vector<std::string>> presets_table() {
    std::vector<std::vector<std::string>> rows{{"id", "source", "experts", "hidden", "description"}};
    const auto add = [&](const Preset& p, const char* source, const std::string& description) {
        rows.push_back(
            {p.id, source, format_axis(p.selection.experts), format_axis(p.selection.hidden), description});
    };
    for (const Preset& p : presets()) add(p, "built-in", p.description);
    for (const UserPreset& user : user_presets())
        add(user.preset, "user",
            user.problem.empty() ? user.preset.description
                                 : fmt::format("cannot be used: {}; mend or remove the file", user.problem));
    return rows;
}

}  // namespace

void add_list_commands(CLI::App& app, Program& program) {
    const BackendFactory& backends = program.backends;
    add_listing(
        app, "devices", "list the devices of this machine", [&] { return devices_json(backends); },
        [&] { return devices_table(backends); });
    const auto plugins = std::make_shared<PluginFlags>();
    plugins->add_to(add_listing(
        app, "kernels", "list the kernels and what they can do",
        [&backends, plugins] { return kernels_json(plugins->apply(backends)); },
        [&backends, plugins] { return kernels_table(plugins->apply(backends)); }));
    add_listing(app, "presets", "list the built-in selections and your own", presets_json, presets_table);
}

}  // namespace moescope
