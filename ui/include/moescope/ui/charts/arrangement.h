// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"
#include "moescope/ui/charts/chart.h"

namespace moescope::ui {

/// What one colour and marker stands for: a kernel, in one cache mode.
struct Series {
    std::string kernel;
    CacheMode cache = CacheMode::cold;
    /// Both modes are shown, so that the name says which: "silu_v2, hot".
    bool namesCache = false;

    QString name() const;
    /// Of a series that stands beside its cold sister.
    bool isHollow() const { return namesCache && cache == CacheMode::hot; }
};

/// The mode to draw; nothing: all that the session has.
std::optional<CacheMode> shownCache(const Session& session, CacheChoice choice);
/// Kernels in the order of the session, cold before hot.
std::vector<Series> listSeries(const Session& session, std::optional<CacheMode> only,
                               const Plan* planned = nullptr);

/// One case on the category axis; its cells in the order of Arrangement::series, null where not measured
/// yet.
struct Leaf {
    QString label;
    QString shortLabel;
    std::int64_t tokens = 0;
    std::vector<const Result*> cells;
};

/// Cases that differ in tokens only (or in the strategy only, see arrange()).
struct Group {
    QString caption;  ///< "E = 8"; empty when nothing but tokens varies
    std::vector<Leaf> leaves;
};

/// One strategy.
struct Panel {
    QString title;
    std::vector<Group> groups;
};

/// The results of a session, sorted for drawing. Points into the session.
struct Arrangement {
    std::vector<Series> series;
    std::vector<Panel> panels;
    QString leafTitle;   ///< what leaves are: "Total tokens"
    QString groupTitle;  ///< what groups are: "experts (E)"; empty with one group
    QString common;      ///< what all cases share: "T = 1,024, H = 7,168, cold cache"
    QString missing;     ///< "2 cells failed, 1 skipped"; empty when nothing is missing

    bool empty() const { return panels.empty(); }
    /// Panels have the same groups and leaves, so that one axis serves all.
    bool aligned() const;
};

/// How the axes of a session become panels, groups and leaves.
enum class Leaves {
    tokensOrStrategies,  ///< tokens, or strategies where every other axis leaves one case a panel
    tokens,              ///< always tokens; groups of one token count each are joined into one line
};

/// "E = 8, T = 1,024, H = 7,168, G = 128, fp32 scales, 64 total tokens, even": what tells a case from all
/// others. bf16 input and the seed 42 go without saying.
QString caseText(const Case& c);

/// With the plan of a sweep that is under way, cells to come have their places already. `only`: cells of one
/// cache mode.
Arrangement arrangeResults(const Session& session, Leaves leaves, const Plan* planned = nullptr,
                           std::optional<CacheMode> only = {});
/// What `data` shows of its session.
Arrangement arrangeResults(const ChartData& data, Leaves leaves);

}  // namespace moescope::ui
