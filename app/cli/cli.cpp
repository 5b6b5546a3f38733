// SPDX-License-Identifier: Apache-2.0
#include "moescope/cli.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
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

/// An unset variable of a script would otherwise read as if the option had been left out.
void check_no_empty_values(const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const bool joined = argument.starts_with("--") && argument.ends_with('=');
        if (!joined && !argument.empty()) continue;
        const bool follows_option = i > 0 && arguments[i - 1].starts_with("--");
        const std::string name = joined           ? argument.substr(0, argument.size() - 1)
                                 : follows_option ? arguments[i - 1]
                                                  : fmt::format("argument {}", i + 1);
        throw Error(fmt::format("{} is empty: give it a value or leave it out", name));
    }
}

/// Runs the chosen command, or prints what --help and --version ask for.
void parse(CLI::App& app, std::vector<std::string> reversed_arguments) {
    try {
        app.parse(std::move(reversed_arguments));
    } catch (const CLI::Success& e) {
        app.exit(e);
        std::cout.flush();
    }
}

void flush_output() {
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    throw Error(fmt::format("cannot write to standard output: {}",
                            errno != 0 ? std::strerror(errno) : "what was printed is incomplete"));
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
        std::vector<std::string> arguments(argv + 1, argv + argc);
        check_no_empty_values(arguments);
        keep_sessions_from_outputs(arguments);
        std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
        parse(app, std::move(arguments));
        flush_output();
    } catch (const CLI::ParseError& e) {
        return report(fmt::format(
            "{} (moescope --help lists the commands, moescope COMMAND --help their options)", e.what()));
    } catch (const Error& e) {
        return report(e.what());
    } catch (const std::bad_alloc&) {
        return report("out of memory: lower experts, max-tokens or hidden");
    } catch (const std::exception& e) {  // standard output closed, text that is not UTF-8
        return report(e.what());
    }
    return program.exit_status;
}

}  // namespace moescope
