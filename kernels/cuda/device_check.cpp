// SPDX-License-Identifier: Apache-2.0
#include "device_check.h"

#include <fmt/format.h>

#include <vector>

#include "difference_counters.h"
#include "launchers.h"
#include "moescope/kernels/numerics.h"

namespace moescope::cuda {
namespace {

/// One row of every tensor on the host.
struct HostRow {
    std::vector<std::uint16_t> input;
    std::vector<std::uint8_t> codes;
    std::vector<std::uint32_t> scales;
};

HostRow fetch_row(const Shape& shape, const MaskedProblem& problem, std::int64_t row) {
    const std::int64_t expert = row / shape.max_tokens;
    const std::int64_t token = row % shape.max_tokens;
    const std::int64_t words = shape.scale_words();
    HostRow host{.input = std::vector<std::uint16_t>(static_cast<std::size_t>(2 * shape.hidden)),
                 .codes = std::vector<std::uint8_t>(static_cast<std::size_t>(shape.hidden)),
                 .scales = std::vector<std::uint32_t>(static_cast<std::size_t>(words))};
    MOESCOPE_CUDA_CHECK(cudaMemcpy(host.input.data(), problem.input + row * 2 * shape.hidden,
                                   host.input.size() * 2, cudaMemcpyDeviceToHost));
    MOESCOPE_CUDA_CHECK(cudaMemcpy(host.codes.data(), problem.codes + row * shape.hidden, host.codes.size(),
                                   cudaMemcpyDeviceToHost));
    MOESCOPE_CUDA_CHECK(cudaMemcpy2D(
        host.scales.data(), 4, problem.scales + expert * shape.max_tokens * words + token,
        static_cast<std::size_t>(shape.max_tokens) * 4, 4, host.scales.size(), cudaMemcpyDeviceToHost));
    return host;
}

/// The first difference in words, by the CPU's comparison of that row.
std::string describe_first(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                           const DifferenceCounters& counters) {
    TokenComparison comparison(shape, numerics);
    const bool wrong = counters.first_row != kNoRow;
    const auto row = static_cast<std::int64_t>(wrong ? counters.first_row : counters.first_touched_row);
    const HostRow host = fetch_row(shape, problem, row);
    const std::int64_t expert = row / shape.max_tokens;
    const std::int64_t token = row % shape.max_tokens;
    if (wrong) {
        comparison.compare(expert, token, host.input.data(), host.codes.data(), host.scales.data(), 1);
    } else {
        const std::string place = fmt::format("of expert {}, row {}", expert, token);
        comparison.expect_untouched(host.codes.data(), static_cast<std::int64_t>(host.codes.size()),
                                    "codes " + place);
        comparison.expect_untouched(host.scales.data(), static_cast<std::int64_t>(host.scales.size() * 4),
                                    "scales " + place);
    }
    const std::string& words = comparison.differences().first;
    if (!words.empty()) return words;
    return fmt::format("expert {}, row {} differs on the device but not when read back", expert, token);
}

}  // namespace

Differences compare_on_device(const Shape& shape, Numerics numerics, const MaskedProblem& problem,
                              std::int64_t tokens, cudaStream_t stream) {
    DeviceBuffer memory;
    memory.ensure(sizeof(DifferenceCounters));
    DifferenceCounters counters = cleared_counters();
    MOESCOPE_CUDA_CHECK(cudaMemcpyAsync(memory.as<DifferenceCounters>(), &counters, sizeof counters,
                                        cudaMemcpyHostToDevice, stream));
    check(launch_compare(shape, numerics, problem, kPoisonByte, memory.as<DifferenceCounters>(), stream),
          "launch of the reference comparison");
    MOESCOPE_CUDA_CHECK(cudaMemcpyAsync(&counters, memory.as<DifferenceCounters>(), sizeof counters,
                                        cudaMemcpyDeviceToHost, stream));
    MOESCOPE_CUDA_CHECK(cudaStreamSynchronize(stream));

    Differences differences;
    differences.codes = tokens * shape.hidden;
    differences.scales = tokens * shape.scale_words();
    differences.mismatched_codes = static_cast<std::int64_t>(counters.mismatched_codes);
    differences.distant_codes = static_cast<std::int64_t>(counters.distant_codes);
    differences.mismatched_scales = static_cast<std::int64_t>(counters.mismatched_scales);
    differences.touched_past_counts = static_cast<std::int64_t>(counters.touched_past_counts);
    differences.max_scale_error = static_cast<double>(numerics::bits_float(counters.max_scale_error_bits));
    differences.mismatched_codes_bf16 = static_cast<std::int64_t>(counters.mismatched_codes_bf16);
    differences.mismatched_codes_fp32 = static_cast<std::int64_t>(counters.mismatched_codes_fp32);
    differences.clipped_values = static_cast<std::int64_t>(counters.clipped_values);
    differences.nonfinite_values = static_cast<std::int64_t>(counters.nonfinite_values);
    differences.unjudged_codes = static_cast<std::int64_t>(counters.unjudged_codes);
    differences.value_squares = counters.value_squares;
    differences.error_squares = counters.error_squares;
    if (counters.first_row != kNoRow || counters.first_touched_row != kNoRow)
        differences.first = describe_first(shape, numerics, problem, counters);
    return differences;
}

}  // namespace moescope::cuda
