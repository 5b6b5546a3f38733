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

/// An axis of the matrix other than tokens, strategy and kernel, as a sortable number and a text.
struct AxisValue {
    std::int64_t order = 0;
    QString text;  ///< "E = 8"
};

constexpr std::size_t kAxes = 7;
using AxisValues = std::array<AxisValue, kAxes>;
constexpr std::array<const char*, kAxes> kAxisTitles{
    "experts (E)", "capacity (T)", "columns (H)", "group size (G)", "scale format", "seed", "cache mode"};

AxisValue numberAxis(const char* symbol, std::int64_t value) {
    return {value, QStringLiteral("%1 = %2").arg(QLatin1String(symbol), groupedNumber(value))};
}

/// A result, or a cell that is still to come (then without result).
struct Cell {
    const Case* c = nullptr;
    CacheMode cache = CacheMode::cold;
    const Result* result = nullptr;
};

AxisValues axisValues(const Cell& cell) {
    const Shape& shape = cell.c->shape;
    return {numberAxis("E", shape.experts),
            numberAxis("T", shape.max_tokens),
            numberAxis("H", shape.hidden),
            numberAxis("G", shape.group_size),
            AxisValue{static_cast<int>(shape.scale_format), qs(to_string(shape.scale_format)) + " scales"},
            AxisValue{static_cast<std::int64_t>(cell.c->seed), QStringLiteral("seed %1").arg(cell.c->seed)},
            AxisValue{static_cast<int>(cell.cache), qs(to_string(cell.cache)) + " cache"}};
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
        for (std::size_t i = 0; i < kAxes; ++i)
            variation.axis[i] |= values[i].order != variation.first[i].order;
        variation.tokens |= cell.c->total_tokens != cells.front().c->total_tokens;
    }
    return variation;
}

/// Every result, and every cell of the plan whether measured or not.
std::vector<Cell> listCells(const Session& session, const Plan* planned) {
    std::vector<Cell> cells;
    if (planned != nullptr)
        for (const PlannedCase& each : planned->cases)
            for (const CacheMode cache : cache_modes(planned->selection.cache))
                cells.push_back({&each.c, cache, nullptr});
    for (const Result& r : session.results) cells.push_back({&r.c, r.cache, &r});
    return cells;
}

using GroupKey = std::array<std::int64_t, kAxes + 1>;  // the last: tokens, where leaves are strategies
using LeafKey = std::tuple<std::int64_t, std::int64_t>;

struct Builder {
    const Session& session;
    Leaves leaves;
    std::vector<Cell> cells;
    Variation variation;
    bool strategy_leaves = false;
    std::array<bool, kAxes> grouping{};
    std::vector<std::string> strategies;  ///< in order of appearance
    Arrangement out;

    struct GroupDraft {
        QString caption;
        std::map<LeafKey, Leaf> leaves;
    };
    std::map<std::int64_t, std::map<GroupKey, GroupDraft>> drafts;

    std::int64_t strategyIndex(const Cell& cell) {
        const std::string text = to_string(cell.c->strategy);
        const auto at = std::find(strategies.begin(), strategies.end(), text);
        if (at != strategies.end()) return at - strategies.begin();
        strategies.push_back(text);
        return static_cast<std::int64_t>(strategies.size()) - 1;
    }

    void listKernels() {
        for (const Result& r : session.results)
            if (std::find(out.kernels.begin(), out.kernels.end(), r.kernel) == out.kernels.end())
                out.kernels.push_back(r.kernel);
    }

    /// Largest number of different token counts that one group would have, grouping by all that varies.
    std::size_t mostTokensInGroup() {
        std::map<GroupKey, std::set<std::int64_t>> tokens;
        for (const Cell& cell : cells) {
            const AxisValues values = axisValues(cell);
            GroupKey key{};
            for (std::size_t i = 0; i < kAxes; ++i) key[i] = values[i].order;
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

    QString captionOf(const Cell& cell, const AxisValues& values) const {
        QStringList parts;
        for (std::size_t i = 0; i < kAxes; ++i)
            if (grouping[i]) parts << values[i].text;
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
            if (grouping[i]) key[i] = values[i].order;
        if (strategy_leaves) key[kAxes] = tokens;

        GroupDraft& group = drafts[strategy_leaves ? 0 : strategy][key];
        if (group.caption.isEmpty()) group.caption = captionOf(cell, values);
        // Where experts are joined into one line, two expert counts may share a token count.
        Leaf& leaf = group.leaves[{strategy_leaves ? strategy : tokens, values[0].order}];
        if (leaf.cells.empty()) {
            leaf.cells.resize(out.kernels.size(), nullptr);
            leaf.tokens = tokens;
            leaf.label = strategy_leaves ? qs(to_string(cell.c->strategy)) : groupedNumber(tokens);
            leaf.shortLabel = strategy_leaves ? leaf.label : compactNumber(tokens);
        }
        if (cell.result == nullptr) return;
        const auto kernel = std::find(out.kernels.begin(), out.kernels.end(), cell.result->kernel);
        leaf.cells[static_cast<std::size_t>(kernel - out.kernels.begin())] = cell.result;
    }

    void collect() {
        for (auto& [strategy, groups] : drafts) {
            Panel panel;
            panel.title = strategy_leaves ? QString() : qs(strategies[static_cast<std::size_t>(strategy)]);
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
            if (!variation.axis[i] && i != 5) common << variation.first[i].text;  // the seed explains nothing
            if (grouping[i]) grouped << QLatin1String(kAxisTitles[i]);
        }
        if (strategy_leaves && variation.tokens) grouped << QStringLiteral("total tokens");
        if (!variation.tokens)
            common << QStringLiteral("%1 tokens").arg(groupedNumber(cells.front().c->total_tokens));
        out.common = common.join(QStringLiteral(", "));
        out.groupTitle = grouped.join(QStringLiteral(", "));
        out.leafTitle = strategy_leaves ? QStringLiteral("Strategy") : QStringLiteral("Total tokens");

        std::int64_t failed = 0;
        std::int64_t skipped = 0;
        for (const Result& r : session.results) {
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

Arrangement arrangeResults(const Session& session, Leaves leaves, const Plan* planned) {
    if (session.results.empty()) return {};
    std::vector<Cell> cells = listCells(session, planned);
    const Variation variation = findVariation(cells);
    Builder builder{session, leaves, std::move(cells), variation, false, {}, {}, {}, {}};
    builder.listKernels();
    builder.chooseLevels();
    for (const Cell& cell : builder.cells) builder.place(cell);
    builder.collect();
    builder.describe();
    return std::move(builder.out);
}

}  // namespace moescope::ui
