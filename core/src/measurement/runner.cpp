// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <vector>

#include "measurement/cell_result.h"
#include "measurement/retry_list.h"
#include "measurement/sampler.h"
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
          m_stop(std::move(stop)),
          m_retries(options.retry_throttled) {}

    SweepEnd run() {
        count_work();
        report_progress("");
        const bool retry_earlier = collect_earlier();
        if (m_progress.total > 0 || retry_earlier) prepare();
        for (std::size_t i = 0; i < m_plan.cases.size(); ++i) {
            if (!is_mine(i)) continue;
            if (m_stop.stop_requested()) return SweepEnd::cancelled;
            report_undoable(i);
            if (!m_plan.cases[i].rejected && !run_case(i)) return SweepEnd::cancelled;
        }
        if (!retry_flagged()) return SweepEnd::cancelled;
        measure_drift();
        report_progress("");
        return SweepEnd::completed;
    }

  private:
    using Verified = std::unordered_map<std::string, Verification>;
    using Broken = std::unordered_map<std::string, std::string>;  ///< kernel: why it is not timed

    bool is_mine(std::size_t i) const {
        return static_cast<int>(i % static_cast<std::size_t>(m_options.shard_count)) == m_options.shard_index;
    }

    std::vector<CacheMode> modes() const { return cache_modes(m_plan.selection.cache); }

    /// There already, or not asked for.
    bool is_done(std::size_t i, const std::string& kernel, CacheMode mode) const {
        const std::string key = cell_key(m_plan.cases[i].c, kernel, mode);
        return m_options.done.contains(key) || (m_options.only && !m_options.only->contains(key));
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
        if (!m_options.verify_only) m_backend.set_launch_mode(m_plan.selection.launch);
        m_backend.reserve(m_plan.buffers);
        if (m_options.verify_only) m_backend.choose_input(m_options.input);
        if (m_plan.device.theoretical_gbps > 0.0) m_peaks.theoretical_gbps = m_plan.device.theoretical_gbps;
        if (m_options.known_peaks) {
            m_peaks = *m_options.known_peaks;
            m_peaks.measured_end_gbps.reset();  // the session's end is still to come
            m_peaks.launch_floor_end_us.reset();
            m_peaks.end_error.clear();
            m_clocks = m_options.known_clocks;
        } else if (!m_options.verify_only) {
            const Ceilings ceilings = m_backend.measure_ceilings(m_stop);
            if (ceilings.measured_gbps > 0.0) m_peaks.measured_gbps = ceilings.measured_gbps;
            if (ceilings.launch_floor_us > 0.0) m_peaks.launch_floor_us = ceilings.launch_floor_us;
            if (const auto reading = m_backend.take_telemetry())
                m_clocks = {reading->sm_clock_mhz, reading->memory_clock_mhz};
        }
        m_observer.on_peaks(m_peaks);
        if (!(m_clocks == ReferenceClocks{})) m_observer.on_clocks(m_clocks);
        m_started = Clock::now();
    }

    /// The ceilings once more, when all is done: what they have moved by, the cells may have moved by too.
    void measure_drift() {
        if (!m_timed_any || m_stop.stop_requested()) return;
        try {
            const Ceilings ceilings = m_backend.measure_ceilings(m_stop);
            if (m_stop.stop_requested()) return;
            if (ceilings.measured_gbps > 0.0) m_peaks.measured_end_gbps = ceilings.measured_gbps;
            if (ceilings.launch_floor_us > 0.0) m_peaks.launch_floor_end_us = ceilings.launch_floor_us;
            m_peaks.end_error.clear();
        } catch (const Error& e) {
            m_peaks.end_error = e.what();  // the cells are measured all the same
        }
        m_observer.on_peaks(m_peaks);
    }

    Result blank(std::size_t i, const std::string& kernel, CacheMode mode) const {
        return blank_result(m_plan.cases[i], kernel, mode, m_plan.selection.launch);
    }

    /// Goes into a file, so settings are called as they are there.
    std::optional<std::string> why_undoable(std::size_t i, const std::string& kernel) const {
        if (m_plan.cases[i].rejected) return m_plan.cases[i].rejected->text(setting_key);
        const std::string* reason = m_plan.skip_reason(i, kernel);
        return reason != nullptr ? std::optional(*reason) : std::nullopt;
    }

    /// Rejected cases and cells that a kernel cannot do are results too, so that nobody wonders where they
    /// are.
    void report_undoable(std::size_t i) {
        for (const KernelTraits& kernel : m_plan.kernels) {
            const std::optional<std::string> reason = why_undoable(i, kernel.id);
            if (!reason) continue;
            for (const CacheMode mode : modes()) {
                if (is_done(i, kernel.id, mode)) continue;
                Result result = blank(i, kernel.id, mode);
                result.status = Status::skipped;
                result.error = *reason;
                m_observer.on_result(result);
            }
        }
    }

    /// Cells of a case that can be measured and have not been, the cold ones first.
    std::vector<CellToSample> open_cells(std::size_t i) const {
        std::vector<CellToSample> cells;
        for (const CacheMode mode : modes()) {
            for (const KernelTraits* kernel : open_kernels(i, mode)) cells.push_back({kernel->id, mode});
        }
        return cells;
    }

    /// False when stopped.
    bool run_case(std::size_t i) {
        std::vector<CellToSample> cells = open_cells(i);
        if (cells.empty()) return true;
        report_progress(case_label(m_plan.cases[i].c));
        Verified verified;
        Broken broken;
        begin(i, cells, broken);
        for (std::size_t k = 0; k < cells.size(); ++k) {
            if (!verified.contains(cells[k].kernel) && !broken.contains(cells[k].kernel))
                verify(i, cells[k].kernel, verified, broken);
            if (!m_stop.stop_requested()) continue;
            // Maybe this one's end was not waited for; those before it are finished unless they are to be
            // timed.
            cells.resize(m_options.verify_only ? k : 0);
            finish_case(i, cells, verified, broken);
            return false;
        }
        return finish_case(i, cells, verified, broken);
    }

    void begin(std::size_t i, const std::vector<CellToSample>& cells, Broken& broken) {
        const PlannedCase& planned = m_plan.cases[i];
        try {
            m_backend.begin_case(planned.c, planned.counts, planned.rotation);
        } catch (const Error& e) {
            for (const CellToSample& cell : cells) broken[cell.kernel] = e.what();
        }
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

    void verify(std::size_t i, const std::string& kernel, Verified& verified, Broken& broken) {
        try {
            const Verification verification = m_backend.verify(kernel, m_stop);
            verified[kernel] = verification;
            if (verification.done && !verification.passed) {
                broken[kernel] = fmt::format("verification failed: {}", verification.note);
            }
        } catch (const Error& e) {
            broken[kernel] = e.what();
            restart_case(i);
        }
    }

    bool finish_case(std::size_t i, const std::vector<CellToSample>& cells, const Verified& verified,
                     const Broken& broken) {
        std::vector<Result> results;
        std::vector<std::size_t> to_time;  // indices of results
        for (const CellToSample& cell : cells) {
            Result result = blank(i, cell.kernel, cell.mode);
            if (const auto it = verified.find(cell.kernel); it != verified.end())
                result.verification = it->second;
            if (const auto it = broken.find(cell.kernel); it != broken.end()) {
                result.status = Status::failed;
                result.error = it->second;
            } else if (!m_options.verify_only) {
                to_time.push_back(results.size());
            }
            results.push_back(std::move(result));
        }
        if (!time_cells(i, results, to_time)) return false;
        for (const Result& result : results) {
            m_retries.add(i, result);
            finish_cell(i, result);
        }
        report_progress(case_label(m_plan.cases[i].c));
        return true;
    }

    /// Samples results[to_time] side by side on the current case. False when stopped.
    bool time_cells(std::size_t i, std::vector<Result>& results, const std::vector<std::size_t>& to_time) {
        if (to_time.empty()) return true;
        std::vector<CellToSample> cells;
        for (const std::size_t index : to_time)
            cells.push_back({results[index].kernel, results[index].cache});
        CaseSampler sampler(m_backend, m_plan.selection.measure, m_plan.selection.launch,
                            [this, i] { restart_case(i); });
        auto samples = sampler.run(cells, m_stop);
        if (!samples) return false;
        for (std::size_t k = 0; k < to_time.size(); ++k)
            apply_samples(std::move((*samples)[k]), m_peaks, m_clocks, results[to_time[k]]);
        m_timed_any = true;
        return true;
    }

    void finish_cell(std::size_t i, const Result& result) {
        m_observer.on_result(result);
        ++m_progress.done;
        m_weight_done += m_plan.cases[i].cell_seconds;
    }

    /// Cells of the session that is resumed; true when some of them are to be measured again.
    bool collect_earlier() {
        if (m_options.retry_throttled <= 0 || m_options.verify_only) return false;
        std::unordered_map<std::string, std::size_t> indices;
        for (std::size_t i = 0; i < m_plan.cases.size(); ++i) {
            if (is_mine(i) && !m_plan.cases[i].rejected) indices[case_key(m_plan.cases[i].c)] = i;
        }
        for (const Result& result : m_options.earlier) {
            const auto it = indices.find(case_key(result.c));
            if (it != indices.end() && m_options.done.contains(cell_key(result)))
                m_retries.add(it->second, result);
        }
        return !m_retries.due().empty();
    }

    /// Measures flagged cases again until none is left or their retries are used up. False when stopped.
    bool retry_flagged() {
        for (std::vector<std::size_t> due = m_retries.due(); !due.empty(); due = m_retries.due()) {
            for (const std::size_t i : due) {
                const auto cells = static_cast<double>(m_retries.cells(i).size());
                m_progress.total += static_cast<std::int64_t>(cells);
                m_weight_total += cells * m_plan.cases[i].cell_seconds;
            }
            for (const std::size_t i : due) {
                if (m_stop.stop_requested() || !retry_case(i)) return false;
            }
        }
        return true;
    }

    bool retry_case(std::size_t i) {
        report_progress(case_label(m_plan.cases[i].c));
        std::vector<Result> again;
        std::vector<std::size_t> to_time;
        for (const Result& cell : m_retries.cells(i)) {
            to_time.push_back(again.size());
            again.push_back(without_samples(cell));
        }
        restart_case(i);
        if (!time_cells(i, again, to_time)) return false;
        for (const Result& result : m_retries.settle(i, std::move(again))) finish_cell(i, result);
        report_progress(case_label(m_plan.cases[i].c));
        return true;
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
    RetryList m_retries;
    Peaks m_peaks;
    ReferenceClocks m_clocks;
    bool m_timed_any = false;
    Progress m_progress;
    double m_weight_total = 0.0;
    double m_weight_done = 0.0;
    std::optional<Clock::time_point> m_started;
};

}  // namespace

std::unordered_set<std::string> finished_cells(const Session& session) {
    std::unordered_set<std::string> done;
    for (const Result& r : session.results) {
        if (r.status == Status::ok || r.status == Status::skipped) done.insert(cell_key(r));
    }
    return done;
}

SweepEnd run_sweep(const Plan& plan, Backend& backend, const SweepOptions& options, SweepObserver& observer,
                   std::stop_token stop) {
    if (options.shard_count < 1 || options.shard_index < 0 || options.shard_index >= options.shard_count) {
        throw Error(fmt::format("shard {}/{} does not exist: use 0/N to N-1/N", options.shard_index,
                                options.shard_count));
    }
    return Sweep(plan, backend, options, observer, std::move(stop)).run();
}

}  // namespace moescope
