// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "commands.h"
#include "moescope/error.h"
#include "moescope/measurement/plan.h"
#include "output.h"
#include "plan_check.h"
#include "plugin_flags.h"
#include "selection_options.h"

namespace moescope {
namespace {

struct PlanArguments {
    SelectionOptions selection;
    MeasureFlags measure;
    PluginFlags plugins;
    std::string device;
    bool json = false;
    bool counts = false;
};

void print_plan(const Plan& plan, bool with_counts) {
    std::vector<std::vector<std::string>> rows{{">E", ">T", ">H", ">G", "scales", "input", ">tokens",
                                                "strategy", ">max", ">Gini", ">memory MB", "state"}};
    for (const PlannedCase& p : plan.cases) {
        const Shape& s = p.c.shape;
        rows.push_back({fmt::to_string(s.experts), fmt::to_string(s.max_tokens), fmt::to_string(s.hidden),
                        fmt::to_string(s.group_size), std::string(to_string(s.scale_format)),
                        std::string(to_string(s.input_type)), fmt::to_string(p.c.total_tokens),
                        to_string(p.c.strategy), fmt::to_string(p.load.max),
                        fmt::format("{:.3f}", p.load.gini),
                        fmt::format("{:.0f}", static_cast<double>(p.buffers.total()) / 1e6),
                        p.rejected ? "rejected: " + p.rejected->text(setting_flag) : "ok"});
    }
    print_table(std::move(rows));
    if (with_counts) {
        for (const PlannedCase& p : plan.cases)
            fmt::print("{}: {}\n", case_label(p.c), fmt::join(p.counts, ","));
    }
    for (const SkippedCell& cell : plan.skipped) {
        fmt::print("skipped: {}: {}\n", case_label(plan.cases[cell.case_index].c), cell.reason);
    }
    fmt::print("{} on {}\n", plan.summary(), plan.device.name);
}

void run_plan(PlanArguments& arguments, Program& program) {
    Selection selection = arguments.selection.resolve();
    arguments.measure.apply(selection);
    const BackendFactory& backends = arguments.plugins.apply(program.backends);
    const Device device = pick_device(backends, arguments.device);
    const Plan plan = make_plan(selection, device, backends.kernels(device.id));
    if (arguments.json) {
        fmt::print("{}", plan_to_json(plan, arguments.counts));
    } else {
        print_plan(plan, arguments.counts);
    }
    require_accepted_case(plan);
}

}  // namespace

void add_plan_command(CLI::App& app, Program& program) {
    CLI::App* command =
        app.add_subcommand("plan", "expand and check a selection, estimate memory and time; run nothing");
    const auto arguments = std::make_shared<PlanArguments>();
    arguments->selection.add_to(*command);
    arguments->measure.add_to(*command);
    arguments->plugins.add_to(*command);
    command->add_option("--device", arguments->device, "plan for this device (default: the best one)");
    command->add_flag("--json", arguments->json, "print one JSON object");
    command->add_flag("--counts", arguments->counts, "with the tokens of every expert");
    command->callback([=, &program] { run_plan(*arguments, program); });
}

}  // namespace moescope
