// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "measurement/estimate.h"
#include "moescope/analysis/metrics.h"
#include "moescope/error.h"

namespace moescope {
namespace {

constexpr std::size_t kMaxCases = 100'000;
constexpr std::int64_t kMaxCounts = 100'000'000;  // over all cases; they are held in memory
/// Copies that only keep the cache cold may take this much; the problem itself may take what is there.
constexpr std::int64_t kMaxRotationBytes = std::int64_t{16} << 30;
constexpr double kUsableShare = 0.9;  // of free memory; the rest is for contexts, tables and the system

std::int64_t usable_bytes(const Device& device) {
    const std::int64_t known = device.free_bytes > 0 ? device.free_bytes : device.memory_bytes;
    return static_cast<std::int64_t>(kUsableShare * static_cast<double>(known));
}

std::string format_bytes(std::int64_t bytes) {
    const auto value = static_cast<double>(bytes);
    if (value >= 1e9) return fmt::format("{:.1f} GB", value / 1e9);
    if (value >= 1e6) return fmt::format("{:.0f} MB", value / 1e6);
    return fmt::format("{:.0f} kB", value / 1e3);
}

void check_axes(const Selection& s) {
    const bool all_custom = !s.strategies.empty() &&
                            std::all_of(s.strategies.begin(), s.strategies.end(),
                                        [](const Strategy& x) { return x.kind == Strategy::Kind::custom; });
    const auto require = [](bool filled, std::string_view axis, std::string_view example) {
        if (!filled) throw Error(fmt::format("no {}: give --{} {} or a preset", axis, axis, example));
    };
    require(!s.strategies.empty(), "strategy", "even");
    require(!s.experts.empty() || all_custom, "experts", "8,32");
    require(!s.max_tokens.empty(), "max-tokens", "1024");
    require(!s.hidden.empty(), "hidden", "2048");
    require(!s.group_size.empty(), "group-size", "128");
    require(!s.scale_formats.empty(), "scale-format", "fp32");
    require(!s.input_types.empty(), "input-type", "bf16");
    if (!s.tokens_per_expert.empty() && !s.total_tokens.empty()) {
        throw Error("both tokens-per-expert and total-tokens are given: keep one of them");
    }
    require(!s.tokens_per_expert.empty() || !s.total_tokens.empty() || all_custom, "tokens-per-expert",
            "8:512:*2");
}

void check_measure(const MeasureOptions& m) {
    if (!(m.ci_percent > 0.0 && m.ci_percent <= 100.0)) {
        throw Error(fmt::format("ci is {} %: choose more than 0 and at most 100", m.ci_percent));
    }
    if (m.min_samples < 1 || m.min_samples > 1'000'000) {
        throw Error(fmt::format("min-samples is {}: choose 1 to 1000000", m.min_samples));
    }
    if (m.max_samples < m.min_samples) {
        throw Error(fmt::format("max_samples {} is below min_samples {}", m.max_samples, m.min_samples));
    }
    if (!(m.max_seconds > 0.0 && m.max_seconds <= 86400.0)) {
        throw Error(fmt::format("max-time is {} s: choose more than 0 and at most 86400", m.max_seconds));
    }
}

void check_selection(const Selection& s) {
    const bool has_axes = !(s.experts.empty() && s.max_tokens.empty() && s.hidden.empty() &&
                            s.tokens_per_expert.empty() && s.total_tokens.empty() && s.strategies.empty());
    if (s.cases.empty() || has_axes) check_axes(s);
    check_measure(s.measure);
}

std::vector<KernelTraits> choose_kernels(const Selection& s, const Device& device,
                                         const std::vector<KernelTraits>& available) {
    std::vector<KernelTraits> chosen;
    std::vector<std::string> ids;
    for (const KernelTraits& kernel : available) {
        ids.push_back(kernel.id);
        if (s.kernels.empty() && kernel.in_default_set) chosen.push_back(kernel);
    }
    for (const std::string& id : s.kernels) {
        const auto it = std::find_if(available.begin(), available.end(),
                                     [&](const KernelTraits& k) { return k.id == id; });
        if (it == available.end()) {
            throw Error(fmt::format("no kernel '{}' on {}: use {}", id, device.id, fmt::join(ids, ", ")));
        }
        const bool twice =
            std::any_of(chosen.begin(), chosen.end(), [&](const KernelTraits& k) { return k.id == id; });
        if (!twice) chosen.push_back(*it);
    }
    if (chosen.empty())
        throw SettingError(fmt::format("no kernels chosen: choose {} from {}", mention(Setting::kernels),
                                       fmt::join(ids, ",")));
    return chosen;
}

/// The largest number where it would be larger still: what is so large fits nowhere and is rejected.
std::int64_t product(std::int64_t a, std::int64_t b) {
    std::int64_t value = 0;
    return __builtin_mul_overflow(a, b, &value) ? std::numeric_limits<std::int64_t>::max() : value;
}

/// What the neediest of the kernels wants beside the tensors.
std::int64_t scratch_bytes(const Shape& shape, const std::vector<KernelTraits>& kernels) {
    std::int64_t bytes = 0;
    for (const KernelTraits& kernel : kernels)
        bytes = std::max(bytes, shape.rows() * shape.hidden * kernel.scratch_bytes_per_output);
    return bytes;
}

/// Expands the axes, in sweep order: input types outermost (for another one all of the input is filled
/// anew), then experts; tokens innermost.
class Expander {
  public:
    Expander(const Selection& selection, const Device& device, const std::vector<KernelTraits>& kernels)
        : m_selection(selection), m_device(device), m_kernels(kernels) {}

    std::vector<PlannedCase> expand() {
        for (const Strategy& strategy : m_selection.strategies) m_strategies.push_back(resolve(strategy));
        for (const InputType input : m_selection.input_types) expand_axes(input);
        for (const Case& c : m_selection.cases) {
            if (c.strategy.kind == Strategy::Kind::custom) {
                add_steps(c.shape, resolve(c.strategy));
            } else {
                add(c);
            }
        }
        return std::move(m_cases);
    }

  private:
    void expand_axes(InputType input) {
        const std::vector<std::int64_t> file_experts{0};  // stands for what the files say
        for (const std::int64_t experts : m_selection.experts.empty() ? file_experts : m_selection.experts) {
            for (const std::int64_t max_tokens : m_selection.max_tokens) {
                for (const std::int64_t hidden : m_selection.hidden) {
                    for (const std::int64_t group : m_selection.group_size) {
                        for (const ScaleFormat format : m_selection.scale_formats) {
                            add_shape({experts, max_tokens, hidden, group, format, input});
                        }
                    }
                }
            }
        }
    }

    /// A strategy, with the recorded steps of a custom one.
    struct Resolved {
        Strategy strategy;
        std::vector<std::vector<std::int32_t>> steps;
    };

    static Resolved resolve(const Strategy& strategy) {
        if (strategy.kind != Strategy::Kind::custom) return {strategy, {}};
        return {strategy, read_counts_file(strategy.file)};
    }

    void add_shape(const Shape& shape) {
        for (const Resolved& resolved : m_strategies) {
            if (resolved.strategy.kind == Strategy::Kind::custom) {
                add_steps(shape, resolved);
                continue;
            }
            for (const std::int64_t n : m_selection.tokens_per_expert) {
                add({shape, product(n, shape.experts), resolved.strategy, m_selection.seed});
            }
            for (const std::int64_t n : m_selection.total_tokens)
                add({shape, n, resolved.strategy, m_selection.seed});
        }
    }

    void add_steps(const Shape& shape, const Resolved& resolved) {
        const auto count = static_cast<std::int64_t>(resolved.steps.size());
        const std::int64_t only = resolved.strategy.step;
        if (only >= count) {
            throw Error(fmt::format("{}: step {} is not there; the file has steps 0 to {}",
                                    resolved.strategy.file, only, count - 1));
        }
        for (std::int64_t step = only < 0 ? 0 : only; step < (only < 0 ? count : only + 1); ++step) {
            const std::vector<std::int32_t>& counts = resolved.steps[static_cast<std::size_t>(step)];
            Case c{shape, 0, resolved.strategy, m_selection.seed};
            c.strategy.step = step;
            if (c.shape.experts == 0) c.shape.experts = static_cast<std::int64_t>(counts.size());
            for (const std::int32_t n : counts) c.total_tokens += n;
            add(c, &counts);
        }
    }

    void add(const Case& c, const std::vector<std::int32_t>* recorded = nullptr) {
        if (!m_seen.insert(case_key(c)).second) return;
        m_counts += std::min(c.shape.experts, kMaxCounts / 1000);  // what is out of range is rejected below
        if (m_cases.size() >= kMaxCases || m_counts > kMaxCounts) {
            throw Error(
                fmt::format("over {} cases or {} counts in all: narrow an axis", kMaxCases, kMaxCounts));
        }
        PlannedCase planned;
        planned.c = c;
        planned.rejected = shape_problem(c.shape);
        if (!planned.rejected) fill(planned, recorded);
        m_cases.push_back(std::move(planned));
    }

    void fill(PlannedCase& planned, const std::vector<std::int32_t>* recorded) {
        const Shape& shape = planned.c.shape;
        try {
            // The recorded file was read once already; tokens_per_expert checks a step against the case.
            planned.counts = recorded != nullptr && matches(*recorded, shape)
                                 ? *recorded
                                 : tokens_per_expert(planned.c.strategy, shape.experts, shape.max_tokens,
                                                     planned.c.total_tokens, planned.c.seed);
        } catch (const SettingError& e) {
            planned.rejected = e.message();
            return;
        } catch (const Error& e) {
            planned.rejected = e.what();
            return;
        }
        planned.load = load_stats(planned.counts);
        const std::int64_t usable = usable_bytes(m_device);
        planned.rotation = plan_rotation(
            shape, planned.load.max, moved_bytes(shape, planned.c.total_tokens), m_device.cache_bytes,
            usable > 0 ? std::min(usable / 2, kMaxRotationBytes) : kMaxRotationBytes);
        planned.buffers = buffer_sizes(shape, planned.rotation);
        planned.buffers.scratch_bytes = scratch_bytes(shape, m_kernels);
        if (usable > 0 && planned.buffers.total() > usable) {
            planned.rejected = fmt::format("needs {} of memory, {} has {} to use: lower {}, {} or {}",
                                           format_bytes(planned.buffers.total()), m_device.id,
                                           format_bytes(usable), mention(Setting::experts),
                                           mention(Setting::max_tokens), mention(Setting::hidden));
            planned.counts.clear();
            planned.load = {};
            planned.rotation = {};
            planned.buffers = {};
            return;
        }
        planned.cell_seconds =
            estimate_cell_seconds(planned, m_device, m_selection.measure, m_selection.launch);
    }

    static bool matches(const std::vector<std::int32_t>& counts, const Shape& shape) {
        return static_cast<std::int64_t>(counts.size()) == shape.experts &&
               *std::max_element(counts.begin(), counts.end()) <= shape.max_tokens;
    }

    const Selection& m_selection;
    const Device& m_device;
    const std::vector<KernelTraits>& m_kernels;
    std::vector<Resolved> m_strategies;
    std::vector<PlannedCase> m_cases;
    std::unordered_set<std::string> m_seen;
    std::int64_t m_counts = 0;
};

}  // namespace

std::int64_t Plan::accepted_cases() const {
    return std::count_if(cases.begin(), cases.end(), [](const PlannedCase& p) { return !p.rejected; });
}

std::int64_t Plan::cells() const {
    const auto modes = static_cast<std::int64_t>(cache_modes(selection.cache).size());
    const auto all = accepted_cases() * static_cast<std::int64_t>(kernels.size());
    return (all - static_cast<std::int64_t>(skipped.size())) * modes;
}

const std::string* Plan::skip_reason(std::size_t case_index, const std::string& kernel) const {
    // In order of cases, as make_plan() adds them.
    auto it =
        std::lower_bound(skipped.begin(), skipped.end(), case_index,
                         [](const SkippedCell& cell, std::size_t index) { return cell.case_index < index; });
    for (; it != skipped.end() && it->case_index == case_index; ++it) {
        if (it->kernel == kernel) return &it->reason;
    }
    return nullptr;
}

bool Plan::is_skipped(std::size_t case_index, const std::string& kernel) const {
    return skip_reason(case_index, kernel) != nullptr;
}

std::string Plan::summary() const {
    const std::int64_t accepted = accepted_cases();
    const auto seconds = std::llround(estimated_seconds);
    std::string text =
        fmt::format("{} case{} x {} kernel{}, peak memory {}, about ", accepted, accepted == 1 ? "" : "s",
                    kernels.size(), kernels.size() == 1 ? "" : "s", format_bytes(buffers.total()));
    text += seconds >= 3600 ? fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
                            : fmt::format("{}:{:02}", seconds / 60, seconds % 60);
    const auto rejected = static_cast<std::int64_t>(cases.size()) - accepted;
    if (rejected > 0) text += fmt::format(", {} rejected", rejected);
    return text;
}

Plan make_plan(const Selection& selection, const Device& device, const std::vector<KernelTraits>& available) {
    check_selection(selection);
    Plan plan;
    plan.selection = selection;
    plan.device = device;
    plan.kernels = choose_kernels(selection, device, available);
    plan.cases = Expander(selection, device, plan.kernels).expand();
    const auto modes = static_cast<double>(cache_modes(selection.cache).size());
    for (std::size_t i = 0; i < plan.cases.size(); ++i) {
        const PlannedCase& planned = plan.cases[i];
        if (planned.rejected) continue;
        plan.buffers.include(planned.buffers);
        for (const KernelTraits& kernel : plan.kernels) {
            if (auto reason = unsupported_reason(kernel, planned.c.shape)) {
                plan.skipped.push_back({i, kernel.id, std::move(*reason)});
            } else {
                plan.estimated_seconds += planned.cell_seconds * modes;
            }
        }
    }
    return plan;
}

}  // namespace moescope
