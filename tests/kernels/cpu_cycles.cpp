// SPDX-License-Identifier: Apache-2.0

// A benchmark, not a test: cycles that the cpu kernel's arithmetic takes per 32 columns, one thread, on data
// that stays in the second cache, for each instruction set. Prints the best of many launches; instruction
// sets take turns, so that other load on the machine meets all of them.
//
//   cpu_cycles [launches [deviation of the gates]]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "masked_tensor.h"
#include "thread_pool.h"

namespace moescope {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds of a chain of multiplications, three cycles each on all processors with AVX2 so far: the clock as
/// it is now, whatever the nominal one.
double seconds_per_cycle() {
    constexpr int kSteps = 20000;
    std::uint64_t x = 3;
    const auto start = Clock::now();
    for (int i = 0; i < kSteps; ++i) {
        x *= x;
        __asm__ volatile("" : "+r"(x));
    }
    return seconds_since(start) / (3.0 * kSteps);
}

struct Timing {
    CpuIsa isa = CpuIsa::scalar;
    double seconds = 1e9;
};

int measure(int launches, float deviation) {
    const Shape shape{.experts = 1, .max_tokens = 16, .hidden = 7168, .group_size = 128};
    test::HostTensors problem(shape, {16});
    problem.align_codes(0);
    problem.fill_normal(1, deviation);
    ThreadPool pool(1);
    std::vector<Timing> timings;
    for (const CpuIsa isa :
         {CpuIsa::avx512bf16, CpuIsa::avx512, CpuIsa::avx512gather, CpuIsa::avx2, CpuIsa::avx2gather})
        if (cpu_supports(isa)) timings.push_back({isa});
    double cycle = 1e9;
    for (int i = 0; i < launches; ++i) {
        cycle = std::min(cycle, seconds_per_cycle());
        for (Timing& timing : timings) {
            const auto start = Clock::now();
            run_cpu_quantize(pool, timing.isa, problem.view());
            timing.seconds = std::min(timing.seconds, seconds_since(start));
        }
    }
    const double units = 16.0 * static_cast<double>(shape.hidden) / 32.0;
    std::printf("%.2f GHz\n", 1e-9 / cycle);
    for (const Timing& timing : timings)
        std::printf("%-12s %6.2f cycles per 32 columns\n", std::string(to_string(timing.isa)).c_str(),
                    timing.seconds / cycle / units);
    return 0;
}

}  // namespace
}  // namespace moescope

int main(int count, char** arguments) {
    const int launches = count > 1 ? std::atoi(arguments[1]) : 2000;
    const float deviation = count > 2 ? static_cast<float>(std::atof(arguments[2])) : 1.0F;
    if (launches < 1 || deviation <= 0.0F) {
        std::fprintf(stderr, "usage: cpu_cycles [launches [deviation of the gates]], both positive\n");
        return 2;
    }
    return moescope::measure(launches, deviation);
}
