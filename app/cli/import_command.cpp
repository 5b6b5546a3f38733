// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "moescope/session/import.h"
#include "moescope/session/session_file.h"
#include "output.h"

namespace moescope {
namespace {

struct ImportArguments {
    std::string file;
    std::string format;
    std::string out;
};

void run_import(const ImportArguments& arguments) {
    check_outputs({{"--out", arguments.out}}, {arguments.file});
    check_writable(arguments.out);
    const Session session = import_file(arguments.file, arguments.format);
    save_session(session, arguments.out);
    fmt::print("{} results, timed from the host by another program; written to {}\n", session.results.size(),
               arguments.out);
}

}  // namespace

void add_import_command(CLI::App& app, Program&) {
    CLI::App* command = app.add_subcommand("import", "make a session of another program's output");
    const auto arguments = std::make_shared<ImportArguments>();
    command->add_option("file", arguments->file, "what the other program printed")->required();
    command->add_option("--format", arguments->format, "vllm-log: of vLLM's benchmark_silu_mul_fp8_quant.py")
        ->required();
    command->add_option("--out", arguments->out, "session file to write")->required();
    command->callback([=] { run_import(*arguments); });
}

}  // namespace moescope
