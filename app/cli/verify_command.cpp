// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "interrupt.h"
#include "moescope/error.h"
#include "moescope/measurement/runner.h"
#include "output.h"
#include "plugin_flags.h"
#include "progress.h"
#include "selection_options.h"

namespace moescope {
namespace {

struct VerifyArguments {
    SelectionOptions selection;
    PluginFlags plugins;
    std::string device;
    std::string progress = "auto";
};

class Collector final : public SweepObserver {
  public:
    explicit Collector(ProgressReporter& reporter) : m_reporter(reporter) {}
    void on_result(const Result& result) override {
        results.push_back(result);
        m_reporter.result(result);
    }
    void on_progress(const Progress& progress) override { m_reporter.progress(progress); }

    std::vector<Result> results;

  private:
    ProgressReporter& m_reporter;
};

/// A kernel's outcomes over all cases.
struct Tally {
    std::int64_t passed = 0;
    std::int64_t failed = 0;
    std::int64_t skipped = 0;
    std::int64_t values = 0;
    std::int64_t differing = 0;
    double scale_error = 0.0;
    std::string reference;
};

std::int64_t print_tallies(const std::vector<Result>& results) {
    std::map<std::string, Tally> tallies;
    for (const Result& r : results) {
        Tally& t = tallies[r.kernel];
        if (r.status == Status::skipped) {
            ++t.skipped;
            continue;
        }
        ++(r.status == Status::ok ? t.passed : t.failed);
        t.values += r.verification.values;
        t.differing += r.verification.mismatched_codes;
        t.scale_error = std::max(t.scale_error, r.verification.max_scale_error);
        t.reference = r.verification.reference;
    }
    std::vector<std::vector<std::string>> rows{{"kernel", "reference", ">passed", ">failed", ">skipped",
                                                ">codes compared", ">differing", ">largest scale error"}};
    std::int64_t failed = 0;
    for (const auto& [kernel, t] : tallies) {
        rows.push_back({kernel, t.reference.empty() ? "-" : t.reference, fmt::to_string(t.passed),
                        fmt::to_string(t.failed), fmt::to_string(t.skipped), fmt::to_string(t.values),
                        fmt::to_string(t.differing), fmt::format("{:.2g}", t.scale_error)});
        failed += t.failed;
    }
    print_table(std::move(rows));
    for (const Result& r : results) {
        if (r.status == Status::failed) fmt::print("failed: {} {}: {}\n", case_label(r.c), r.kernel, r.error);
    }
    return failed;
}

/// All operations of the device, the slow references too, unless some were named.
void choose_default_kernels(Selection& selection, const std::vector<KernelTraits>& available) {
    if (!selection.kernels.empty()) return;
    for (const KernelTraits& kernel : available) {
        if (kernel.is_operation && kernel.in_default_set) selection.kernels.push_back(kernel.id);
    }
}

void run_verify(VerifyArguments& arguments, Program& program) {
    Selection selection = arguments.selection.resolve();
    const BackendFactory& backends = arguments.plugins.apply(program.backends);
    const Device device = pick_device(backends, arguments.device);
    const std::vector<KernelTraits> available = backends.kernels(device.id);
    choose_default_kernels(selection, available);
    selection.cache = CacheSelection::cold;  // the cache cannot change a result
    const Plan plan = make_plan(selection, device, available);
    if (plan.accepted_cases() == 0)
        throw Error(fmt::format("no case can run: {}", *plan.cases.front().rejected));

    const auto reporter = make_progress_reporter(arguments.progress);
    const Interrupt interrupt;
    const auto backend = backends.open(device.id);
    Collector collector(*reporter);
    SweepOptions options;
    options.verify_only = true;
    const SweepEnd end = run_sweep(plan, *backend, options, collector, interrupt.token());
    reporter->finish();
    const std::int64_t failed = print_tallies(collector.results);
    if (end == SweepEnd::cancelled)
        fmt::print(stderr, "moescope: interrupted after {} cells\n", collector.results.size());
    program.exit_status = failed > 0 || end == SweepEnd::cancelled ? 1 : 0;
}

}  // namespace

void add_verify_command(CLI::App& app, Program& program) {
    CLI::App* command =
        app.add_subcommand("verify", "compare kernels with the reference of their numerics; time nothing");
    const auto arguments = std::make_shared<VerifyArguments>();
    arguments->selection.add_to(*command);
    arguments->plugins.add_to(*command);
    command->add_option("--device", arguments->device, "cuda:N or cpu (default: the best one)");
    command->add_option("--progress", arguments->progress, "auto, plain, json or none");
    command->callback([=, &program] { run_verify(*arguments, program); });
}

}  // namespace moescope
