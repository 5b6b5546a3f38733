// SPDX-License-Identifier: Apache-2.0
#include "moescope/measurement/fake_backend.h"

#include <fmt/format.h>

#include <utility>

#include "moescope/analysis/metrics.h"
#include "moescope/error.h"
#include "workload/random.h"

namespace moescope {
namespace {

const std::vector<std::int64_t> kGroupSizes{32, 64, 128, 256};
const std::vector<ScaleFormat> kFormats{ScaleFormat::fp32, ScaleFormat::fp32_ue8m0,
                                        ScaleFormat::ue8m0_packed};

Device fake_device(const FakeDeviceScript& script) {
    Device device;
    device.id = script.id;
    device.kind = "fake";
    device.name = "Fake device";
    device.sm_count = 132;
    device.cache_bytes = std::int64_t{50} << 20;
    device.memory_bytes = script.memory_bytes;
    device.free_bytes = script.memory_bytes;
    device.theoretical_gbps = script.stream_gbps * 1.1;
    return device;
}

std::vector<KernelTraits> fake_kernels(const FakeDeviceScript& script) {
    std::vector<KernelTraits> kernels;
    for (const auto& [id, efficiency] : script.efficiency) {
        KernelTraits traits;
        traits.id = id;
        traits.description = "scripted";
        traits.in_default_set = true;
        traits.group_sizes = kGroupSizes;
        traits.scale_formats = kFormats;
        traits.input_types = script.input_types;
        kernels.push_back(traits);
    }
    return kernels;
}

class FakeBackend final : public Backend {
  public:
    explicit FakeBackend(FakeDeviceScript script)
        : m_script(std::move(script)),
          m_device(fake_device(m_script)),
          m_kernels(fake_kernels(m_script)),
          m_random(1) {}

    const Device& device() const override { return m_device; }
    const std::vector<KernelTraits>& kernels() const override { return m_kernels; }

    void reserve(const BufferSizes& largest) override {
        if (largest.total() > m_device.memory_bytes) throw Error("the fake device has no room for that");
        m_reserved = largest;
    }

    void set_launch_mode(LaunchMode mode) override {
        if (!m_script.host_launches) Backend::set_launch_mode(mode);
        m_launch = mode;
    }

    Ceilings measure_ceilings(std::stop_token) override {
        read();
        return {m_script.stream_gbps * speed(), floor_us() / speed()};
    }

    void begin_case(const Case& c, std::span<const std::int32_t> counts, const Rotation& rotation) override {
        if (static_cast<std::int64_t>(counts.size()) != c.shape.experts)
            throw Error("counts do not match the experts");
        if (buffer_sizes(c.shape, rotation).total() > m_reserved.total())
            throw Error("the case is larger than what was reserved");
        m_case = c;
    }

    void choose_input(InputKind kind) override { m_input = kind; }

    Verification verify(const std::string& kernel, std::stop_token stop) override {
        if (m_script.before_verify) m_script.before_verify(m_input, std::move(stop));
        Verification v;
        v.done = true;
        v.reference = "bf16";
        v.values = m_case.total_tokens * m_case.shape.hidden;
        v.passed = !m_script.fail_verification.contains(kernel);
        if (m_script.accuracy) m_script.accuracy(v);
        if (!v.passed) {
            v.mismatched_codes = 1;
            v.note = "expert 0, token 0, column 0: code 0x01, reference 0x02";
        }
        return v;
    }

    std::vector<double> sample(const std::string& kernel, CacheMode mode, int count,
                               std::stop_token stop) override {
        const auto it = m_script.efficiency.find(kernel);
        if (it == m_script.efficiency.end())
            throw Error(fmt::format("the fake device has no kernel '{}'", kernel));
        if (m_script.throw_on_sample.contains(kernel))
            throw Error(fmt::format("{}: the launch failed, as scripted", kernel));
        const Peaks peaks{std::nullopt, m_script.stream_gbps, floor_us()};
        const double limit = *limit_us(moved_bytes(m_case.shape, m_case.total_tokens), peaks);
        const double hot = mode == CacheMode::hot ? 0.8 : 1.0;
        std::vector<double> samples;
        for (int i = 0; i < count && !stop.stop_requested(); ++i) {
            if (m_script.before_sample) m_script.before_sample();
            samples.push_back(hot * limit / it->second / speed() *
                              (1.0 + m_script.noise * (2.0 * m_random.uniform() - 1.0)));
        }
        read();
        return samples;
    }

    std::optional<TelemetryReading> take_telemetry() override { return std::exchange(m_reading, {}); }

    int launches_per_sample() const override { return 1; }

  private:
    double speed() const { return m_script.speed ? m_script.speed() : 1.0; }
    double floor_us() const {
        return m_launch == LaunchMode::host ? m_script.host_floor_us : m_script.floor_us;
    }
    void read() {
        if (m_script.telemetry) m_reading = m_script.telemetry();
    }

    FakeDeviceScript m_script;
    LaunchMode m_launch = LaunchMode::graph;
    InputKind m_input = InputKind::normal;
    std::optional<TelemetryReading> m_reading;
    Device m_device;
    std::vector<KernelTraits> m_kernels;
    Random m_random;
    BufferSizes m_reserved;
    Case m_case;
};

class FakeFactory final : public BackendFactory {
  public:
    explicit FakeFactory(FakeDeviceScript script) : m_script(std::move(script)) {}

    std::vector<Device> devices() const override { return {fake_device(m_script)}; }
    std::vector<KernelTraits> kernels(const std::string& device_id) const override {
        pick_device(*this, device_id);
        return fake_kernels(m_script);
    }
    std::unique_ptr<Backend> open(const std::string& device_id) const override {
        pick_device(*this, device_id);
        return make_fake_backend(m_script);
    }

  private:
    FakeDeviceScript m_script;
};

}  // namespace

std::unique_ptr<Backend> make_fake_backend(const FakeDeviceScript& script) {
    return std::make_unique<FakeBackend>(script);
}

std::unique_ptr<BackendFactory> make_fake_factory(const FakeDeviceScript& script) {
    return std::make_unique<FakeFactory>(script);
}

}  // namespace moescope
