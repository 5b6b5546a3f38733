// SPDX-License-Identifier: Apache-2.0
#include "moescope/cli.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "commands.h"
#include "moescope/error.h"
#include "moescope/session/session.h"

namespace moescope {
namespace {

constexpr int kBadInput = 2;

int report(std::string message) {
    std::replace(message.begin(), message.end(), '\n', ' ');
    fmt::print(stderr, "moescope: {}\n", message);
    return kBadInput;
}

/// CLI11 itself would only say that a command is missing.
void check_command_name(const CLI::App& app, int argc, const char* const* argv) {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        known.push_back(command->get_name());
    if (argc < 2) throw Error(fmt::format("no command: use {} (moescope --help)", fmt::join(known, ", ")));
    const std::string name = argv[1];
    if (name.starts_with('-') || std::find(known.begin(), known.end(), name) != known.end()) return;
    throw Error(fmt::format("unknown command '{}': use {}", name, fmt::join(known, ", ")));
}

}  // namespace

int run_command_line(int argc, const char* const* argv, const BackendFactory& backends) {
    CLI::App app{"Profiler for fused SiLU x Mul + FP8 group quantization on the masked MoE layout",
                 "moescope"};
    app.set_version_flag("--version", tool_version());
    app.require_subcommand(1);
    Program program{backends};
    add_list_commands(app, program);
    add_plan_command(app, program);
    add_sweep_command(app, program);
    add_verify_command(app, program);
    add_export_command(app, program);
    add_compare_command(app, program);
    add_merge_command(app, program);
    add_import_command(app, program);
    try {
        check_command_name(app, argc, argv);
        app.parse(argc, argv);
    } catch (const CLI::Success& e) {  // --help, --version
        return app.exit(e);
    } catch (const CLI::ParseError& e) {
        return report(fmt::format(
            "{} (moescope --help lists the commands, moescope COMMAND --help their options)", e.what()));
    } catch (const Error& e) {
        return report(e.what());
    } catch (const std::bad_alloc&) {
        return report("out of memory: lower experts, max-tokens or hidden");
    }
    return program.exit_status;
}

}  // namespace moescope
