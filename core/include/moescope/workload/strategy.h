// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// How tokens are spread over experts. Parameters that a kind does not use stay at their defaults.
struct Strategy {
    enum class Kind { even, uniform, imbalanced, first, zipf, gini, hot, custom };

    Kind kind = Kind::even;
    double parameter = 0.0;        ///< imbalanced R, zipf S, gini X, hot F
    std::int64_t hot_experts = 0;  ///< hot K
    std::string file;              ///< custom FILE
    std::int64_t step = -1;        ///< custom: the row (from 0); -1 stands for every row of the file

    bool operator==(const Strategy&) const = default;
};

/// Canonical text, parameters always spelled out: `even`, `imbalanced:0.7`, `hot:2:0.5`, `custom:f.csv#3`.
std::string to_string(const Strategy& strategy);

/// Parses one strategy. Defaults: imbalanced 0.7, zipf 1, gini 0.5. The names of the seed document
/// (`max_t`, `random_imbalanced`, `first_t`) are understood. Throws Error naming the text and the remedy.
Strategy parse_strategy(std::string_view text);

/// What can be chosen, for help texts and menus.
struct StrategyHelp {
    Strategy::Kind kind;
    std::string_view id;           ///< `imbalanced`
    std::string_view usage;        ///< `imbalanced:R`
    std::string_view description;  ///< one line
};
const std::vector<StrategyHelp>& strategy_help();

}  // namespace moescope
