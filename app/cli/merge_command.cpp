// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/merge.h"

#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "moescope/session/session_file.h"

namespace moescope {
namespace {

struct MergeArguments {
    std::vector<std::string> sessions;
    std::string out;
};

void run_merge(const MergeArguments& arguments) {
    check_writable(arguments.out);
    std::vector<Session> sessions;
    for (const std::string& path : arguments.sessions) sessions.push_back(load_session(path));
    const Merged merged = merge_sessions(sessions);
    save_session(merged.session, arguments.out);
    for (const std::string& note : merged.notes) fmt::print("note: {}\n", note);
    fmt::print("{} cells: {} in one session only, {} repeated; written to {}\n",
               merged.session.results.size(), merged.united, merged.repeated, arguments.out);
}

}  // namespace

void add_merge_command(CLI::App& app, Program&) {
    CLI::App* command = app.add_subcommand("merge", "make one session of shards or repetitions");
    const auto arguments = std::make_shared<MergeArguments>();
    command->add_option("sessions", arguments->sessions, "session files, two or more")->required();
    command->add_option("--out", arguments->out, "session file to write")->required();
    command->callback([=] { run_merge(*arguments); });
}

}  // namespace moescope
