// SPDX-License-Identifier: GPL-3.0-or-later
#include "sample_session.h"

#include <cmath>

#include "moescope/analysis/metrics.h"
#include "moescope/measurement/plan.h"
#include "moescope/measurement/runner.h"

namespace moescope::ui::test {
namespace {

class Collector final : public SweepObserver {
  public:
    explicit Collector(Session& session) : m_session(session) {}
    void on_peaks(const Peaks& peaks) override { m_session.peaks = peaks; }
    void on_result(const Result& result) override { m_session.results.push_back(result); }

  private:
    Session& m_session;
};

/// How much longer than the fake device says: kernels differ most where tokens are few and loads uneven.
double curve(const Result& r) {
    const double tokens = static_cast<double>(r.c.total_tokens);
    const double imbalance = std::max(1.0, r.load.max_over_mean);
    if (r.kernel == "triton") return 1.05 + 2.0 * std::exp(-tokens / 9000.0) * std::sqrt(imbalance - 0.6);
    if (r.kernel == "silu_v2") return 1.15 + 0.9 * std::exp(-tokens / 3000.0) + tokens / 900000.0;
    return 1.0 + 0.2 * std::exp(-tokens / 2000.0);
}

}  // namespace

FakeDeviceScript sampleDevice() {
    FakeDeviceScript script;
    script.efficiency = {{"silu_v2", 0.95}, {"silu_v3", 0.93}, {"triton", 0.94}};
    script.noise = 0.004;
    return script;
}

Session sampleSession(const Selection& selection) {
    const std::unique_ptr<BackendFactory> factory = make_fake_factory(sampleDevice());
    const Device device = factory->devices().front();
    const Plan plan = make_plan(selection, device, factory->kernels(device.id));
    Session session = new_session(selection, device);
    session.created = "2026-11-23T05:12:44Z";
    session.environment.device.name = "Sample GPU 80GB";
    session.environment.device.driver = "580.65";
    session.environment.device.runtime = "13.0";
    Collector collector(session);
    const std::unique_ptr<Backend> backend = factory->open(device.id);
    run_sweep(plan, *backend, {}, collector, {});
    for (Result& result : session.results) {
        if (result.status != Status::ok) continue;
        for (double& sample : result.samples_us) sample *= curve(result);
        fill_metrics(result, session.peaks);
    }
    return session;
}

Session sampleSession(const std::string& preset) {
    Selection selection = find_preset(preset).selection;
    selection.kernels = {"silu_v2", "triton"};
    return sampleSession(selection);
}

Session largeSession(std::size_t cases) {
    Selection selection;
    selection.name = "large";
    selection.max_tokens = {4096};
    selection.hidden = {2048};
    selection.strategies = {parse_strategy("even")};
    selection.kernels = {"silu_v2", "triton"};
    constexpr std::size_t kTokenCounts = 25;
    for (std::size_t i = 0; i < kTokenCounts; ++i)
        selection.tokens_per_expert.push_back(8 + 16 * static_cast<int>(i));
    for (std::size_t i = 0; i < (cases + kTokenCounts - 1) / kTokenCounts; ++i)
        selection.experts.push_back(4 + 4 * static_cast<int>(i));
    return sampleSession(selection);
}

}  // namespace moescope::ui::test
