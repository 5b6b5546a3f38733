// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

struct Merged {
    Session session;
    int united = 0;                  ///< cells that only one of the sessions has
    int repeated = 0;                ///< cells that several have: their samples are kept, run by run
    std::vector<std::string> notes;  ///< what was left out or looks odd, a sentence each
};

/// One session of several: shards of a sweep (their cells are united) or repetitions of it (samples of a cell
/// follow each other, `repetitions` tells whose are whose, median and interval are of all of them). What was
/// measured by the same process is taken once. Of an ok and a not-ok result of a cell the ok one is kept.
/// Throws Error for fewer than two sessions or sessions of different devices.
Merged merge_sessions(std::span<const Session> sessions);

/// `kept`, of `session`, with the samples that `run` has taken of the same cell after its own, as a merge of
/// the two would have it: `repetitions` tells which process took which, metrics are of all samples and hold
/// against the session's peaks. If only one of the two is ok, that one.
Result append_repetition(const Result& kept, const Session& session, const Result& more, const Session& run);

}  // namespace moescope
