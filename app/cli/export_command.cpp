// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "commands.h"
#include "moescope/error.h"
#include "moescope/session/export.h"
#include "moescope/session/session_file.h"
#include "output.h"

namespace moescope {
namespace {

struct ExportArguments {
    std::string session;
    std::string csv;
    std::string markdown;
    std::string json;
};

void run_export(const ExportArguments& arguments) {
    if (arguments.csv.empty() && arguments.markdown.empty() && arguments.json.empty()) {
        throw Error(
            "export to what? give --csv, --markdown or --json with a file, or '-' for standard output");
    }
    check_outputs({{"--csv", arguments.csv}, {"--markdown", arguments.markdown}, {"--json", arguments.json}},
                  {arguments.session});
    const Session session = load_session(arguments.session);
    if (!arguments.csv.empty()) write_output(arguments.csv, results_to_csv(session.results));
    if (!arguments.markdown.empty()) write_output(arguments.markdown, results_to_markdown(session.results));
    if (!arguments.json.empty()) write_output(arguments.json, session_to_json(session));
}

}  // namespace

void add_export_command(CLI::App& app, Program&) {
    CLI::App* command = app.add_subcommand("export", "write a session's results in another form");
    const auto arguments = std::make_shared<ExportArguments>();
    command->add_option("session", arguments->session, "session file")->required();
    command->add_option("--csv", arguments->csv, "RFC 4180, one row per result");
    command->add_option("--markdown", arguments->markdown, "a table for reports");
    command->add_option("--json", arguments->json, "a session file of this version");
    command->callback([=] { run_export(*arguments); });
}

}  // namespace moescope
