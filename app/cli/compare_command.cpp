// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "commands.h"
#include "comparison_table.h"
#include "moescope/analysis/comparison_report.h"
#include "moescope/error.h"
#include "moescope/session/session_file.h"
#include "output.h"

namespace moescope {
namespace {

struct CompareArguments {
    std::string base;
    std::vector<std::string> others;
    std::vector<std::string> base_also;
    bool repetitions = false;
    std::string metric = "time";
    double threshold_percent = CompareOptions{}.threshold_percent;
    std::vector<std::string> kernel_map;
    bool all = false;
    bool fail_on_regression = false;
    std::string json;
    std::string csv;
    std::string markdown;
};

CompareOptions options_of(const CompareArguments& arguments) {
    CompareOptions options;
    options.metric = parse_compare_metric(arguments.metric);
    options.threshold_percent = arguments.threshold_percent;
    for (const std::string& pair : arguments.kernel_map) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size())
            throw Error(fmt::format("--kernel-map '{}': give BASE=OTHER, e.g. silu_v2=silu_v3", pair));
        const std::string from = pair.substr(0, equals);
        const std::string to = pair.substr(equals + 1);
        for (const auto& [known, target] : options.kernel_map) {
            if (known == from || target == to)
                throw Error(fmt::format("--kernel-map '{}': one of the two is mapped already", pair));
        }
        options.kernel_map[from] = to;
    }
    return options;
}

/// A name of a kernel that no session has is a typing mistake.
void check_kernel_map(const CompareOptions& options, const std::vector<Session>& base,
                      const std::vector<Session>& others) {
    const auto has = [](const std::vector<Session>& sessions, const std::string& kernel) {
        for (const Session& s : sessions) {
            for (const Result& r : s.results) {
                if (r.kernel == kernel) return true;
            }
        }
        return false;
    };
    for (const auto& [from, to] : options.kernel_map) {
        if (!has(base, from)) throw Error(fmt::format("--kernel-map: the base has no kernel '{}'", from));
        if (!has(others, to)) throw Error(fmt::format("--kernel-map: no session has a kernel '{}'", to));
    }
}

void check_files(const CompareArguments& a) {
    std::vector<std::string> inputs{a.base};
    inputs.insert(inputs.end(), a.others.begin(), a.others.end());
    inputs.insert(inputs.end(), a.base_also.begin(), a.base_also.end());
    check_outputs({{"--json", a.json}, {"--csv", a.csv}, {"--markdown", a.markdown}}, inputs);
}

std::vector<Session> load_all(const std::vector<std::string>& paths) {
    std::vector<Session> sessions;
    for (const std::string& path : paths) {
        sessions.push_back(load_session(path));
        if (sessions.back().results.empty())
            throw Error(fmt::format("{}: the session holds no results", path));
        if (sessions.back().name.empty()) sessions.back().name = path;
    }
    return sessions;
}

/// Sweeps of one preset have one name: their files tell them apart.
void tell_apart(std::vector<Session>& base, const std::vector<std::string>& base_paths,
                std::vector<Session>& others, const std::vector<std::string>& other_paths) {
    std::map<std::string, int> uses;
    for (const std::vector<Session>* side : {&base, &others})
        for (const Session& s : *side) ++uses[s.name];
    const auto mark = [&](std::vector<Session>& side, const std::vector<std::string>& paths) {
        for (std::size_t i = 0; i < side.size(); ++i)
            if (uses[side[i].name] > 1) side[i].name += fmt::format(" [{}]", paths[i]);
    };
    mark(base, base_paths);
    mark(others, other_paths);
}

std::vector<Comparison> compare_all(const CompareArguments& arguments) {
    const CompareOptions options = options_of(arguments);
    std::vector<std::string> base_paths{arguments.base};
    base_paths.insert(base_paths.end(), arguments.base_also.begin(), arguments.base_also.end());
    std::vector<Session> base = load_all(base_paths);
    std::vector<Session> others = load_all(arguments.others);
    tell_apart(base, base_paths, others, arguments.others);
    check_kernel_map(options, base, others);
    if (arguments.repetitions) return {compare_sessions(base, others, options)};
    std::vector<Comparison> comparisons;
    for (const Session& other : others) comparisons.push_back(compare_sessions(base, {&other, 1}, options));
    return comparisons;
}

void run_compare(const CompareArguments& arguments, Program& program) {
    check_files(arguments);
    const std::vector<Comparison> comparisons = compare_all(arguments);
    bool to_stdout = false;
    const auto write = [&](const std::string& path, const auto& text_of) {
        if (path.empty()) return;
        write_output(path, text_of(comparisons));
        to_stdout = to_stdout || path == "-";
    };
    write(arguments.json, comparisons_to_json);
    write(arguments.csv, comparisons_to_csv);
    write(arguments.markdown, comparisons_to_markdown);
    for (const Comparison& comparison : comparisons) {
        if (!to_stdout) print_comparison(comparison, arguments.all);
        if (arguments.fail_on_regression && (comparison.counts.slower > 0 || comparison.broken > 0))
            program.exit_status = 1;
    }
    const auto is_empty = [](const Comparison& c) {
        return c.counts.not_compared == static_cast<int>(c.rows.size()) && c.broken == 0;
    };
    if (arguments.fail_on_regression && std::any_of(comparisons.begin(), comparisons.end(), is_empty))
        throw Error(
            "nothing was compared, so no regression can be ruled out: no cell has times on both sides; "
            "sweep the same selection as the base");
}

}  // namespace

void keep_sessions_from_outputs(std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front() != "compare") return;
    for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
        std::string& argument = arguments[i];
        const bool is_output = argument == "--json" || argument == "--csv" || argument == "--markdown";
        if (is_output && is_session_file(arguments[i + 1])) argument += "=-";
    }
}

void add_compare_command(CLI::App& app, Program& program) {
    CLI::App* command = app.add_subcommand("compare", "compare sessions with a base, cell by cell");
    const auto a = std::make_shared<CompareArguments>();
    command->add_option("base", a->base, "session to compare with")->required();
    command->add_option("others", a->others, "sessions to compare, each by itself")->required();
    command->add_option("--base-also", a->base_also, "further repetitions of the base");
    command->add_flag("--repetitions", a->repetitions,
                      "the other sessions are repetitions: compare them as one");
    command->add_option("--metric", a->metric, "time (default), bandwidth or efficiency");
    command->add_option("--threshold", a->threshold_percent, "percent that matter in practice (default 1)");
    command->add_option("--kernel-map", a->kernel_map,
                        "BASE=OTHER: kernels to match though their names differ");
    command->add_flag("--all", a->all, "list the cells that are SAME too");
    command->add_flag("--fail-on-regression", a->fail_on_regression,
                      "exit status 1 when any cell is SLOWER, or fails that was ok in the base");
    // Without a file they go to standard output.
    const auto output = [&](const char* name, std::string& path, const char* help) {
        command->add_option(name, path, help)->expected(0, 1)->default_str("-");
    };
    output("--json", a->json, "the comparisons as JSON, to a file or to standard output");
    output("--csv", a->csv, "RFC 4180, one row per cell, likewise");
    output("--markdown", a->markdown, "a report, likewise");
    command->callback([a, &program] { run_compare(*a, program); });
}

}  // namespace moescope
