// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// What one kind of input has shown, cell by cell.
struct VerifiedInput {
    InputKind input = InputKind::normal;
    std::vector<Result> results;
};

/// Failed cells of all inputs.
std::int64_t count_failed(const std::vector<VerifiedInput>& inputs);

/// Two tables on standard output, a line for each kernel and input: verdicts, then accuracy, the worst of all
/// its cells; then one line for each cell that failed.
void print_verification(const std::vector<VerifiedInput>& inputs);

/// The same as a JSON array of objects with the kernel's "id"; numbers as in a result's "verification".
std::string verification_report_json(const std::vector<VerifiedInput>& inputs);

}  // namespace moescope
