// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "moescope/measurement/telemetry.h"
#include "moescope/workload/case.h"
#include "moescope/workload/rotation.h"

namespace moescope {

/// What is known of a device without running anything on it. Zero or empty: unknown.
struct Device {
    std::string id;    ///< `cpu`, `cuda:0`
    std::string kind;  ///< `cpu`, `cuda`
    std::string name;  ///< as its maker calls it
    std::string uuid;
    std::string compute_capability;  ///< `9.0`
    std::string isa;                 ///< CPU: the instruction set the vector kernel picks
    std::string driver;              ///< driver version
    std::string runtime;             ///< CUDA runtime version
    int sm_count = 0;                ///< multiprocessors (CPU: hardware threads)
    std::int64_t cache_bytes = 0;    ///< last-level cache (GPU: L2)
    std::int64_t memory_bytes = 0;   ///< in all
    std::int64_t free_bytes = 0;     ///< when asked
    double memory_clock_mhz = 0.0;
    int bus_width_bits = 0;
    double theoretical_gbps = 0.0;  ///< memory clock x bus width x 2
};

/// What a kernel is and what it can do. What it cannot do, the plan skips with the reason.
struct KernelTraits {
    std::string id;
    std::string description;
    bool is_operation = true;            ///< false: a ceiling such as stream41; it has no result to verify
    bool in_default_set = false;         ///< swept when the selection names no kernels
    Numerics numerics = Numerics::bf16;  ///< the convention it claims; unused if not an operation
    std::vector<std::int64_t> group_sizes;
    std::vector<ScaleFormat> scale_formats;
    std::vector<InputType> input_types{InputType::bf16};
    std::int64_t hidden_multiple_of = 1;
    /// Device memory it needs beside the tensors, for each of the E*T*H outputs.
    std::int64_t scratch_bytes_per_output = 0;
    /// What else it cannot do, in words, if anything; empty: nothing else.
    std::function<std::optional<std::string>(const Shape&)> further_limits = {};
    std::string plugin = {};  ///< file name of the plugin that it comes from; empty: it is built in
};

/// Why `kernel` cannot run this shape, or nothing.
std::optional<std::string> unsupported_reason(const KernelTraits& kernel, const Shape& shape);

/// What the kernels read.
enum class InputKind {
    normal,       ///< random normal values, as everything is timed with
    adversarial,  ///< the patterns of kernels/include/moescope/kernels/adversarial.h; to verify with
};
std::string_view to_string(InputKind kind);

/// Outcome of comparing a kernel with the reference of its numerics, over every valid token.
struct Verification {
    bool done = false;  ///< false: the kernel has nothing to verify
    bool passed = false;
    std::string reference;                 ///< `bf16` or `fp32`
    std::int64_t values = 0;               ///< codes compared
    std::int64_t mismatched_codes = 0;     ///< e4m3 codes that differ
    std::int64_t mismatched_scales = 0;    ///< scale words that differ
    std::int64_t touched_past_counts = 0;  ///< output bytes changed at or past counts[e]
    double max_scale_error = 0.0;          ///< largest relative difference of two scales
    std::string note;                      ///< the first difference, in words; empty when passed

    /// How far the dequantised output is from v = silu(gate) * up in double precision, whatever the numerics:
    /// root of the sum of squared errors over that of the squared values, and the same as a
    /// signal-to-quantization-noise ratio. Nothing where there is no finite value but zeros.
    std::optional<double> relative_error{};
    std::optional<double> sqnr_db{};
    std::int64_t mismatched_codes_bf16 = 0;  ///< codes that differ from the reference of the bf16 convention
    std::int64_t mismatched_codes_fp32 = 0;  ///< and from that of the fp32 convention
    std::int64_t clipped_values = 0;         ///< |v| / scale is beyond what rounds to 448 (464)
    std::int64_t nonfinite_values = 0;       ///< v or scale is no finite number; left out of the sums
    /// Of `values`, those in groups that no rule covers, so that the verdict leaves them out: only where fp32
    /// is claimed, and only for special values (tolerance.h). Writing past counts is judged in any case.
    std::int64_t unjudged_codes = 0;
};

/// Ceilings of the device, taken at the start of a session and again at its end (SPEC section 3).
struct Ceilings {
    double measured_gbps = 0.0;    ///< stream41: four bytes read for each written, past the cache
    double launch_floor_us = 0.0;  ///< an empty kernel, same launch method
};

/// One device, opened. Owns its context, buffers and threads. Not thread-safe: one thread at a time, and for
/// CUDA the thread that opened it. Every function throws Error; after one the next begin_case() starts clean
/// unless the message says that the device is lost.
class Backend {
  public:
    Backend() = default;
    Backend(const Backend&) = delete;  // owns device memory and a context
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    virtual const Device& device() const = 0;
    virtual const std::vector<KernelTraits>& kernels() const = 0;

    /// Allocates once for everything that follows and fills the input with random normal values.
    virtual void reserve(const BufferSizes& largest) = 0;
    /// How launches are timed from now on, ceilings included. Graph until told otherwise; the default throws
    /// Error for anything else.
    virtual void set_launch_mode(LaunchMode mode);
    /// stream41 bandwidth and launch floor. Call after reserve(); may be called again.
    virtual Ceilings measure_ceilings(std::stop_token stop) = 0;
    /// Makes `c` current. counts has c.shape.experts entries. The plan made the rotation (plan_rotation with
    /// this device's cache_bytes); its buffers fit what was reserved.
    virtual void begin_case(const Case& c, std::span<const std::int32_t> counts,
                            const Rotation& rotation) = 0;
    /// What the valid tokens of the cases that begin from now on hold. Normal until told otherwise; the
    /// default throws Error for anything else. Call after reserve().
    virtual void choose_input(InputKind kind);
    /// Poisons the outputs, launches once, compares all of it. Kernels that are no operation return
    /// done=false. May end early when stopped: what it returns is then void.
    virtual Verification verify(const std::string& kernel, std::stop_token stop) = 0;
    /// A block of `count` samples of the current case, microseconds per launch each. Warms up by itself on
    /// the first block of a kernel in a case, and runs one sample untimed when the cache mode is another than
    /// in the block before. May return fewer when stopped.
    virtual std::vector<double> sample(const std::string& kernel, CacheMode mode, int count,
                                       std::stop_token stop) = 0;
    /// Launches averaged in one sample of the block that sample() last returned.
    virtual int launches_per_sample() const = 0;
    /// State of the device during the last sample() or measure_ceilings(): read while it worked where that is
    /// possible, never so that a sample gets longer. Nothing where the device tells nothing, or when the last
    /// reading of this cell is only milliseconds old. Each reading is given once.
    virtual std::optional<TelemetryReading> take_telemetry() { return std::nullopt; }
};

/// Devices of this machine and how to open them; the app hands one to the window and to the command line.
class BackendFactory {
  public:
    BackendFactory() = default;
    BackendFactory(const BackendFactory&) = delete;
    BackendFactory& operator=(const BackendFactory&) = delete;
    virtual ~BackendFactory() = default;

    /// Best first; the CPU is always there and last.
    virtual std::vector<Device> devices() const = 0;
    /// Kernels of a device, without opening it. Throws Error for an unknown id.
    virtual std::vector<KernelTraits> kernels(const std::string& device_id) const = 0;
    /// Throws Error that lists the known ids.
    virtual std::unique_ptr<Backend> open(const std::string& device_id) const = 0;
};

/// The device called `id`, or the first when empty. Throws Error that lists what is there.
Device pick_device(const BackendFactory& factory, const std::string& id);

}  // namespace moescope
