// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/strategy.h"

#include <fmt/format.h>

#include "moescope/error.h"
#include "text/parse.h"

namespace moescope {
namespace {

using Kind = Strategy::Kind;

constexpr double kDefaultRatio = 0.7;  // the seed document's
constexpr double kDefaultZipf = 1.0;
constexpr double kDefaultGini = 0.5;

const StrategyHelp& help_for(Kind kind) {
    for (const StrategyHelp& help : strategy_help()) {
        if (help.kind == kind) return help;
    }
    throw Error("strategy of an unknown kind");
}

/// Names of the seed document.
std::string_view canonical_id(std::string_view id) {
    if (id == "max_t") return "even";
    if (id == "random_imbalanced") return "imbalanced";
    if (id == "first_t") return "first";
    return id;
}

[[noreturn]] void fail(std::string_view text, std::string_view remedy) {
    throw Error(fmt::format("strategy '{}': {}", text, remedy));
}

double parameter(std::string_view text, std::string_view value, double low, double high,
                 std::string_view what) {
    const auto number = text::number(value);
    if (!number || *number < low || *number > high) {
        fail(text, fmt::format("{} '{}' must be a number from {} to {}", what, value, low, high));
    }
    return *number;
}

Strategy parse_hot(std::string_view text, std::string_view rest) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos)
        fail(text, "write hot:K:F, e.g. hot:2:0.5 for 2 experts with half of the tokens");
    const auto experts = text::integer(rest.substr(0, colon));
    if (!experts || *experts < 1) fail(text, "K must be a whole number of experts, 1 or more");
    Strategy strategy{.kind = Kind::hot, .parameter = 0.0, .hot_experts = *experts, .file = {}, .step = -1};
    strategy.parameter = parameter(text, rest.substr(colon + 1), 0.0, 1.0, "fraction F");
    return strategy;
}

Strategy parse_custom(std::string_view text, std::string_view rest) {
    Strategy strategy;
    strategy.kind = Kind::custom;
    const std::size_t hash = rest.rfind('#');
    strategy.file = std::string(rest.substr(0, hash));
    if (hash != std::string_view::npos) {
        const auto step = text::integer(rest.substr(hash + 1));
        if (!step || *step < 0) fail(text, "the step after # must be a row number from 0");
        strategy.step = *step;
    }
    if (strategy.file.empty()) fail(text, "write custom:FILE with a CSV or JSON file of counts");
    return strategy;
}

}  // namespace

const std::vector<StrategyHelp>& strategy_help() {
    static const std::vector<StrategyHelp> help{
        {Kind::even, "even", "even", "the same for every expert, remainder spread"},
        {Kind::uniform, "uniform", "uniform", "proportional to uniform random weights"},
        {Kind::imbalanced, "imbalanced", "imbalanced:R",
         "expert 0 gets mean/R, the rest proportional to uniform random weights"},
        {Kind::first, "first", "first", "all on expert 0, up to its capacity, then on the next"},
        {Kind::zipf, "zipf", "zipf:S", "weights 1/rank^S, ranks shuffled"},
        {Kind::gini, "gini", "gini:X", "Dirichlet weights calibrated to the Gini coefficient X"},
        {Kind::hot, "hot", "hot:K:F", "K experts share the fraction F, the others the rest"},
        {Kind::custom, "custom", "custom:FILE", "counts from a CSV or JSON file, one row per step"},
    };
    return help;
}

std::string to_string(const Strategy& strategy) {
    const std::string_view id = help_for(strategy.kind).id;
    switch (strategy.kind) {
        case Kind::imbalanced:
        case Kind::zipf:
        case Kind::gini:
            return fmt::format("{}:{}", id, strategy.parameter);
        case Kind::hot:
            return fmt::format("{}:{}:{}", id, strategy.hot_experts, strategy.parameter);
        case Kind::custom:
            return strategy.step < 0 ? fmt::format("{}:{}", id, strategy.file)
                                     : fmt::format("{}:{}#{}", id, strategy.file, strategy.step);
        default:
            return std::string(id);
    }
}

Strategy parse_strategy(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view id = canonical_id(text.substr(0, colon));
    const bool has_rest = colon != std::string_view::npos;
    const std::string_view rest = has_rest ? text.substr(colon + 1) : std::string_view{};

    const StrategyHelp* help = nullptr;
    for (const StrategyHelp& candidate : strategy_help()) {
        if (candidate.id == id) help = &candidate;
    }
    if (help == nullptr) {
        fail(text, "unknown; use even, uniform, imbalanced:R, first, zipf:S, gini:X, hot:K:F or custom:FILE");
    }
    Strategy strategy;
    strategy.kind = help->kind;
    switch (help->kind) {
        case Kind::imbalanced:
            strategy.parameter = has_rest ? parameter(text, rest, 0.001, 1000.0, "ratio R") : kDefaultRatio;
            return strategy;
        case Kind::zipf:
            strategy.parameter = has_rest ? parameter(text, rest, 0.0, 20.0, "exponent S") : kDefaultZipf;
            return strategy;
        case Kind::gini:
            strategy.parameter = has_rest ? parameter(text, rest, 0.0, 1.0, "coefficient X") : kDefaultGini;
            return strategy;
        case Kind::hot:
            return parse_hot(text, rest);
        case Kind::custom:
            return parse_custom(text, rest);
        default:
            if (has_rest) fail(text, fmt::format("{} takes no parameter", help->id));
            return strategy;
    }
}

}  // namespace moescope
