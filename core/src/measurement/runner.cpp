// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <vector>

#include "measurement/sampler.h"
#include "moescope/analysis/metrics.h"
#include "moescope/error.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One sweep while it runs.
class Sweep {
  public:
    Sweep(const Plan& plan, Backend& backend, const SweepOptions& options, SweepObserver& observer,
          std::stop_token stop)
        : m_plan(plan),
          m_backend(backend),
          m_options(options),
          m_observer(observer),
          m_stop(std::move(stop)) {}

    SweepEnd run() {
        count_work();
        report_progress("");
        if (m_progress.total > 0) prepare();
        for (std::size_t i = 0; i < m_plan.cases.size(); ++i) {
            if (!is_mine(i)) continue;
            if (m_stop.stop_requested()) return SweepEnd::cancelled;
            report_undoable(i);
            if (!m_plan.cases[i].rejected && !run_case(i)) return SweepEnd::cancelled;
        }
        report_progress("");
        return SweepEnd::completed;
    }

  private:
    bool is_mine(std::size_t i) const {
        return static_cast<int>(i % static_cast<std::size_t>(m_options.shard_count)) == m_options.shard_index;
    }

    std::vector<CacheMode> modes() const { return cache_modes(m_plan.selection.cache); }

    bool is_done(std::size_t i, const std::string& kernel, CacheMode mode) const {
        return m_options.done.contains(cell_key(m_plan.cases[i].c, kernel, mode));
    }

    /// Kernels of a case that can run and have not in this mode.
    std::vector<const KernelTraits*> open_kernels(std::size_t i, CacheMode mode) const {
        std::vector<const KernelTraits*> open;
        if (m_plan.cases[i].rejected) return open;
        for (const KernelTraits& kernel : m_plan.kernels) {
            if (!m_plan.is_skipped(i, kernel.id) && !is_done(i, kernel.id, mode)) open.push_back(&kernel);
        }
        return open;
    }

    void count_work() {
        for (std::size_t i = 0; i < m_plan.cases.size(); ++i) {
            if (!is_mine(i)) continue;
            for (const CacheMode mode : modes()) {
                const std::size_t cells = open_kernels(i, mode).size();
                m_progress.total += static_cast<std::int64_t>(cells);
                m_weight_total += static_cast<double>(cells) * m_plan.cases[i].cell_seconds;
            }
        }
    }

    void prepare() {
        m_backend.reserve(m_plan.buffers);
        if (m_plan.device.theoretical_gbps > 0.0) m_peaks.theoretical_gbps = m_plan.device.theoretical_gbps;
        if (m_options.known_peaks) {
            m_peaks = *m_options.known_peaks;
        } else if (!m_options.verify_only) {
            const Ceilings ceilings = m_backend.measure_ceilings(m_stop);
            if (ceilings.measured_gbps > 0.0) m_peaks.measured_gbps = ceilings.measured_gbps;
            if (ceilings.launch_floor_us > 0.0) m_peaks.launch_floor_us = ceilings.launch_floor_us;
        }
        m_observer.on_peaks(m_peaks);
        m_started = Clock::now();
    }

    Result blank(std::size_t i, const std::string& kernel, CacheMode mode) const {
        const PlannedCase& planned = m_plan.cases[i];
        Result result;
        result.c = planned.c;
        result.kernel = kernel;
        result.cache = mode;
        result.load = planned.load;
        if (mode == CacheMode::cold && planned.rotation.reuse_over_cache > 0.0) {
            result.cold_reuse = planned.rotation.reuse_over_cache;
        }
        return result;
    }

    /// Rejected cases and cells that a kernel cannot do are results too, so that nobody wonders where they
    /// are.
    void report_undoable(std::size_t i) {
        for (const KernelTraits& kernel : m_plan.kernels) {
            const std::string* reason =
                m_plan.cases[i].rejected ? &*m_plan.cases[i].rejected : m_plan.skip_reason(i, kernel.id);
            if (reason == nullptr) continue;
            for (const CacheMode mode : modes()) {
                if (is_done(i, kernel.id, mode)) continue;
                Result result = blank(i, kernel.id, mode);
                result.status = Status::skipped;
                result.error = *reason;
                m_observer.on_result(result);
            }
        }
    }

    /// False when stopped.
    bool run_case(std::size_t i) {
        const std::string label = case_label(m_plan.cases[i].c);
        bool begun = false;
        std::unordered_map<std::string, Verification> verified;
        std::unordered_map<std::string, std::string> broken;  // kernel: why it is not timed
        for (const CacheMode mode : modes()) {
            std::vector<const KernelTraits*> kernels = open_kernels(i, mode);
            if (kernels.empty()) continue;
            report_progress(label);
            if (!begun) begun = begin(i, kernels, broken);
            for (const KernelTraits* kernel : kernels) {
                if (m_stop.stop_requested()) return false;
                if (!verified.contains(kernel->id) && !broken.contains(kernel->id))
                    verify(i, *kernel, verified, broken);
            }
            if (!finish_mode(i, mode, kernels, verified, broken)) return false;
        }
        return true;
    }

    bool begin(std::size_t i, const std::vector<const KernelTraits*>& kernels,
               std::unordered_map<std::string, std::string>& broken) {
        const PlannedCase& planned = m_plan.cases[i];
        try {
            m_backend.begin_case(planned.c, planned.counts, planned.rotation);
        } catch (const Error& e) {
            for (const KernelTraits* kernel : kernels) broken[kernel->id] = e.what();
        }
        return true;
    }

    /// After an error the backend's state is only known again when the case has begun anew.
    void restart_case(std::size_t i) {
        const PlannedCase& planned = m_plan.cases[i];
        try {
            m_backend.begin_case(planned.c, planned.counts, planned.rotation);
        } catch (const Error&) {
            // The device is lost; every further use says so in its own result.
            return;
        }
    }

    void verify(std::size_t i, const KernelTraits& kernel,
                std::unordered_map<std::string, Verification>& verified,
                std::unordered_map<std::string, std::string>& broken) {
        try {
            const Verification verification = m_backend.verify(kernel.id);
            verified[kernel.id] = verification;
            if (verification.done && !verification.passed) {
                broken[kernel.id] = fmt::format("verification failed: {}", verification.note);
            }
        } catch (const Error& e) {
            broken[kernel.id] = e.what();
            restart_case(i);
        }
    }

    bool finish_mode(std::size_t i, CacheMode mode, const std::vector<const KernelTraits*>& kernels,
                     const std::unordered_map<std::string, Verification>& verified,
                     const std::unordered_map<std::string, std::string>& broken) {
        std::vector<Result> results;
        std::vector<std::string> to_time;
        for (const KernelTraits* kernel : kernels) {
            Result result = blank(i, kernel->id, mode);
            if (const auto it = verified.find(kernel->id); it != verified.end())
                result.verification = it->second;
            if (const auto it = broken.find(kernel->id); it != broken.end()) {
                result.status = Status::failed;
                result.error = it->second;
            } else if (!m_options.verify_only) {
                to_time.push_back(kernel->id);
            }
            results.push_back(std::move(result));
        }
        if (!to_time.empty()) {
            CaseSampler sampler(m_backend, m_plan.selection.measure, mode, [this, i] { restart_case(i); });
            auto samples = sampler.run(to_time, m_stop);
            if (!samples) return false;
            for (Result& result : results) {
                if (const auto it = samples->find(result.kernel); it != samples->end())
                    apply(it->second, result);
            }
        }
        for (const Result& result : results) {
            m_observer.on_result(result);
            ++m_progress.done;
            m_weight_done += m_plan.cases[i].cell_seconds;
        }
        report_progress(case_label(m_plan.cases[i].c));
        return true;
    }

    void apply(CellSamples& samples, Result& result) const {
        result.samples_us = std::move(samples.samples_us);
        result.launches_per_sample = samples.launches_per_sample;
        result.stop_reason = std::move(samples.stop_reason);
        if (!samples.error.empty()) {
            result.status = Status::failed;
            result.error = std::move(samples.error);
            return;
        }
        fill_metrics(result, m_peaks);
    }

    void report_progress(const std::string& current) {
        m_progress.elapsed_seconds = m_started ? seconds_since(*m_started) : 0.0;
        m_progress.current = current;
        m_progress.cells_per_second = m_progress.elapsed_seconds > 0.0
                                          ? static_cast<double>(m_progress.done) / m_progress.elapsed_seconds
                                          : 0.0;
        const double left = std::max(0.0, m_weight_total - m_weight_done);
        // Before the first cell there is only the plan's estimate; then it is scaled by what was seen.
        m_progress.eta_seconds =
            m_weight_done > 0.0 ? left * m_progress.elapsed_seconds / m_weight_done : left;
        if (m_progress.done == m_progress.total) m_progress.eta_seconds = 0.0;
        m_observer.on_progress(m_progress);
    }

    const Plan& m_plan;
    Backend& m_backend;
    const SweepOptions& m_options;
    SweepObserver& m_observer;
    std::stop_token m_stop;
    Peaks m_peaks;
    Progress m_progress;
    double m_weight_total = 0.0;
    double m_weight_done = 0.0;
    std::optional<Clock::time_point> m_started;
};

}  // namespace

SweepEnd run_sweep(const Plan& plan, Backend& backend, const SweepOptions& options, SweepObserver& observer,
                   std::stop_token stop) {
    if (options.shard_count < 1 || options.shard_index < 0 || options.shard_index >= options.shard_count) {
        throw Error(fmt::format("shard {}/{} does not exist: use 0/N to N-1/N", options.shard_index,
                                options.shard_count));
    }
    return Sweep(plan, backend, options, observer, std::move(stop)).run();
}

}  // namespace moescope
