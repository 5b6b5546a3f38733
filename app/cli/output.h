// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "moescope/session/session.h"

namespace moescope {

/// Prints rows with aligned columns; the first row is the header. Columns whose header starts with '>' are
/// set flush right (the mark is not printed).
void print_table(std::vector<std::vector<std::string>> rows);

/// The results of a sweep as a table for reading, then the geometric means by kernel.
void print_results(const Session& session);

/// What the session's numbers were measured under: ceilings at start and end, telemetry, flagged cells. Facts
/// go to standard error like all that is no result, warnings too.
void print_conditions(const Session& session);

/// A file that a command writes to: the option that names it, and the path; empty where it is not given.
struct OutputFile {
    const char* option;
    const std::string& path;
};

/// Throws Error when two outputs are one file or both standard output, or when one is a file that is read.
void check_outputs(const std::vector<OutputFile>& outputs, const std::vector<std::string>& inputs = {});

/// Writes to a file, or to standard output for "-". Throws Error.
void write_output(const std::string& path, std::string_view text);

}  // namespace moescope
