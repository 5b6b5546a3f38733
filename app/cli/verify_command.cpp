// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "interrupt.h"
#include "moescope/error.h"
#include "moescope/measurement/runner.h"
#include "output.h"
#include "plan_check.h"
#include "plugin_flags.h"
#include "progress.h"
#include "selection_options.h"
#include "verify_report.h"

namespace moescope {
namespace {

struct VerifyArguments {
    SelectionOptions selection;
    PluginFlags plugins;
    std::string device;
    std::string progress = "auto";
    std::string input = "both";
    bool json = false;
};

class Collector final : public SweepObserver {
  public:
    Collector(std::vector<Result>& results, ProgressReporter& reporter)
        : m_results(results), m_reporter(reporter) {}
    void on_result(const Result& result) override {
        m_results.push_back(result);
        m_reporter.result(result);
    }
    void on_progress(const Progress& progress) override { m_reporter.progress(progress); }

  private:
    std::vector<Result>& m_results;
    ProgressReporter& m_reporter;
};

/// All operations of the device, the slow references too, unless some were named.
void choose_default_kernels(Selection& selection, const std::vector<KernelTraits>& available) {
    if (!selection.kernels.empty()) return;
    for (const KernelTraits& kernel : available) {
        if (kernel.is_operation && kernel.in_default_set) selection.kernels.push_back(kernel.id);
    }
}

std::vector<InputKind> chosen_inputs(const std::string& text) {
    if (text == "both") return {InputKind::normal, InputKind::adversarial};
    for (const InputKind kind : {InputKind::normal, InputKind::adversarial})
        if (text == to_string(kind)) return {kind};
    throw Error(fmt::format("--input '{}' is unknown: use normal, adversarial or both", text));
}

void run_verify(VerifyArguments& arguments, Program& program) {
    const std::vector<InputKind> kinds = chosen_inputs(arguments.input);
    if (arguments.json && arguments.progress == "json")
        throw Error("--json and --progress json both print to standard output: choose one of them");
    Selection selection = arguments.selection.resolve();
    const BackendFactory& backends = arguments.plugins.apply(program.backends);
    Device device = pick_device(backends, arguments.device);
    const std::vector<KernelTraits> available = backends.kernels(device.id);
    choose_default_kernels(selection, available);
    selection.cache = CacheSelection::cold;  // the cache cannot change a result
    device.cache_bytes = 0;                  // so none is kept cold: no copies are needed for that
    const Plan plan = make_plan(selection, device, available);
    require_accepted_case(plan);

    const auto reporter = make_progress_reporter(arguments.progress);
    const Interrupt interrupt;  // before the backend, whose threads inherit the signal mask
    const auto backend = backends.open(device.id);
    std::vector<VerifiedInput> inputs;
    SweepEnd end = SweepEnd::completed;
    for (const InputKind kind : kinds) {
        if (end == SweepEnd::cancelled) break;
        inputs.push_back({kind, {}});
        Collector collector(inputs.back().results, *reporter);
        SweepOptions options;
        options.verify_only = true;
        options.input = kind;
        end = run_sweep(plan, *backend, options, collector, interrupt.token());
    }
    reporter->finish();
    if (arguments.json) {
        fmt::print("{}\n", verification_report_json(inputs));
    } else {
        print_verification(inputs);
    }
    std::size_t cells = 0;
    for (const VerifiedInput& input : inputs) cells += input.results.size();
    if (end == SweepEnd::cancelled)
        fmt::print(stderr, "moescope: interrupted; {} finished cells are reported\n", cells);
    program.exit_status = count_failed(inputs) > 0 || end == SweepEnd::cancelled ? 1 : 0;
}

}  // namespace

void add_verify_command(CLI::App& app, Program& program) {
    CLI::App* command =
        app.add_subcommand("verify", "compare kernels with the reference of their numerics; time nothing");
    const auto arguments = std::make_shared<VerifyArguments>();
    arguments->selection.add_to(*command);
    arguments->plugins.add_to(*command);
    command->add_option("--device", arguments->device, "cuda:N or cpu (default: the best one)");
    command->add_option(
        "--input", arguments->input,
        "normal (random), adversarial (zeros, infinities, powers of two, ...) or both (both)");
    command->add_flag("--json", arguments->json, "print an array of objects, one for each kernel and input");
    command->add_option("--progress", arguments->progress, "auto, plain, json or none");
    command->callback([=, &program] { run_verify(*arguments, program); });
}

}  // namespace moescope
