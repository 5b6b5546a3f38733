// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <mutex>

#include "exported_kernels.h"
#include "moescope/kernels/cpu_backend.h"
#include "moescope/kernels/cpu_kernel.h"
#include "thread_pool.h"

namespace moescope::abi {
namespace {

/// Threads of all CPU kernels here: made at the first launch, kept to the end of the process. A library that
/// joined them in a destructor would do so while the process exits, in no order that anybody knows.
ThreadPool& shared_pool() {
    static auto* const pool = new ThreadPool(available_threads());
    return *pool;
}

Outcome check_counts(const moescope_launch_args& arguments) {
    for (std::int64_t e = 0; e < arguments.experts; ++e)
        if (arguments.counts[e] < 0 || arguments.counts[e] > arguments.max_tokens)
            return {MOESCOPE_INVALID_ARGUMENT,
                    fmt::format("counts[{}] is {}: 0 to max_tokens, {}, are possible", e, arguments.counts[e],
                                arguments.max_tokens)};
    return {};
}

using Run = void (*)(ThreadPool& pool, const MaskedTensors& tensors);

Outcome launch_on_cpu(Run run, const moescope_launch_args& arguments) {
    if (Outcome outcome = check_counts(arguments); outcome.status != MOESCOPE_OK) return outcome;
    static std::mutex mutex;  // the pool does one thing at a time
    const std::lock_guard lock(mutex);
    run(shared_pool(), {.shape = shape_of(arguments),
                        .counts = arguments.counts,
                        .input = static_cast<const std::uint16_t*>(arguments.input),
                        .codes = static_cast<std::uint8_t*>(arguments.codes),
                        .scales = static_cast<std::uint32_t*>(arguments.scales)});
    return {};
}

Run run_of(const KernelTraits& traits) {
    if (traits.id == "cpu")
        return [](ThreadPool& pool, const MaskedTensors& tensors) {
            static const CpuIsa isa = choose_cpu_isa();
            run_cpu_quantize(pool, isa, tensors);
        };
    if (traits.numerics == Numerics::fp32)
        return [](ThreadPool& pool, const MaskedTensors& tensors) {
            run_cpu_reference(pool, Numerics::fp32, tensors);
        };
    return [](ThreadPool& pool, const MaskedTensors& tensors) {
        run_cpu_reference(pool, Numerics::bf16, tensors);
    };
}

}  // namespace

std::vector<ExportedKernel> cpu_exports() {
    std::vector<ExportedKernel> exports;
    for (const KernelTraits& traits : cpu_kernels()) {
        if (!traits.is_operation) continue;
        exports.push_back({.traits = traits,
                           .device = MOESCOPE_DEVICE_CPU,
                           .alignment = alignof(std::uint16_t),
                           .launch = [run = run_of(traits)](const moescope_launch_args& arguments) {
                               return launch_on_cpu(run, arguments);
                           }});
    }
    return exports;
}

}  // namespace moescope::abi
