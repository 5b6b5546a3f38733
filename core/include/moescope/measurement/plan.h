// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"
#include "moescope/message.h"
#include "moescope/workload/distribution.h"
#include "moescope/workload/selection.h"

namespace moescope {

struct PlannedCase {
    Case c;
    LoadStats load;
    std::vector<std::int32_t> counts;
    Rotation rotation;
    std::optional<Message> rejected;  ///< the reason; then load, counts and rotation are empty
    BufferSizes buffers;
    double cell_seconds = 0.0;  ///< estimate for one cell
};

/// A kernel that cannot run a case, and why.
struct SkippedCell {
    std::size_t case_index = 0;
    std::string kernel;
    std::string reason;
};

/// A selection, expanded and checked against a device. Nothing has run yet.
struct Plan {
    Selection selection;
    Device device;
    std::vector<KernelTraits> kernels;  ///< chosen ones, in sweep order
    std::vector<PlannedCase> cases;     ///< in sweep order, rejected ones included
    std::vector<SkippedCell> skipped;
    BufferSizes buffers;  ///< the largest of every tensor
    double estimated_seconds = 0.0;

    std::int64_t accepted_cases() const;
    /// Cells that will be measured: accepted cases x kernels x cache modes, less the skipped.
    std::int64_t cells() const;
    bool is_skipped(std::size_t case_index, const std::string& kernel) const;
    const std::string* skip_reason(std::size_t case_index, const std::string& kernel) const;
    /// "63 cases x 2 kernels, peak memory 9.5 GB, about 0:12" with ", 3 rejected" where there are.
    std::string summary() const;
};

/// Expands. A case that cannot run is kept, with its reason in `rejected`; what is wrong with the selection
/// itself (unknown kernel, empty axis, over 100,000 cases) throws Error.
Plan make_plan(const Selection& selection, const Device& device, const std::vector<KernelTraits>& available);

/// The JSON form of SPEC section 4, counts included if asked.
std::string plan_to_json(const Plan& plan, bool with_counts);

}  // namespace moescope
