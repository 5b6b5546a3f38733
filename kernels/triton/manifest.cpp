// SPDX-License-Identifier: Apache-2.0
#include "manifest.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "embedded_files.h"
#include "moescope/error.h"

namespace moescope::triton {
namespace {

using nlohmann::json;

constexpr int kWarpThreads = 32;

Variant read_variant(const json& entry) {
    Variant variant;
    variant.name = entry.at("name").get<std::string>();
    variant.entry = entry.at("entry").get<std::string>();
    variant.threads = entry.at("num_warps").get<int>() * kWarpThreads;
    variant.shared_bytes = entry.at("shared_bytes").get<unsigned>();
    for (const json& parameter : entry.at("parameters")) {
        const bool narrow = parameter.at("type").get<std::string>() == "i32";
        variant.parameters.push_back({parameter.at("name").get<std::string>(), narrow ? 4 : 8});
    }
    return variant;
}

struct Manifest {
    std::string source_hash;
    std::vector<int> architectures;
    std::map<std::string, Variant, std::less<>> variants;

    Manifest() {
        const json document = json::parse(embedded_file("manifest.json"));
        source_hash = document.at("sources").at("silu_mul_quant.py").get<std::string>();
        architectures = document.at("architectures").get<std::vector<int>>();
        for (const json& entry : document.at("variants")) {
            Variant variant = read_variant(entry);
            variants.emplace(variant.name, std::move(variant));
        }
    }
};

const Manifest& manifest() {
    static const Manifest instance;
    return instance;
}

}  // namespace

bool is_wide(const Shape& shape) {
    return 2 * shape.hidden * shape.max_tokens > std::numeric_limits<std::int32_t>::max();
}

std::string variant_name(int architecture, const Shape& shape) {
    return fmt::format("sm{}-h{}-g{}-{}{}", architecture, shape.hidden, shape.group_size,
                       to_string(shape.scale_format), is_wide(shape) ? "-wide" : "");
}

std::optional<Variant> find_compiled(std::string_view name) {
    const auto it = manifest().variants.find(name);
    if (it == manifest().variants.end()) return std::nullopt;
    return it->second;
}

Variant parse_variant(std::string_view text) {
    try {
        return read_variant(json::parse(text));
    } catch (const json::exception& e) {
        throw Error(fmt::format("not a compiled Triton kernel: {}", e.what()));
    }
}

const std::vector<int>& compiled_architectures() {
    return manifest().architectures;
}

const std::string& source_hash() {
    return manifest().source_hash;
}

}  // namespace moescope::triton
