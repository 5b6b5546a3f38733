// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <unordered_map>

#include "commands.h"
#include "interrupt.h"
#include "moescope/error.h"
#include "moescope/measurement/runner.h"
#include "moescope/session/export.h"
#include "moescope/session/journal.h"
#include "moescope/session/session_file.h"
#include "output.h"
#include "plan_check.h"
#include "plugin_flags.h"
#include "progress.h"
#include "selection_options.h"

namespace moescope {
namespace {

struct SweepArguments {
    SelectionOptions selection;
    MeasureFlags measure;
    std::shared_ptr<PluginFlags> plugins = std::make_shared<PluginFlags>();
    std::string device;
    std::string out;
    std::string csv;
    std::string markdown;
    std::string resume;
    std::string shard;
    std::string name;
    std::string progress = "auto";
    int retry_throttled = 0;
};

/// Keeps the session in memory and on disk in step with the sweep.
class Recorder final : public SweepObserver {
  public:
    Recorder(Session& session, Journal* journal, ProgressReporter& reporter)
        : m_session(session), m_journal(journal), m_reporter(reporter) {
        for (std::size_t i = 0; i < session.results.size(); ++i) m_index[cell_key(session.results[i])] = i;
    }

    void on_peaks(const Peaks& peaks) override {
        m_session.peaks = peaks;
        if (m_journal != nullptr) m_journal->set_peaks(peaks);
    }

    void on_clocks(const ReferenceClocks& clocks) override {
        m_session.environment.clocks = clocks;
        if (m_journal != nullptr) m_journal->set_clocks(clocks);
    }

    void on_result(const Result& result) override {
        if (m_journal != nullptr) m_journal->append(result);
        const auto [it, is_new] = m_index.try_emplace(cell_key(result), m_session.results.size());
        if (is_new) {
            m_session.results.push_back(result);
        } else {
            m_session.results[it->second] = result;  // a failed or flagged cell, run again
        }
        m_reporter.result(result);
    }

    void on_progress(const Progress& progress) override { m_reporter.progress(progress); }

  private:
    Session& m_session;
    Journal* m_journal;
    ProgressReporter& m_reporter;
    std::unordered_map<std::string, std::size_t> m_index;
};

std::optional<Session> load_resumed(const SweepArguments& arguments) {
    if (arguments.resume.empty()) return std::nullopt;
    if (auto unfinished = Journal::recover(arguments.resume)) return unfinished;
    try {
        return load_session(arguments.resume);
    } catch (const Error&) {
        // Killed before its first line was on disk, or never begun: with a selection this is a fresh start.
        if (arguments.selection.given() && ::access(arguments.resume.c_str(), F_OK) != 0) return std::nullopt;
        throw;
    }
}

Selection choose_selection(const SweepArguments& arguments, const std::optional<Session>& resumed) {
    Selection selection =
        resumed && !arguments.selection.given() ? resumed->spec : arguments.selection.resolve();
    arguments.measure.apply(selection);
    if (!arguments.shard.empty()) selection.shard = arguments.shard;
    if (!resumed) return selection;
    Selection before = resumed->spec;
    if (before.shard.empty()) before.shard = selection.shard;  // a part of what a whole one lacks
    if (!(selection == before)) {
        throw Error(fmt::format(
            "what to sweep or how to measure differs from '{}': leave these options out to resume, or choose "
            "another --out",
            arguments.resume));
    }
    return selection;
}

Device choose_device(const SweepArguments& arguments, const BackendFactory& backends,
                     const std::optional<Session>& resumed) {
    if (!resumed) return pick_device(backends, arguments.device);
    const Device& before = resumed->environment.device;
    Device device = pick_device(backends, arguments.device.empty() ? before.id : arguments.device);
    if (device.name != before.name) {
        throw Error(
            fmt::format("'{}' was measured on {}, {} is {}: resume on the same device or start a new session",
                        arguments.resume, before.name, device.id, device.name));
    }
    return device;
}

void check_files(const SweepArguments& arguments) {
    check_outputs({{"--out", arguments.out}, {"--csv", arguments.csv}, {"--markdown", arguments.markdown}});
    if (arguments.progress == "json" && (arguments.csv == "-" || arguments.markdown == "-"))
        throw Error("--progress json prints to standard output: give --csv and --markdown a file");
    for (const std::string* path : {&arguments.out, &arguments.csv, &arguments.markdown}) {
        if (!path->empty() && *path != "-") check_writable(*path);
    }
    if (arguments.out == "-") throw Error("--out needs a file: finished cells are kept beside it");
}

void write_exports(const SweepArguments& arguments, const Session& session) {
    if (!arguments.csv.empty()) write_output(arguments.csv, results_to_csv(session.results));
    if (!arguments.markdown.empty()) write_output(arguments.markdown, results_to_markdown(session.results));
}

int report_end(const SweepArguments& arguments, const Session& session, SweepEnd end) {
    if (arguments.progress != "json" && arguments.csv != "-" && arguments.markdown != "-")
        print_results(session);
    print_conditions(session);
    std::size_t failed = 0;
    for (const Result& r : session.results) failed += r.status == Status::failed ? 1 : 0;
    if (failed > 0) fmt::print(stderr, "moescope: {} of {} cells failed\n", failed, session.results.size());
    if (end == SweepEnd::cancelled) {
        fmt::print(stderr, "moescope: interrupted; {} finished cells are kept{}\n", session.results.size(),
                   arguments.out.empty() ? "" : fmt::format(", --resume {} goes on", arguments.out));
    }
    if (!arguments.out.empty()) fmt::print(stderr, "moescope: session written to {}\n", arguments.out);
    return failed > 0 || end == SweepEnd::cancelled ? 1 : 0;
}

void run_sweep_command(SweepArguments arguments, Program& program) {
    const auto reporter = make_progress_reporter(arguments.progress);
    SweepOptions options;
    if (arguments.out.empty()) arguments.out = arguments.resume;
    check_files(arguments);

    const std::optional<Session> resumed = load_resumed(arguments);
    const Selection selection = choose_selection(arguments, resumed);
    const Shard shard = parse_shard(selection.shard);
    options.shard_index = shard.index;
    options.shard_count = shard.count;
    const BackendFactory& backends = arguments.plugins->apply(program.backends);
    const Device device = choose_device(arguments, backends, resumed);
    const Plan plan = make_plan(selection, device, backends.kernels(device.id));
    require_accepted_case(plan);

    Session session = resumed ? *resumed : new_session(selection, device);
    if (!arguments.name.empty()) session.name = arguments.name;
    if (resumed) {
        options.done = finished_cells(session);
        if (session.peaks.measured_gbps) options.known_peaks = session.peaks;
        options.known_clocks = session.environment.clocks;
        if (arguments.retry_throttled > 0) options.earlier = session.results;
    }
    options.retry_throttled = arguments.retry_throttled;
    const auto journal = arguments.out.empty() ? nullptr : Journal::start(session, arguments.out);
    fmt::print(stderr, "moescope: {} on {} ({})\n", plan.summary(), device.name, device.id);

    const Interrupt interrupt;  // before the backend, whose threads inherit the signal mask
    const auto backend = backends.open(device.id);
    Recorder recorder(session, journal.get(), *reporter);
    const SweepEnd end = run_sweep(plan, *backend, options, recorder, interrupt.token());
    reporter->finish();
    if (journal) journal->finish(session);
    write_exports(arguments, session);
    program.exit_status = report_end(arguments, session, end);
}

}  // namespace

void add_sweep_command(CLI::App& app, Program& program) {
    CLI::App* command = app.add_subcommand("sweep", "measure every cell of a selection");
    const auto arguments = std::make_shared<SweepArguments>();
    arguments->selection.add_to(*command);
    arguments->measure.add_to(*command);
    arguments->plugins->add_to(*command);
    command->add_option("--device", arguments->device, "cuda:N or cpu (default: the best one)");
    command->add_option("--out", arguments->out,
                        "session file; finished cells are on disk from the first one on");
    command->add_option("--csv", arguments->csv, "write the results as CSV ('-': standard output)");
    command->add_option("--markdown", arguments->markdown, "write the results as a Markdown table");
    command->add_option("--resume", arguments->resume,
                        "go on with the unfinished sweep of this session file");
    command->add_option("--shard", arguments->shard, "run part I of N of the cases, e.g. 1/4");
    command->add_option("--name", arguments->name, "name of the session");
    command
        ->add_option("--retry-throttled", arguments->retry_throttled,
                     "measure cases with a flagged cell again at the end, at most N times (0)")
        ->check(CLI::Range(0, 100));
    command->add_option("--progress", arguments->progress, "auto, plain, json or none");
    command->callback([=, &program] { run_sweep_command(*arguments, program); });
}

}  // namespace moescope
