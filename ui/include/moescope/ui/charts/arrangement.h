// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <string>
#include <vector>

#include "moescope/measurement/plan.h"
#include "moescope/session/session.h"

namespace moescope::ui {

/// One case on the category axis; its cells in the order of Arrangement::kernels, null where not measured
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
    std::vector<std::string> kernels;
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

/// With the plan of a sweep that is under way, cells to come have their places already.
Arrangement arrangeResults(const Session& session, Leaves leaves, const Plan* planned = nullptr);

}  // namespace moescope::ui
