// SPDX-License-Identifier: Apache-2.0
#include "moescope/kernels/cpu_backend.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "adversarial_input.h"
#include "host_buffer.h"
#include "masked_check.h"
#include "moescope/kernels/cpu_kernel.h"
#include "moescope/kernels/verification.h"
#include "moescope/measurement/reading_schedule.h"
#include "moescope/message.h"
#include "random_input.h"
#include "system_info.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

constexpr double kSampleUs =
    200.0;  // a sample takes at least so long: the clock and a wake-up are small in it
constexpr double kWarmUpUs = 5000.0;  // of launches before the first sample of a kernel in a case
constexpr std::chrono::milliseconds kReadingInterval{100};  // a reading opens a dozen files
constexpr std::uint64_t kInputSeed = 0x6D6F6573;

struct Entry {
    KernelTraits traits;
    std::function<void(ThreadPool& pool, CpuIsa isa, const MaskedTensors& tensors)> run;
};

KernelTraits traits_of(std::string id, std::string description, Numerics numerics) {
    KernelTraits traits;
    traits.id = std::move(id);
    traits.description = std::move(description);
    traits.numerics = numerics;
    traits.group_sizes = {32, 64, 128, 256};
    traits.scale_formats = {ScaleFormat::fp32, ScaleFormat::fp32_ue8m0, ScaleFormat::ue8m0_packed};
    traits.input_types = {InputType::bf16, InputType::fp16};
    return traits;
}

const std::vector<Entry>& entries() {
    static const std::vector<Entry> table = [] {
        Entry vector{traits_of("cpu", "vectorised, all threads, streaming stores", Numerics::bf16),
                     run_cpu_quantize};
        vector.traits.in_default_set = true;
        Entry stream{
            traits_of("stream41", "speed limit: reads four bytes for each it writes", Numerics::bf16),
            run_cpu_stream};
        stream.traits.in_default_set = true;
        stream.traits.is_operation = false;
        Entry bf16{traits_of("reference", "scalar reference, bf16 numerics", Numerics::bf16),
                   [](ThreadPool& pool, CpuIsa, const MaskedTensors& tensors) {
                       run_cpu_reference(pool, Numerics::bf16, tensors);
                   }};
        Entry fp32{traits_of("reference_fp32", "scalar reference, fp32 numerics", Numerics::fp32),
                   [](ThreadPool& pool, CpuIsa, const MaskedTensors& tensors) {
                       run_cpu_reference(pool, Numerics::fp32, tensors);
                   }};
        return std::vector<Entry>{vector, stream, bf16, fp32};
    }();
    return table;
}

/// A plugin's kernel: its threads are its own affair.
Entry foreign_entry(ForeignKernel kernel) {
    auto workspace = std::make_shared<HostBuffer>();
    KernelTraits traits = kernel.traits;
    const auto run = [kernel = std::move(kernel), workspace](ThreadPool&, CpuIsa,
                                                             const MaskedTensors& tensors) {
        moescope_launch_args arguments = moescope::launch_arguments(kernel, tensors.shape);
        arguments.input = tensors.input;
        arguments.codes = tensors.codes;
        arguments.scales = tensors.scales;
        arguments.counts = tensors.counts;
        const auto needed = static_cast<std::int64_t>(workspace_bytes(kernel, arguments));
        if (needed > workspace->bytes()) *workspace = HostBuffer(needed, "workspace");
        arguments.workspace = workspace->as<void>();
        arguments.workspace_bytes = static_cast<std::uint64_t>(workspace->bytes());
        moescope::launch(kernel, arguments);
    };
    return {std::move(traits), run};
}

const Entry& find_entry(const std::vector<Entry>& all, const std::string& kernel) {
    std::vector<std::string> known;
    for (const Entry& entry : all) {
        if (entry.traits.id == kernel) return entry;
        known.push_back(entry.traits.id);
    }
    throw Error(
        fmt::format("kernel {}: not known on the cpu: use one of {}", kernel, fmt::join(known, ", ")));
}

class CpuBackend final : public Backend {
  public:
    explicit CpuBackend(std::vector<ForeignKernel> foreign)
        : m_device(cpu_device()),
          m_isa(choose_cpu_isa()),
          m_entries(entries()),
          m_pool(m_device.sm_count),
          m_processors(allowed_processors()),
          m_tells_state(read_cpu_telemetry("", m_processors).has_value()) {
        for (ForeignKernel& kernel : foreign) m_entries.push_back(foreign_entry(std::move(kernel)));
        for (const Entry& entry : m_entries) m_kernels.push_back(entry.traits);
    }

    const Device& device() const override { return m_device; }
    const std::vector<KernelTraits>& kernels() const override { return m_kernels; }
    void reserve(const BufferSizes& largest) override;
    void set_launch_mode(LaunchMode mode) override {
        if (mode == LaunchMode::pdl)
            throw SettingError("a CPU has no programmatic dependent launch: leave out " +
                               mention(Setting::launch) + " pdl, or sweep a GPU");
        m_launch = mode;
    }
    Ceilings measure_ceilings(std::stop_token stop) override;
    void begin_case(const Case& c, std::span<const std::int32_t> counts, const Rotation& rotation) override;
    void choose_input(InputKind kind) override;
    Verification verify(const std::string& kernel, std::stop_token stop) override;
    std::vector<double> sample(const std::string& kernel, CacheMode mode, int count,
                               std::stop_token stop) override;
    int launches_per_sample() const override { return m_launches_per_sample; }
    std::optional<TelemetryReading> take_telemetry() override { return std::exchange(m_reading, {}); }

  private:
    MaskedTensors slot(std::int64_t index) const;
    void fill_normal(InputType type);
    void launch(const Entry& entry, CacheMode mode);
    int warm_up(const Entry& entry, CacheMode mode, const std::stop_token& stop);
    double stream_gbps(const std::stop_token& stop);
    double launch_floor_us();
    void read_telemetry();
    void require_case() const;

    Device m_device;
    CpuIsa m_isa;
    std::vector<Entry> m_entries;
    std::vector<KernelTraits> m_kernels;
    ThreadPool m_pool;
    std::set<int> m_processors;
    bool m_tells_state;  ///< whether the system has any telemetry at all
    ReadingSchedule m_readings{kReadingInterval};
    std::optional<TelemetryReading> m_reading;
    LaunchMode m_launch = LaunchMode::graph;
    BufferSizes m_reserved;
    InputKind m_input_kind = InputKind::normal;
    std::optional<InputType> m_normal;  ///< the type of the normal values that all of the input holds
    HostBuffer m_input;
    HostBuffer m_codes;
    HostBuffer m_scales;

    Shape m_shape;
    std::vector<std::int32_t> m_counts;  ///< empty: no case
    Rotation m_rotation;
    std::int64_t m_next_slot = 0;  ///< goes on over kernels and samples of a case
    std::map<std::pair<std::string, CacheMode>, int> m_launches;  ///< per sample, of what is warm
    int m_launches_per_sample = 1;
    std::optional<CacheMode> m_last_mode;  ///< of the block before
};

void CpuBackend::reserve(const BufferSizes& largest) {
    m_counts.clear();
    m_reserved = {};
    m_input = {};
    m_codes = {};
    m_scales = {};
    const std::int64_t needed = largest.total() + 2 * kGuardBytes;
    const std::int64_t available = available_memory_bytes("");
    if (available != 0 && needed > available)
        throw Error(
            fmt::format("the largest case needs {:.2f} GB of memory and {:.2f} GB are free: choose fewer "
                        "experts, fewer tokens of capacity or a smaller hidden size",
                        static_cast<double>(needed) / 1e9, static_cast<double>(available) / 1e9));
    m_input = HostBuffer(largest.input_bytes, "input");
    m_codes = HostBuffer(largest.code_bytes + kGuardBytes, "codes");
    m_scales = HostBuffer(largest.scale_bytes + kGuardBytes, "scales");
    m_reserved = largest;
    fill_normal(InputType::bf16);
    // Pages exist once they are written; the first launch must not pay for that.
    fill_poison(m_pool, m_codes.as<std::uint8_t>(), m_codes.bytes());
    fill_poison(m_pool, m_scales.as<std::uint8_t>(), m_scales.bytes());
}

void CpuBackend::fill_normal(InputType type) {
    fill_random_normal(m_pool, m_input.as<std::uint16_t>(), m_reserved.input_bytes / 2, kInputSeed, type);
    m_normal = type;
}

void CpuBackend::choose_input(InputKind kind) {
    m_counts.clear();  // a case that has begun has the other input
    m_input_kind = kind;
}

void CpuBackend::begin_case(const Case& c, std::span<const std::int32_t> counts, const Rotation& rotation) {
    m_counts.clear();
    if (const auto problem = shape_problem(c.shape)) throw SettingError(*problem);
    if (static_cast<std::int64_t>(counts.size()) != c.shape.experts ||
        std::any_of(counts.begin(), counts.end(),
                    [&](std::int32_t count) { return count < 0 || count > c.shape.max_tokens; }))
        throw Error(fmt::format("{}: needs {} counts between 0 and {}", case_label(c), c.shape.experts,
                                c.shape.max_tokens));
    const BufferSizes sizes = buffer_sizes(c.shape, rotation);
    if (sizes.input_bytes > m_reserved.input_bytes || sizes.code_bytes > m_reserved.code_bytes ||
        sizes.scale_bytes > m_reserved.scale_bytes)
        throw Error(fmt::format("{}: does not fit the buffers reserved before: reserve for the largest case",
                                case_label(c)));
    m_shape = c.shape;
    m_counts.assign(counts.begin(), counts.end());
    m_rotation = rotation;
    m_next_slot = 0;
    if (m_input_kind == InputKind::adversarial) {
        fill_adversarial(m_pool, m_shape, m_counts, m_input.as<std::uint16_t>());
        m_normal.reset();
    } else if (m_normal != m_shape.input_type) {
        fill_normal(m_shape.input_type);
    }
    m_launches.clear();
    m_last_mode.reset();
    m_reading.reset();
    m_readings.begin_case();
}

void CpuBackend::require_case() const {
    if (m_counts.empty()) throw Error("no case has been begun on the cpu: begin one before it is measured");
}

MaskedTensors CpuBackend::slot(std::int64_t index) const {
    const std::int64_t row = m_rotation.first_row(index);
    const std::int64_t set = m_rotation.set(index);
    return {.shape = m_shape,
            .counts = m_counts.data(),
            .input = m_input.as<std::uint16_t>() + set * m_rotation.input_stride + row * 2 * m_shape.hidden,
            .codes = m_codes.as<std::uint8_t>() + set * m_rotation.code_stride + row * m_shape.hidden,
            .scales = m_scales.as<std::uint32_t>() + set * m_rotation.scale_stride + row};
}

void CpuBackend::launch(const Entry& entry, CacheMode mode) {
    entry.run(m_pool, m_isa, slot(mode == CacheMode::cold ? m_next_slot++ : 0));
}

Verification CpuBackend::verify(const std::string& kernel, std::stop_token stop) {
    const Entry& entry = find_entry(m_entries, kernel);
    require_case();
    if (!entry.traits.is_operation) return {};
    const MaskedTensors tensors = slot(0);
    poison_outputs(m_pool, tensors);
    entry.run(m_pool, m_isa, tensors);
    return judge(entry.traits.numerics, compare_outputs(m_pool, tensors, entry.traits.numerics, stop));
}

/// Returns the launches that fill a sample.
int CpuBackend::warm_up(const Entry& entry, CacheMode mode, const std::stop_token& stop) {
    const Clock::time_point start = Clock::now();
    double shortest_us = 1e9;
    do {
        const Clock::time_point before = Clock::now();
        launch(entry, mode);
        shortest_us = std::min(shortest_us, microseconds_since(before));
    } while (microseconds_since(start) < kWarmUpUs && !stop.stop_requested());
    if (m_launch == LaunchMode::host) return 1;
    return std::clamp(static_cast<int>(kSampleUs / std::max(shortest_us, 0.01)) + 1, 1, 10000);
}

std::vector<double> CpuBackend::sample(const std::string& kernel, CacheMode mode, int count,
                                       std::stop_token stop) {
    const Entry& entry = find_entry(m_entries, kernel);
    require_case();
    const auto key = std::pair(kernel, mode);
    if (!m_launches.contains(key)) {
        m_launches[key] = warm_up(entry, mode, stop);
    } else if (m_last_mode != mode) {
        launch(entry, mode);  // the block before has left the cache in the other state
    }
    m_last_mode = mode;
    m_launches_per_sample = m_launches[key];
    std::vector<double> samples;
    samples.reserve(static_cast<std::size_t>(std::max(count, 0)));
    for (int i = 0; i < count && !stop.stop_requested(); ++i) {
        const Clock::time_point start = Clock::now();
        for (int j = 0; j < m_launches_per_sample; ++j) launch(entry, mode);
        samples.push_back(microseconds_since(start) / m_launches_per_sample);
    }
    // After the block: the processors that would be asked were busy measuring, and still have its clock.
    m_reading.reset();
    if (m_tells_state && m_readings.due(kernel, mode)) read_telemetry();
    return samples;
}

Ceilings CpuBackend::measure_ceilings(std::stop_token stop) {
    Ceilings ceilings;
    ceilings.measured_gbps = stream_gbps(stop);
    if (m_tells_state) read_telemetry();
    ceilings.launch_floor_us = launch_floor_us();
    return ceilings;
}

void CpuBackend::read_telemetry() {
    m_reading = read_cpu_telemetry("", m_processors);
}

double CpuBackend::stream_gbps(const std::stop_token& stop) {
    constexpr std::int64_t kColumns = 7168;  // no power of two: streams 4 KiB apart get in each other's way
    constexpr std::int64_t kMaxRows =
        (std::int64_t{2} << 30) / (5 * kColumns);  // 2 GiB say as much as more do
    constexpr int kMinPasses = 7;
    constexpr double kEnoughUs = 300e3;
    Shape shape{.experts = 1, .hidden = kColumns, .group_size = 128};
    shape.max_tokens =
        std::min({m_reserved.input_bytes / (4 * kColumns), m_reserved.code_bytes / kColumns, kMaxRows});
    const auto rows = static_cast<std::int32_t>(shape.max_tokens);
    if (rows == 0)
        throw Error("no buffers have been reserved on the cpu: reserve them before its limits are measured");
    const MaskedTensors tensors{.shape = shape,
                                .counts = &rows,
                                .input = m_input.as<std::uint16_t>(),
                                .codes = m_codes.as<std::uint8_t>(),
                                .scales = m_scales.as<std::uint32_t>()};
    run_cpu_stream(m_pool, m_isa, tensors);
    std::vector<double> passes_us;
    const Clock::time_point start = Clock::now();
    do {
        const Clock::time_point before = Clock::now();
        run_cpu_stream(m_pool, m_isa, tensors);
        passes_us.push_back(microseconds_since(before));
    } while ((passes_us.size() < kMinPasses || microseconds_since(start) < kEnoughUs) &&
             !stop.stop_requested());
    return 5.0 * static_cast<double>(rows * kColumns) / median(passes_us) / 1e3;
}

double CpuBackend::launch_floor_us() {
    constexpr int kBlocks = 51;
    const int jobs = m_launch == LaunchMode::host ? 1 : 50;  // as the samples of the mode are taken
    const std::function<void(int)> nothing = [](int) {};
    std::vector<double> blocks_us;
    for (int block = 0; block < kBlocks; ++block) {
        const Clock::time_point start = Clock::now();
        for (int i = 0; i < jobs; ++i) m_pool.run(nothing);
        blocks_us.push_back(microseconds_since(start) / jobs);
    }
    return median(blocks_us);
}

}  // namespace

std::vector<KernelTraits> cpu_kernels() {
    std::vector<KernelTraits> traits;
    for (const Entry& entry : entries()) traits.push_back(entry.traits);
    return traits;
}

std::unique_ptr<Backend> open_cpu_backend(std::vector<ForeignKernel> foreign) {
    return std::make_unique<CpuBackend>(std::move(foreign));
}

}  // namespace moescope
