// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cuda_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "adversarial_fill.h"
#include "cuda_devices.h"
#include "cuda_handles.h"
#include "device_check.h"
#include "foreign_entry.h"
#include "kernel_table.h"
#include "launchers.h"
#include "moescope/analysis/statistics.h"
#include "moescope/kernels/verification.h"
#include "moescope/measurement/reading_schedule.h"
#include "moescope/message.h"
#include "nvml.h"
#include "replay_plan.h"
#include "replay_timer.h"
#include "triton_kernel.h"

namespace moescope {
namespace cuda {
namespace {

constexpr std::uint64_t kInputSeed = 0x6d6f6573636f7065;
/// What the ceiling is measured over, in memory of its own: where a tensor lies decides, too. On an H200 the
/// same stream reads 4,450 GB/s here and 4,165 in the first gigabytes of a buffer of 7.5 GB.
constexpr std::int64_t kCeilingInputBytes = std::int64_t{2} << 30;
constexpr std::int64_t kCeilingHidden = 7168;
constexpr int kCeilingLaunches = 4;
constexpr int kCeilingSamples = 20;
constexpr int kFloorLaunches = 256;
constexpr double kWarmUpUs = 2000.0;
constexpr int kWarmUpReplays = 3;
constexpr int kSingleLaunches = 300;  // timed from the host, for the floor of that mode
/// A reading of the telemetry may take a millisecond.
constexpr std::chrono::milliseconds kReadingInterval{10};
/// Only to choose how many launches a graph has, where the device does not tell its bandwidth.
constexpr double kAssumedGbps = 1000.0;
constexpr double kAssumedFloorUs = 3.0;

/// Rows of the valid tokens, in the order of the layout.
std::vector<std::int64_t> valid_rows(const Shape& shape, std::span<const std::int32_t> counts) {
    std::vector<std::int64_t> rows;
    for (std::size_t e = 0; e < counts.size(); ++e)
        for (std::int64_t t = 0; t < counts[e]; ++t)
            rows.push_back(static_cast<std::int64_t>(e) * shape.max_tokens + t);
    return rows;
}

/// The case in work and the graphs captured for it.
struct CurrentCase {
    Shape shape;
    Rotation rotation;
    std::int64_t tokens = 0;
    ReplayPlan replays;
    std::int64_t next_segment = 0;  ///< of the rotation; all kernels of the case go on from here
    using GraphKey = std::tuple<std::string, CacheMode, std::int64_t>;  ///< kernel, mode, segment
    std::map<GraphKey, GraphExec> graphs;
    std::map<std::pair<std::string, CacheMode>, bool> warm;
    std::int64_t next_slot = 0;            ///< of the rotation, for launches timed one by one
    std::optional<CacheMode> last_mode{};  ///< of the block before
};

class CudaBackend final : public Backend {
  public:
    CudaBackend(int ordinal, std::vector<ForeignKernel> foreign) {
        MOESCOPE_CUDA_CHECK(cudaSetDevice(ordinal));
        m_device = describe_device(ordinal);
        std::size_t free = 0;
        std::size_t total = 0;
        MOESCOPE_CUDA_CHECK(cudaMemGetInfo(&free, &total));
        m_device.free_bytes = static_cast<std::int64_t>(free);
        m_kernels = cuda_kernels(m_device.compute_capability);
        for (ForeignKernel& kernel : foreign) {
            m_foreign.push_back(foreign_entry(std::move(kernel)));
            m_kernels.push_back(m_foreign.back().traits);
        }
        m_stream = make_stream();
        m_timer.emplace();
        m_nvml_device = Nvml::instance().device(m_device.uuid);
    }

    const Device& device() const override { return m_device; }
    const std::vector<KernelTraits>& kernels() const override { return m_kernels; }

    void reserve(const BufferSizes& largest) override;
    void set_launch_mode(LaunchMode mode) override;
    Ceilings measure_ceilings(std::stop_token stop) override;
    void begin_case(const Case& c, std::span<const std::int32_t> counts, const Rotation& rotation) override;
    void choose_input(InputKind kind) override;
    Verification verify(const std::string& kernel, std::stop_token stop) override;
    std::vector<double> sample(const std::string& kernel, CacheMode mode, int count,
                               std::stop_token stop) override;
    int launches_per_sample() const override { return m_launches_per_sample; }
    std::optional<TelemetryReading> take_telemetry() override { return std::exchange(m_reading, {}); }

  private:
    bool try_reserve(const BufferSizes& sizes);
    void release_tensors();
    void hold_tensors(InputType type);
    void fill_input(InputType type);
    void read_telemetry();
    LaunchRequest request(std::int64_t slot) const;
    cudaGraphExec_t graph(const KernelEntry& kernel, CacheMode mode, std::int64_t segment);
    cudaGraphExec_t next_graph(const KernelEntry& kernel, CacheMode mode);
    void warm_up(const KernelEntry& kernel, CacheMode mode, std::stop_token stop);
    std::vector<double> replay_us(const KernelEntry& kernel, CacheMode mode, int count, std::stop_token stop,
                                  const std::function<void()>& while_running = {});
    std::vector<double> single_launches_us(const KernelEntry& kernel, CacheMode mode, int count,
                                           std::stop_token stop);
    double stream_gbps(std::stop_token stop);
    double launch_floor_us(std::stop_token stop);
    CurrentCase& current();
    void check_runnable(const KernelEntry& kernel, const Shape& shape);
    const KernelEntry& find(const std::string& kernel) const;

    TritonModulesUser m_triton;  // first: unloads after the graphs are gone
    Device m_device;
    std::vector<KernelTraits> m_kernels;
    std::vector<KernelEntry> m_foreign;  ///< of plugins
    Stream m_stream;
    LaunchMode m_launch = LaunchMode::graph;
    BufferSizes m_reserved;
    std::optional<InputType> m_filled;  ///< the type of the normal values that all of the input holds
    InputKind m_input_kind = InputKind::normal;
    DeviceBuffer m_input;
    DeviceBuffer m_codes;
    DeviceBuffer m_scales;
    DeviceBuffer m_scratch;
    DeviceBuffer m_counts;
    DeviceBuffer m_rows;
    std::optional<ReplayTimer> m_timer;
    std::optional<CurrentCase> m_case;
    int m_launches_per_sample = 0;
    double m_replay_us = replay_us_from_environment();
    Nvml::Device m_nvml_device = nullptr;
    ReadingSchedule m_readings{kReadingInterval};
    std::optional<TelemetryReading> m_reading;
};

void CudaBackend::set_launch_mode(LaunchMode mode) {
    if (mode == LaunchMode::pdl && std::atoi(m_device.compute_capability.c_str()) < 9) {
        throw SettingError(fmt::format(
            "{} (compute capability {}) has no programmatic dependent launch, which needs 9.0: leave out "
            "{} pdl",
            m_device.name, m_device.compute_capability, mention(Setting::launch)));
    }
    m_launch = mode;
}

void CudaBackend::release_tensors() {
    m_input.release();
    m_codes.release();
    m_scales.release();
    m_scratch.release();
    m_filled.reset();
}

/// False when the memory is not there.
bool CudaBackend::try_reserve(const BufferSizes& sizes) {
    try {
        m_input.ensure(static_cast<std::size_t>(sizes.input_bytes));
        m_codes.ensure(static_cast<std::size_t>(sizes.code_bytes));
        m_scales.ensure(static_cast<std::size_t>(sizes.scale_bytes));
        m_scratch.ensure(static_cast<std::size_t>(sizes.scratch_bytes));
        return true;
    } catch (const Error&) {
        release_tensors();
        // Out of memory leaves the device usable; anything else shows here.
        MOESCOPE_CUDA_CHECK(cudaDeviceSynchronize());
        return false;
    }
}

void CudaBackend::reserve(const BufferSizes& largest) {
    m_case.reset();
    m_reserved = largest;
    m_reserved.include({.input_bytes = 256, .code_bytes = 256, .scale_bytes = 256});
    if (!try_reserve(m_reserved)) {
        std::size_t free = 0;
        std::size_t total = 0;
        MOESCOPE_CUDA_CHECK(cudaMemGetInfo(&free, &total));
        throw Error(fmt::format(
            "{:.1f} GB for the largest case (input {:.1f}, codes {:.1f}, scales {:.1f}, scratch {:.1f}) do "
            "not "
            "fit: {} has {:.1f} GB free; choose fewer experts, a smaller T or H, or end what else uses the "
            "device",
            static_cast<double>(largest.total()) / 1e9, static_cast<double>(largest.input_bytes) / 1e9,
            static_cast<double>(largest.code_bytes) / 1e9, static_cast<double>(largest.scale_bytes) / 1e9,
            static_cast<double>(largest.scratch_bytes) / 1e9, m_device.name,
            static_cast<double>(free) / 1e9));
    }
    m_filled.reset();
}

/// What was reserved, back in memory and filled: only a case needs that, and the ceilings took its place.
void CudaBackend::hold_tensors(InputType type) {
    if (m_input.bytes() == 0) reserve(m_reserved);
    if (m_filled != type && m_input_kind == InputKind::normal) fill_input(type);
}

void CudaBackend::fill_input(InputType type) {
    check(launch_fill_normal(m_input.as<void>(), type, static_cast<std::int64_t>(m_input.bytes()), kInputSeed,
                             m_stream.get()),
          "launch of the input generator");
    MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(m_stream.get()));
    m_filled = type;
}

void CudaBackend::choose_input(InputKind kind) {
    m_case.reset();  // has the other input
    m_input_kind = kind;
}

void CudaBackend::read_telemetry() {
    if (m_nvml_device != nullptr) m_reading = Nvml::instance().read(m_nvml_device);
}

double CudaBackend::stream_gbps(std::stop_token stop) {
    const auto input = static_cast<std::int64_t>(m_input.bytes());
    const auto codes = static_cast<std::int64_t>(m_codes.bytes());
    const std::int64_t rows = std::min({input, 4 * codes, kCeilingInputBytes}) / (4 * kCeilingHidden);
    if (rows == 0) return 0.0;
    const GraphExec exec = capture_launches(m_stream.get(), kCeilingLaunches, [&](int, cudaStream_t stream) {
        return launch_stream41(kCeilingHidden, rows, nullptr, m_input.as<std::uint16_t>(),
                               m_codes.as<std::uint8_t>(), stream);
    });
    const auto next = [&] { return exec.get(); };
    m_timer->time(m_stream.get(), kWarmUpReplays, next, stop);
    const std::vector<double> times_us =
        m_timer->time(m_stream.get(), kCeilingSamples, next, stop, [&] { read_telemetry(); });
    if (times_us.empty()) return 0.0;
    return static_cast<double>(rows * kCeilingHidden * 5) * kCeilingLaunches / median(times_us) / 1e3;
}

double CudaBackend::launch_floor_us(std::stop_token stop) {
    if (m_launch == LaunchMode::host) {
        std::vector<double> times_us;
        for (int i = 0; i < kSingleLaunches && !stop.stop_requested(); ++i)
            times_us.push_back(single_launch_us(
                m_stream.get(), [](cudaStream_t stream) { return launch_empty(false, stream); }));
        return times_us.empty() ? 0.0 : median(times_us);
    }
    const GraphExec exec = capture_launches(m_stream.get(), kFloorLaunches, [&](int, cudaStream_t stream) {
        return launch_empty(m_launch == LaunchMode::pdl, stream);
    });
    const auto next = [&] { return exec.get(); };
    m_timer->time(m_stream.get(), kWarmUpReplays, next, stop);
    const std::vector<double> times_us = m_timer->time(m_stream.get(), kCeilingSamples, next, stop);
    return times_us.empty() ? 0.0 : median(times_us) / kFloorLaunches;
}

Ceilings CudaBackend::measure_ceilings(std::stop_token stop) {
    m_case.reset();
    m_reading.reset();
    release_tensors();
    // A small device makes do with what the cases need.
    if (try_reserve(
            {.input_bytes = kCeilingInputBytes, .code_bytes = kCeilingInputBytes / 4, .scale_bytes = 256})) {
        fill_input(InputType::bf16);
    } else {
        hold_tensors(InputType::bf16);
    }
    Ceilings ceilings;
    ceilings.measured_gbps = stream_gbps(stop);
    ceilings.launch_floor_us = launch_floor_us(stop);
    release_tensors();
    return ceilings;
}

void CudaBackend::begin_case(const Case& c, std::span<const std::int32_t> counts, const Rotation& rotation) {
    m_case.reset();
    m_reading.reset();
    m_readings.begin_case();
    hold_tensors(c.shape.input_type);
    const BufferSizes sizes = buffer_sizes(c.shape, rotation);
    if (sizes.input_bytes > static_cast<std::int64_t>(m_input.bytes()) ||
        sizes.code_bytes > static_cast<std::int64_t>(m_codes.bytes()) ||
        sizes.scale_bytes > static_cast<std::int64_t>(m_scales.bytes())) {
        throw Error(fmt::format("{} needs more memory than was reserved: reserve for the whole plan first",
                                case_label(c)));
    }
    const std::vector<std::int64_t> rows = valid_rows(c.shape, counts);
    m_counts.ensure(std::max<std::size_t>(counts.size_bytes(), 4));
    m_rows.ensure(std::max<std::size_t>(rows.size() * sizeof(std::int64_t), 8));
    MOESCOPE_CUDA_CHECK(cudaMemcpyAsync(m_counts.as<void>(), counts.data(), counts.size_bytes(),
                                        cudaMemcpyHostToDevice, m_stream.get()));
    MOESCOPE_CUDA_CHECK(cudaMemcpyAsync(m_rows.as<void>(), rows.data(), rows.size() * sizeof(std::int64_t),
                                        cudaMemcpyHostToDevice, m_stream.get()));
    const auto tokens = static_cast<std::int64_t>(rows.size());
    if (m_input_kind == InputKind::adversarial) {
        m_filled.reset();
        check(launch_fill_adversarial(c.shape, tokens, m_rows.as<std::int64_t>(), m_input.as<std::uint16_t>(),
                                      m_stream.get()),
              "launch of the adversarial input");
    }
    MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(m_stream.get()));

    const double gbps = m_device.theoretical_gbps > 0.0 ? m_device.theoretical_gbps : kAssumedGbps;
    const double estimate_us =
        kAssumedFloorUs + static_cast<double>(tokens * c.shape.bytes_per_token()) / gbps / 1e3;
    m_case.emplace();
    m_case->shape = c.shape;
    m_case->rotation = rotation;
    m_case->tokens = tokens;
    m_case->replays = plan_replays(rotation.slot_count(), estimate_us, m_replay_us);
}

const KernelEntry& CudaBackend::find(const std::string& kernel) const {
    for (const KernelEntry& entry : m_foreign)
        if (entry.traits.id == kernel) return entry;
    return find_kernel(kernel);
}

CurrentCase& CudaBackend::current() {
    if (!m_case) throw Error("no case is current: the last one failed to begin");
    return *m_case;
}

/// Prepares the kernel for launches of the shape. Throws Error when its scratch memory was not reserved.
void CudaBackend::check_runnable(const KernelEntry& kernel, const Shape& shape) {
    const std::int64_t scratch = shape.rows() * shape.hidden * kernel.traits.scratch_bytes_per_output;
    if (scratch > static_cast<std::int64_t>(m_scratch.bytes()))
        throw Error(fmt::format("{} needs {} bytes of scratch memory that were not reserved",
                                kernel.traits.id, scratch));
    if (kernel.prepare != nullptr) kernel.prepare(shape);
}

LaunchRequest CudaBackend::request(std::int64_t slot) const {
    const Shape& shape = m_case->shape;
    const Rotation& rotation = m_case->rotation;
    const std::int64_t set = rotation.set(slot);
    const std::int64_t row = rotation.first_row(slot);
    LaunchRequest request;
    request.programmatic = m_launch == LaunchMode::pdl;
    request.shape = shape;
    request.tokens = m_case->tokens;
    request.rows = m_rows.as<const std::int64_t>();
    request.scratch = m_scratch.as<void>();
    request.problem = {
        .input = m_input.as<const std::uint16_t>() + set * rotation.input_stride + row * 2 * shape.hidden,
        .codes = m_codes.as<std::uint8_t>() + set * rotation.code_stride + row * shape.hidden,
        .scales = m_scales.as<std::uint32_t>() + set * rotation.scale_stride + row,
        .counts = m_counts.as<const std::int32_t>(),
        .experts = shape.experts,
        .max_tokens = shape.max_tokens,
        .hidden = shape.hidden,
        .scale_words = shape.scale_words()};
    return request;
}

/// A comparison takes a fraction of a second: not worth interrupting.
Verification CudaBackend::verify(const std::string& kernel, std::stop_token) {
    const KernelEntry& entry = find(kernel);
    const CurrentCase& c = current();
    if (!entry.traits.is_operation) return {};
    check_runnable(entry, c.shape);
    const LaunchRequest launch = request(0);
    MOESCOPE_CUDA_CHECK(cudaMemsetAsync(launch.problem.codes, kPoisonByte,
                                        static_cast<std::size_t>(c.shape.code_bytes()), m_stream.get()));
    MOESCOPE_CUDA_CHECK(cudaMemsetAsync(launch.problem.scales, kPoisonByte,
                                        static_cast<std::size_t>(c.shape.scale_bytes()), m_stream.get()));
    check(entry.launch(launch, m_stream.get()), "launch");
    MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(m_stream.get()));
    return judge(entry.traits.numerics,
                 compare_on_device(c.shape, entry.traits.numerics, launch.problem, c.tokens, m_stream.get()));
}

cudaGraphExec_t CudaBackend::graph(const KernelEntry& kernel, CacheMode mode, std::int64_t segment) {
    CurrentCase& c = *m_case;
    GraphExec& exec = c.graphs[{kernel.traits.id, mode, segment}];
    if (!exec) {
        exec = capture_launches(m_stream.get(), c.replays.launches, [&](int i, cudaStream_t stream) {
            const std::int64_t slot =
                mode == CacheMode::hot ? 0 : c.replays.slot(segment, i, c.rotation.slot_count());
            return kernel.launch(request(slot), stream);
        });
    }
    return exec.get();
}

cudaGraphExec_t CudaBackend::next_graph(const KernelEntry& kernel, CacheMode mode) {
    if (mode == CacheMode::hot) return graph(kernel, mode, 0);
    const std::int64_t segment = m_case->next_segment;
    m_case->next_segment = (segment + 1) % m_case->replays.segments;
    return graph(kernel, mode, segment);
}

std::vector<double> CudaBackend::replay_us(const KernelEntry& kernel, CacheMode mode, int count,
                                           std::stop_token stop, const std::function<void()>& while_running) {
    return m_timer->time(
        m_stream.get(), count, [&] { return next_graph(kernel, mode); }, stop, while_running);
}

std::vector<double> CudaBackend::single_launches_us(const KernelEntry& kernel, CacheMode mode, int count,
                                                    std::stop_token stop) {
    CurrentCase& c = *m_case;
    std::vector<double> times_us;
    while (static_cast<int>(times_us.size()) < count && !stop.stop_requested()) {
        const LaunchRequest launch =
            request(mode == CacheMode::hot ? 0 : c.next_slot++ % c.rotation.slot_count());
        times_us.push_back(single_launch_us(
            m_stream.get(), [&](cudaStream_t stream) { return kernel.launch(launch, stream); }));
    }
    return times_us;
}

/// On the first block of a cell until code, clocks and cache are as they stay; later only where the block
/// before has left the cache in the other state.
void CudaBackend::warm_up(const KernelEntry& kernel, CacheMode mode, std::stop_token stop) {
    const auto run = [&](int count) {
        return m_launch == LaunchMode::host ? single_launches_us(kernel, mode, count, stop)
                                            : replay_us(kernel, mode, count, stop);
    };
    bool& warm = m_case->warm[{kernel.traits.id, mode}];
    if (warm && m_case->last_mode != mode) run(1);
    double spent_us = 0.0;
    while (!warm && !stop.stop_requested()) {
        for (const double us : run(kWarmUpReplays)) spent_us += us;
        warm = spent_us >= kWarmUpUs;
    }
    m_case->last_mode = mode;
}

std::vector<double> CudaBackend::sample(const std::string& kernel, CacheMode mode, int count,
                                        std::stop_token stop) {
    const KernelEntry& entry = find(kernel);
    const CurrentCase& c = current();
    check_runnable(entry, c.shape);
    warm_up(entry, mode, stop);
    m_reading.reset();
    const bool read = m_nvml_device != nullptr && m_readings.due(kernel, mode);
    if (m_launch == LaunchMode::host) {
        m_launches_per_sample = 1;
        std::vector<double> samples_us = single_launches_us(entry, mode, count, stop);
        if (read) read_telemetry();
        return samples_us;
    }
    m_launches_per_sample = c.replays.launches;
    std::vector<double> samples_us = replay_us(entry, mode, count, stop, [&] {
        if (read && !m_reading) read_telemetry();
    });
    for (double& us : samples_us) us /= c.replays.launches;
    return samples_us;
}

}  // namespace
}  // namespace cuda

std::unique_ptr<Backend> open_cuda_backend(int ordinal, std::vector<ForeignKernel> foreign) {
    return std::make_unique<cuda::CudaBackend>(ordinal, std::move(foreign));
}

}  // namespace moescope
