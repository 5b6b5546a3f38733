// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/backend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "moescope/message.h"

namespace moescope {
namespace {

template <typename T>
bool contains(const std::vector<T>& values, const T& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

std::optional<std::string> unsupported_reason(const KernelTraits& kernel, const Shape& shape) {
    if (!contains(kernel.group_sizes, shape.group_size)) {
        return fmt::format("{} does not do group size {}: it does {}", kernel.id, shape.group_size,
                           fmt::join(kernel.group_sizes, ", "));
    }
    if (!contains(kernel.scale_formats, shape.scale_format)) {
        return fmt::format("{} does not write scale format {}", kernel.id, to_string(shape.scale_format));
    }
    if (!contains(kernel.input_types, shape.input_type)) {
        return fmt::format("{} does not read {} input", kernel.id, to_string(shape.input_type));
    }
    if (shape.hidden % kernel.hidden_multiple_of != 0) {
        return fmt::format("{} needs a hidden size that is a multiple of {}", kernel.id,
                           kernel.hidden_multiple_of);
    }
    return kernel.further_limits ? kernel.further_limits(shape) : std::nullopt;
}

std::string_view to_string(InputKind kind) {
    return kind == InputKind::adversarial ? "adversarial" : "normal";
}

void Backend::choose_input(InputKind kind) {
    if (kind != InputKind::normal)
        throw SettingError(fmt::format("{} has no adversarial input: leave it out with {} normal",
                                       device().id, mention(Setting::input)));
}

void Backend::set_launch_mode(LaunchMode mode) {
    if (mode != LaunchMode::graph)
        throw SettingError(fmt::format("{} cannot launch that way: leave out {} {}", device().id,
                                       mention(Setting::launch), to_string(mode)));
}

Device pick_device(const BackendFactory& factory, const std::string& id) {
    const std::vector<Device> devices = factory.devices();
    if (devices.empty()) throw Error("no device to run on");
    if (id.empty()) return devices.front();
    std::vector<std::string> known;
    for (const Device& device : devices) {
        if (device.id == id || (id == "cuda" && device.kind == "cuda")) return device;
        known.push_back(device.id);
    }
    throw Error(fmt::format("no device '{}' here: use {} (moescope devices lists them)", id,
                            fmt::join(known, " or ")));
}

}  // namespace moescope
