// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/charts/arrangement.h"

#include <QStringList>
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "moescope/ui/support/text.h"

namespace moescope::ui {
namespace {

/// Axes of the matrix other than tokens, strategy, kernel and cache mode.
constexpr std::size_t kAxes = 7;
constexpr std::size_t kInputAxis = 5;
constexpr std::size_t kSeedAxis = 6;
constexpr std::array<const char*, kAxes> kAxisTitles{
    "experts (E)", "capacity (T)", "columns (H)", "group size (G)", "scale format", "input type", "seed"};
using AxisValues = std::array<std::int64_t, kAxes>;

/// A result, or a cell that is still to come (then without result).
struct Cell {
    const Case* c = nullptr;
    const Result* result = nullptr;
};

AxisValues axisValues(const Cell& cell) {
    const Shape& shape = cell.c->shape;
    return {shape.experts,
            shape.max_tokens,
            shape.hidden,
            shape.group_size,
            static_cast<std::int64_t>(shape.scale_format),
            static_cast<std::int64_t>(shape.input_type),
            static_cast<std::int64_t>(cell.c->seed)};
}

/// "E = 8"
QString axisText(const Cell& cell, std::size_t axis) {
    constexpr std::array<const char*, 4> kSymbols{"E", "T", "H", "G"};
    if (axis < kSymbols.size())
        return QStringLiteral("%1 = %2").arg(QLatin1String(kSymbols[axis]),
                                             groupedNumber(axisValues(cell)[axis]));
    if (axis == kInputAxis) return qs(to_string(cell.c->shape.input_type)) + QStringLiteral(" input");
    if (axis == kSeedAxis) return QStringLiteral("seed %1").arg(cell.c->seed);
    return qs(to_string(cell.c->shape.scale_format)) + QStringLiteral(" scales");
}

/// Which of the axes take more than one value.
struct Variation {
    std::array<bool, kAxes> axis{};
    bool tokens = false;
    AxisValues first;
};

Variation findVariation(const std::vector<Cell>& cells) {
    Variation variation;
    variation.first = axisValues(cells.front());
    for (const Cell& cell : cells) {
        const AxisValues values = axisValues(cell);
        for (std::size_t i = 0; i < kAxes; ++i) variation.axis[i] |= values[i] != variation.first[i];
        variation.tokens |= cell.c->total_tokens != cells.front().c->total_tokens;
    }
    return variation;
}

/// Every result, and every cell of the plan whether measured or not.
std::vector<Cell> listCells(const Session& session, const Plan* planned, std::optional<CacheMode> only) {
    std::vector<Cell> cells;
    if (planned != nullptr)
        for (const PlannedCase& each : planned->cases) cells.push_back({&each.c, nullptr});
    for (const Result& r : session.results)
        if (!only || r.cache == *only) cells.push_back({&r.c, &r});
    return cells;
}

using GroupKey = std::array<std::int64_t, kAxes + 1>;  // the last: tokens, where leaves are strategies
using LeafKey = std::tuple<std::int64_t, std::int64_t>;

struct Builder {
    Leaves leaves;
    std::vector<Cell> cells;
    Variation variation;
    bool strategy_leaves = false;
    std::array<bool, kAxes> grouping{};
    std::vector<Strategy> strategies;  ///< in order of appearance
    Arrangement out;

    struct GroupDraft {
        QString caption;
        std::map<LeafKey, Leaf> leaves;
    };
    std::map<std::int64_t, std::map<GroupKey, GroupDraft>> drafts;

    std::int64_t strategyIndex(const Cell& cell) {
        const auto at = std::find(strategies.begin(), strategies.end(), cell.c->strategy);
        if (at != strategies.end()) return at - strategies.begin();
        strategies.push_back(cell.c->strategy);
        return static_cast<std::int64_t>(strategies.size()) - 1;
    }

    std::size_t seriesOf(const Result& r) const {
        const auto at = std::find_if(out.series.begin(), out.series.end(), [&](const Series& series) {
            return series.kernel == r.kernel && series.cache == r.cache;
        });
        return static_cast<std::size_t>(at - out.series.begin());
    }

    /// Largest number of different token counts that one group would have, grouping by all that varies.
    std::size_t mostTokensInGroup() {
        std::map<GroupKey, std::set<std::int64_t>> tokens;
        for (const Cell& cell : cells) {
            const AxisValues values = axisValues(cell);
            GroupKey key{};
            for (std::size_t i = 0; i < kAxes; ++i) key[i] = values[i];
            tokens[key].insert(cell.c->total_tokens);
        }
        std::size_t most = 0;
        for (const auto& [key, set] : tokens) most = std::max(most, set.size());
        return most;
    }

    void chooseLevels() {
        grouping = variation.axis;
        for (const Cell& cell : cells) strategyIndex(cell);
        const bool one_count_a_group = mostTokensInGroup() <= 1;
        if (leaves == Leaves::tokensOrStrategies)
            strategy_leaves = one_count_a_group && strategies.size() > 1;
        else if (one_count_a_group && variation.tokens)
            grouping[0] = false;  // e.g. tokens follow the experts: one line over both
    }

    QString captionOf(const Cell& cell) const {
        QStringList parts;
        for (std::size_t i = 0; i < kAxes; ++i)
            if (grouping[i]) parts << axisText(cell, i);
        if (strategy_leaves && variation.tokens)
            parts << QStringLiteral("%1 tokens").arg(groupedNumber(cell.c->total_tokens));
        return parts.join(QStringLiteral(", "));
    }

    void place(const Cell& cell) {
        const AxisValues values = axisValues(cell);
        const std::int64_t tokens = cell.c->total_tokens;
        const std::int64_t strategy = strategyIndex(cell);
        GroupKey key{};
        for (std::size_t i = 0; i < kAxes; ++i)
            if (grouping[i]) key[i] = values[i];
        if (strategy_leaves) key[kAxes] = tokens;

        GroupDraft& group = drafts[strategy_leaves ? 0 : strategy][key];
        if (group.leaves.empty()) group.caption = captionOf(cell);
        // Where experts are joined into one line, two expert counts may share a token count.
        Leaf& leaf = group.leaves[{strategy_leaves ? strategy : tokens, values[0]}];
        if (leaf.cells.empty()) {
            leaf.cells.resize(out.series.size(), nullptr);
            leaf.tokens = tokens;
            leaf.label = strategy_leaves ? qs(to_string(cell.c->strategy)) : groupedNumber(tokens);
            leaf.shortLabel = strategy_leaves ? leaf.label : compactNumber(tokens);
        }
        if (cell.result != nullptr) leaf.cells[seriesOf(*cell.result)] = cell.result;
    }

    void collect() {
        for (auto& [strategy, groups] : drafts) {
            Panel panel;
            panel.title =
                strategy_leaves ? QString() : qs(to_string(strategies[static_cast<std::size_t>(strategy)]));
            for (auto& [key, draft] : groups) {
                Group group{draft.caption, {}};
                for (auto& [leaf_key, leaf] : draft.leaves) group.leaves.push_back(std::move(leaf));
                panel.groups.push_back(std::move(group));
            }
            out.panels.push_back(std::move(panel));
        }
    }

    void describe() {
        QStringList common;
        QStringList grouped;
        for (std::size_t i = 0; i < kAxes; ++i) {
            // The seed explains nothing, and bf16 is what one expects.
            const bool is_expected = i == kInputAxis && cells.front().c->shape.input_type == InputType::bf16;
            if (!variation.axis[i] && i != kSeedAxis && !is_expected) common << axisText(cells.front(), i);
            if (grouping[i]) grouped << QLatin1String(kAxisTitles[i]);
        }
        if (strategy_leaves && variation.tokens) grouped << QStringLiteral("total tokens");
        if (!variation.tokens)
            common << QStringLiteral("%1 tokens").arg(groupedNumber(cells.front().c->total_tokens));
        if (!out.series.empty())
            common << (out.series.front().namesCache
                           ? QStringLiteral("cold and hot cache")
                           : qs(to_string(out.series.front().cache)) + QStringLiteral(" cache"));
        out.common = common.join(QStringLiteral(", "));
        out.groupTitle = grouped.join(QStringLiteral(", "));
        out.leafTitle = strategy_leaves ? QStringLiteral("Strategy") : QStringLiteral("Total tokens");

        std::int64_t failed = 0;
        std::int64_t skipped = 0;
        for (const Cell& cell : cells) {
            if (cell.result == nullptr) continue;
            const Result& r = *cell.result;
            failed += r.status == Status::failed || r.status == Status::cancelled ? 1 : 0;
            skipped += r.status == Status::skipped ? 1 : 0;
        }
        QStringList missing;
        if (failed > 0) missing << QStringLiteral("%1 failed").arg(counted(failed, "cell"));
        if (skipped > 0) missing << QStringLiteral("%1 skipped").arg(counted(skipped, "cell"));
        out.missing = missing.join(QStringLiteral(", "));
    }
};

}  // namespace

bool Arrangement::aligned() const {
    const auto same = [](const Panel& a, const Panel& b) {
        return std::equal(a.groups.begin(), a.groups.end(), b.groups.begin(), b.groups.end(),
                          [](const Group& x, const Group& y) {
                              return x.caption == y.caption &&
                                     std::equal(
                                         x.leaves.begin(), x.leaves.end(), y.leaves.begin(), y.leaves.end(),
                                         [](const Leaf& l, const Leaf& m) { return l.label == m.label; });
                          });
    };
    return std::all_of(panels.begin(), panels.end(),
                       [&](const Panel& panel) { return same(panel, panels.front()); });
}

QString Series::name() const {
    return namesCache ? QStringLiteral("%1, %2").arg(qs(kernel), qs(to_string(cache))) : qs(kernel);
}

std::optional<CacheMode> shownCache(const Session& session, CacheChoice choice) {
    if (choice == CacheChoice::both) return std::nullopt;
    const CacheMode wanted = choice == CacheChoice::hot ? CacheMode::hot : CacheMode::cold;
    const bool there = std::any_of(session.results.begin(), session.results.end(),
                                   [&](const Result& r) { return r.cache == wanted; });
    // What is chosen may not be there in the session that was opened next: then all there is.
    return there ? std::optional(wanted) : std::nullopt;
}

std::vector<Series> listSeries(const Session& session, std::optional<CacheMode> only, const Plan* planned) {
    std::vector<Series> series;
    bool cold = false;
    bool hot = false;
    for (const Result& r : session.results) {
        if (only && r.cache != *only) continue;
        (r.cache == CacheMode::hot ? hot : cold) = true;
        const auto known = std::find_if(series.begin(), series.end(), [&](const Series& each) {
            return each.kernel == r.kernel && each.cache == r.cache;
        });
        if (known != series.end()) continue;
        const auto after = std::find_if(series.rbegin(), series.rend(),
                                        [&](const Series& each) { return each.kernel == r.kernel; });
        if (after == series.rend())
            series.push_back({r.kernel, r.cache});
        else if (r.cache == CacheMode::hot)
            series.insert(after.base(), {r.kernel, r.cache});
        else
            series.insert(after.base() - 1, {r.kernel, r.cache});
    }
    // A sweep of both modes names them from its first cell on.
    const bool both =
        (cold && hot) || (!only && planned != nullptr && planned->selection.cache == CacheSelection::both);
    for (Series& each : series) each.namesCache = both;
    return series;
}

QString caseText(const Case& c) {
    const Cell cell{&c, nullptr};
    const Case usual;
    QStringList parts;
    for (std::size_t axis = 0; axis < kAxes; ++axis) {
        const bool goes_without_saying =
            (axis == kInputAxis && c.shape.input_type == usual.shape.input_type) ||
            (axis == kSeedAxis && c.seed == usual.seed);
        if (!goes_without_saying) parts << axisText(cell, axis);
    }
    parts << QStringLiteral("%1 total tokens").arg(groupedNumber(c.total_tokens))
          << qs(to_string(c.strategy));
    return parts.join(QStringLiteral(", "));
}

Arrangement arrangeResults(const Session& session, Leaves leaves, const Plan* planned,
                           std::optional<CacheMode> only) {
    std::vector<Cell> cells = listCells(session, planned, only);
    if (session.results.empty() || cells.empty()) return {};
    const Variation variation = findVariation(cells);
    Builder builder{leaves, std::move(cells), variation, false, {}, {}, {}, {}};
    builder.out.series = listSeries(session, only, planned);
    builder.chooseLevels();
    for (const Cell& cell : builder.cells) builder.place(cell);
    builder.collect();
    builder.describe();
    return std::move(builder.out);
}

Arrangement arrangeResults(const ChartData& data, Leaves leaves) {
    return arrangeResults(*data.session, leaves, data.planned, shownCache(*data.session, data.cache));
}

}  // namespace moescope::ui
