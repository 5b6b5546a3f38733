// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>

#include "moescope/ui/compare/compared_cells.h"

namespace moescope::ui::test {

/// A copy under another id and name, every result changed as told.
Session changed(Session session, const std::string& name, const std::function<void(Result&)>& change);
/// All samples longer or shorter, and slightly else, so that it is another run.
Session rerun(const Session& session, const std::string& name, double factor = 1.0);

/// Compares one with one.
ComparedPtr compared(const Session& base, const Session& other, const CompareOptions& options = {});

/// The seed preset against itself, every second case of silu_v2 slower by 4 %, every fifth faster by 6 %.
ComparedPtr comparedSeed();
/// About a thousand cases of two kernels.
ComparedPtr comparedThousand();
/// All at once that may be odd: other cases on the sides, a kernel that one lacks, failed cells, one sample,
/// none, a sample that is not above zero, an import.
ComparedPtr comparedOddities();

}  // namespace moescope::ui::test
