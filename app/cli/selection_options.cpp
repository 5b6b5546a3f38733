// SPDX-License-Identifier: Apache-2.0
#include "selection_options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "moescope/error.h"
#include "moescope/workload/axis.h"
#include "moescope/workload/user_presets.h"

namespace moescope {
namespace {

constexpr std::int64_t kMaxAxisValue = std::int64_t{1} << 36;

double parse_number(const char* flag, const std::string& text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        throw Error(fmt::format("{} '{}' is not a number", flag, text));
    }
    return value;
}

template <typename T>
T parse_whole(const char* flag, const std::string& text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(fmt::format("{} '{}' is not a whole number in range", flag, text));
    }
    return value;
}

void set_axis(const char* flag, const std::string& text, std::vector<std::int64_t>& axis,
              std::int64_t low = 1) {
    if (!text.empty()) axis = parse_axis(flag, text, low, kMaxAxisValue);
}

}  // namespace

void SelectionOptions::add_to(CLI::App& command) {
    m_command = &command;
    const auto add = [&](const char* name, std::string& value, const char* help) {
        command.add_option(name, value, help)->group("SELECTION");
    };
    add("--preset", m_preset, "a preset (moescope presets lists them)");
    add("--spec", m_spec, "a selection in a JSON file");
    add("--experts", m_experts, "E: list or range, e.g. 8,32,256 or 1:512:*2");
    add("--max-tokens", m_max_tokens, "T: rows allocated per expert");
    add("--hidden", m_hidden, "H: output columns (the MoE intermediate size)");
    add("--group-size", m_group_size, "G: columns per scale: 32, 64, 128 or 256");
    add("--tokens-per-expert", m_tokens_per_expert, "mean tokens per expert, e.g. 8:512:*2");
    add("--total-tokens", m_total_tokens, "tokens over all experts; instead of --tokens-per-expert");
    add("--strategy", m_strategy, "even,uniform,imbalanced:R,first,zipf:S,gini:X,hot:K:F,custom:FILE");
    add("--kernels", m_kernels, "kernels to run (moescope kernels lists them)");
    add("--scale-format", m_scale_format, "fp32,fp32-ue8m0,ue8m0-packed");
    add("--input-type", m_input_type, "bf16,fp16: what the input holds (bf16)");
    add("--seed", m_seed, "seed of the random strategies");
}

bool SelectionOptions::given() const {
    for (const CLI::Option* option : m_command->get_options()) {
        if (option->get_group() == "SELECTION" && option->count() > 0) return true;
    }
    return false;
}

Selection SelectionOptions::resolve() const {
    if (!given())
        throw Error(
            "nothing selected: give --preset NAME (e.g. quick), --spec FILE or axis flags such as --experts "
            "8");
    if (!m_preset.empty() && !m_spec.empty())
        throw Error("both --preset and --spec are given: keep one of them");
    Selection s;
    if (!m_preset.empty()) s = load_preset(m_preset).selection;
    if (!m_spec.empty()) s = load_selection(m_spec);
    set_axis("--experts", m_experts, s.experts);
    set_axis("--max-tokens", m_max_tokens, s.max_tokens);
    set_axis("--hidden", m_hidden, s.hidden);
    set_axis("--group-size", m_group_size, s.group_size);
    if (!m_tokens_per_expert.empty() && m_total_tokens.empty()) s.total_tokens.clear();
    if (!m_total_tokens.empty() && m_tokens_per_expert.empty()) s.tokens_per_expert.clear();
    set_axis("--tokens-per-expert", m_tokens_per_expert, s.tokens_per_expert, 0);
    set_axis("--total-tokens", m_total_tokens, s.total_tokens, 0);
    if (!m_strategy.empty()) {
        s.strategies.clear();
        for (const std::string& text : split_list("--strategy", m_strategy))
            s.strategies.push_back(parse_strategy(text));
    } else if (s.strategies.empty() && s.cases.empty()) {
        s.strategies.push_back(parse_strategy("even"));
    }
    if (!m_kernels.empty()) s.kernels = split_list("--kernels", m_kernels);
    if (!m_scale_format.empty()) {
        s.scale_formats.clear();
        for (const std::string& text : split_list("--scale-format", m_scale_format)) {
            s.scale_formats.push_back(parse_scale_format(text));
        }
    }
    if (!m_input_type.empty()) {
        s.input_types.clear();
        for (const std::string& text : split_list("--input-type", m_input_type))
            s.input_types.push_back(parse_input_type(text));
    }
    if (!m_seed.empty()) s.seed = parse_whole<std::uint64_t>("--seed", m_seed);
    return s;
}

void MeasureFlags::add_to(CLI::App& command) {
    const auto add = [&](const char* name, std::string& value, const char* help) {
        command.add_option(name, value, help)->group("MEASURING");
    };
    add("--cache", m_cache, "cold (default), hot or both");
    add("--launch", m_launch,
        "graph (default): many launches at once, averaged; host: each one timed from call to completion");
    add("--ci", m_ci, "sample until the half-width of the median's 95 % interval is this many percent (0.5)");
    add("--min-samples", m_min_samples, "but take at least this many samples a cell (20)");
    add("--max-time", m_max_time, "and sample a cell for at most this many seconds (1)");
}

void MeasureFlags::apply(Selection& selection) const {
    if (!m_cache.empty()) selection.cache = parse_cache_selection(m_cache);
    if (!m_launch.empty()) selection.launch = parse_launch_mode(m_launch);
    if (!m_ci.empty()) selection.measure.ci_percent = parse_number("--ci", m_ci);
    if (!m_min_samples.empty()) {
        selection.measure.min_samples = parse_whole<int>("--min-samples", m_min_samples);
        selection.measure.max_samples =
            std::max(selection.measure.max_samples, selection.measure.min_samples);
    }
    if (!m_max_time.empty()) selection.measure.max_seconds = parse_number("--max-time", m_max_time);
}

}  // namespace moescope
