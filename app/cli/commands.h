// SPDX-License-Identifier: Apache-2.0
#pragma once

// One function a command: adds it to the program and runs it when it is chosen.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "moescope/measurement/backend.h"

namespace moescope {

/// What the commands share. `exit_status` is what the program ends with.
struct Program {
    const BackendFactory& backends;
    int exit_status = 0;
};

/// `compare --json A.json B.json`: a session that follows --json, --csv or --markdown is one to compare and
/// no file to write a report over.
void keep_sessions_from_outputs(std::vector<std::string>& arguments);

void add_list_commands(CLI::App& app, Program& program);
void add_plan_command(CLI::App& app, Program& program);
void add_sweep_command(CLI::App& app, Program& program);
void add_verify_command(CLI::App& app, Program& program);
void add_export_command(CLI::App& app, Program& program);
void add_compare_command(CLI::App& app, Program& program);
void add_merge_command(CLI::App& app, Program& program);
void add_import_command(CLI::App& app, Program& program);

}  // namespace moescope
