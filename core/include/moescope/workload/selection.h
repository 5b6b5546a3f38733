// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/workload/case.h"

namespace moescope {

enum class CacheSelection { cold, hot, both };
std::string_view to_string(CacheSelection selection);
/// Throws Error for a name that is none of `cold`, `hot`, `both`.
CacheSelection parse_cache_selection(std::string_view text);
/// The modes it stands for, cold first.
std::vector<CacheMode> cache_modes(CacheSelection selection);

/// When a cell has been sampled enough.
struct MeasureOptions {
    double ci_percent = 0.5;   ///< target: half-width of the median's 95 % interval, percent of the median
    int min_samples = 20;      ///< never fewer (but for max_seconds)
    int max_samples = 2000;    ///< never more
    double max_seconds = 1.0;  ///< time for one cell

    bool operator==(const MeasureOptions&) const = default;
};

/// A part of the cases: those whose index leaves `index` when divided by `count`.
struct Shard {
    int index = 0;
    int count = 1;
};
/// "2/4" is the second of four parts; an empty text is all. Throws Error.
Shard parse_shard(std::string_view text);

/// The sweep matrix: axes x strategies x kernels, and how to measure it. Complete enough to run again.
struct Selection {
    std::string name;  ///< the preset or file it came from; may be empty
    std::vector<std::int64_t> experts;
    std::vector<std::int64_t> max_tokens;
    std::vector<std::int64_t> hidden;
    std::vector<std::int64_t> group_size{128};
    /// Exactly one of these two is filled (neither when all strategies are custom).
    std::vector<std::int64_t> tokens_per_expert;
    std::vector<std::int64_t> total_tokens;
    std::vector<Strategy> strategies;
    /// Cases that no product of axes would give, swept after those of the axes. With them the axes may be
    /// empty.
    std::vector<Case> cases;
    std::vector<std::string> kernels;  ///< empty: the device's default set
    std::vector<ScaleFormat> scale_formats{ScaleFormat::fp32};
    std::vector<InputType> input_types{InputType::bf16};
    std::uint64_t seed = 42;
    CacheSelection cache = CacheSelection::cold;
    LaunchMode launch = LaunchMode::graph;
    std::string shard;  ///< "2/4": what was swept is that part of the cases only; empty: all
    MeasureOptions measure;
    std::string extra;  ///< JSON object of fields this version does not know; kept on saving

    bool operator==(const Selection&) const = default;
};

/// The form of spec files, presets and a session's "spec". Axes are read from arrays and from axis text
/// alike. Throws Error naming the source, the field and the remedy. Fields that are not known land in
/// `extra`.
std::string selection_to_json(const Selection& selection);
Selection selection_from_json(std::string_view text, const std::string& source);
/// A spec file; a field that is not known is an Error here (a typing mistake, most likely).
Selection load_selection(const std::string& path);
/// Writes to a temporary file and renames it.
void save_selection(const Selection& selection, const std::string& path);

struct Preset {
    std::string id;
    std::string description;
    Selection selection;
};

/// The presets compiled in from resources/presets, in the order to show them.
const std::vector<Preset>& presets();
/// Throws Error listing the known names.
const Preset& find_preset(std::string_view id);

}  // namespace moescope
