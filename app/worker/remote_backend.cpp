// SPDX-License-Identifier: Apache-2.0
#include "remote_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "moescope/error.h"
#include "remote_worker.h"

namespace moescope::worker {
namespace {

/// What is not a plugin's may take long on a large case, but not for ever: a plugin may have broken it.
constexpr double kOwnCallSeconds = 600.0;
/// Backend's contract: an error after which the device is of no use to the process says so.
constexpr std::string_view kLost = "; the device is lost";

class RemoteBackend final : public Backend {
  public:
    RemoteBackend(PluginOptions options, std::string device_id, std::vector<KernelTraits> kernels,
                  std::vector<PluginKernel> plugin_kernels)
        : m_options(std::move(options)),
          m_device_id(std::move(device_id)),
          m_kernels(std::move(kernels)),
          m_plugin_kernels(std::move(plugin_kernels)) {
        start();
    }

    const Device& device() const override { return m_device; }
    const std::vector<KernelTraits>& kernels() const override { return m_kernels; }

    void reserve(const BufferSizes& largest) override {
        m_reserved = largest;
        call("reserve", {{"sizes", to_json(largest)}});
    }

    void set_launch_mode(LaunchMode mode) override {
        m_launch = mode;
        call("launch_mode", {{"mode", to_string(mode)}});
    }

    void choose_input(InputKind kind) override {
        m_input = kind;
        call("input", {{"kind", to_string(kind)}});
    }

    Ceilings measure_ceilings(std::stop_token stop) override {
        m_reading.reset();
        try {
            const Json result = call("ceilings", Json::object(), stop);
            m_reading = reading_from(result.at("telemetry"));
            return ceilings_from(result);
        } catch (const Stopped&) {
            return {};
        }
    }

    void begin_case(const Case& c, std::span<const std::int32_t> counts, const Rotation& rotation) override {
        call("begin", {{"case", to_json(c)},
                       {"counts", std::vector<std::int32_t>(counts.begin(), counts.end())},
                       {"rotation", to_json(rotation)}});
    }

    Verification verify(const std::string& kernel, std::stop_token stop) override {
        try {
            return verification_from(run(kernel, "verify", {{"kernel", kernel}}, stop));
        } catch (const Stopped&) {
            return {};
        }
    }

    std::vector<double> sample(const std::string& kernel, CacheMode mode, int count,
                               std::stop_token stop) override {
        m_reading.reset();
        try {
            const Json result = run(kernel, "sample",
                                    {{"kernel", kernel}, {"cache", to_string(mode)}, {"count", count}}, stop);
            m_reading = reading_from(result.at("telemetry"));
            m_launches_per_sample = result.at("launches_per_sample").get<int>();
            return result.at("samples_us").get<std::vector<double>>();
        } catch (const Stopped&) {
            return {};
        }
    }

    int launches_per_sample() const override { return m_launches_per_sample; }
    std::optional<TelemetryReading> take_telemetry() override { return std::exchange(m_reading, {}); }

  private:
    void start() {
        m_worker.emplace(m_options);
        try {
            for (const std::string& path : m_options.plugins) m_worker->load(path);
            m_device = device_from(m_worker->call("open", {{"device", m_device_id}}, kOwnCallSeconds));
            if (m_launch) m_worker->call("launch_mode", {{"mode", to_string(*m_launch)}}, kOwnCallSeconds);
            if (m_reserved) m_worker->call("reserve", {{"sizes", to_json(*m_reserved)}}, kOwnCallSeconds);
            if (m_input) m_worker->call("input", {{"kind", to_string(*m_input)}}, kOwnCallSeconds);
        } catch (const WorkerFault& e) {
            m_worker.reset();
            throw Error(fmt::format("the worker process {} while {} was opened", e.what(), m_device_id));
        } catch (...) {
            m_worker.reset();
            throw;
        }
    }

    RemoteWorker& worker() {
        if (!m_worker) start();
        return *m_worker;
    }

    /// A call that runs no kernel of a plugin.
    Json call(const char* name, Json request, const std::stop_token& stop = {}) {
        return guarded(name, kOwnCallSeconds, std::move(request), stop,
                       fmt::format("the worker process, {}:", name));
    }

    /// A call that runs `kernel`.
    Json run(const std::string& kernel, const char* name, Json request, const std::stop_token& stop) {
        const auto plugin = std::find_if(m_plugin_kernels.begin(), m_plugin_kernels.end(),
                                         [&](const PluginKernel& k) { return k.traits.id == kernel; });
        if (plugin == m_plugin_kernels.end()) return call(name, std::move(request), stop);
        const std::string who = fmt::format("plugin {}: kernel {}:", plugin->plugin, kernel);
        Faults& faults = m_faults[kernel];
        if (faults.count >= kMostFaults)
            throw Error(fmt::format("{} not tried again after {} faults; the last: {}", who, faults.count,
                                    faults.last));
        try {
            return guarded(name, m_options.timeout_seconds, std::move(request), stop, who);
        } catch (const WorkerFault& e) {
            ++faults.count;
            faults.last = e.what();
            throw;
        }
    }

    /// Errors that end the worker are WorkerFaults with the whole message.
    Json guarded(const char* name, double seconds, Json request, const std::stop_token& stop,
                 const std::string& who) {
        RemoteWorker& current = worker();
        try {
            return current.call(name, std::move(request), seconds, stop);
        } catch (const WorkerFault& e) {
            m_worker.reset();
            throw WorkerFault(
                fmt::format("{} its process {} in {}; it is started again", who, e.what(), name));
        } catch (const Stopped&) {
            m_worker.reset();
            throw;
        } catch (const Error& e) {
            const std::string message = e.what();
            const std::size_t lost = message.find(kLost);
            if (lost == std::string::npos) throw;
            m_worker.reset();
            throw WorkerFault(fmt::format("{} {} in {}; the device was lost and its process is started again",
                                          who, message.substr(0, lost), name));
        }
    }

    struct Faults {
        int count = 0;
        std::string last;
    };

    PluginOptions m_options;
    std::string m_device_id;
    std::vector<KernelTraits> m_kernels;
    std::vector<PluginKernel> m_plugin_kernels;
    std::optional<RemoteWorker> m_worker;  ///< nothing after a fault, until the next call
    std::optional<BufferSizes> m_reserved;
    std::optional<LaunchMode> m_launch;
    std::optional<InputKind> m_input;
    Device m_device;
    std::map<std::string, Faults> m_faults;
    int m_launches_per_sample = 1;
    std::optional<TelemetryReading> m_reading;  ///< of the last block or the ceilings
};

}  // namespace

std::unique_ptr<Backend> open_remote_backend(const PluginOptions& options, const std::string& device_id,
                                             std::vector<KernelTraits> kernels,
                                             std::vector<PluginKernel> plugin_kernels) {
    return std::make_unique<RemoteBackend>(options, device_id, std::move(kernels), std::move(plugin_kernels));
}

}  // namespace moescope::worker
