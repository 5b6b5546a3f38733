// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sessions with noise that is known: 63 cases x silu_v2 and stream41, as the seed preset has them.

#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "moescope/analysis/metrics.h"
#include "moescope/session/session.h"

namespace moescope::test {

/// Standard deviations, percent.
struct Noise {
    double session = 0.02;     ///< of a run, all its cells alike
    double day = 0.0;          ///< of a cell on a day, all its runs alike
    double cell = 0.08;        ///< of a cell in a run
    double sample = 0.27;      ///< of a sample in a cell
    double correlation = 0.0;  ///< of neighbouring samples
    bool heavy_tails = false;  ///< cell drift by Student's t, 3 degrees of freedom, of the same scale
    double outliers = 0.0;     ///< share of samples that are 1 to 4 % late
};

/// One run: `change` gives the factor by which the code under test is slower in a cell. Runs of one `day`
/// share what Noise::day is about.
inline Session simulated_session(const std::string& name, std::uint64_t seed, const Noise& noise,
                                 const std::function<double(const Result&, int)>& change = {},
                                 int samples = 23, std::uint64_t day = 0) {
    std::mt19937_64 engine(seed);
    std::mt19937_64 of_day(day + 1'000'000'007);
    std::normal_distribution<double> normal_of_day;
    std::normal_distribution<double> normal;
    std::student_t_distribution<double> student(3.0);
    std::uniform_real_distribution<double> uniform;
    Session s;
    s.id = name;
    s.name = name;
    s.environment.device.name = "simulated";
    s.environment.device.uuid = "simulated-0";
    s.peaks = {3352.0, 3110.0, 0.79};
    const double session_shift = noise.session / 100.0 * normal(engine);
    int index = 0;
    for (const std::int64_t experts : {8, 32, 256}) {
        for (const char* strategy : {"imbalanced:0.7", "uniform", "even"}) {
            for (const std::int64_t tokens : {8, 16, 32, 64, 128, 256, 512}) {
                for (const char* kernel : {"silu_v2", "stream41"}) {
                    Result r;
                    r.c.shape = {experts, 1024, 7168, 128, ScaleFormat::fp32};
                    r.c.total_tokens = experts * tokens;
                    r.c.strategy = parse_strategy(strategy);
                    r.kernel = kernel;
                    const bool under_test = r.kernel == "silu_v2";
                    const double limit = 0.79 + static_cast<double>(moved_bytes(r)) / 3110.0 * 1e-3;
                    const double factor = under_test && change ? change(r, index++) : 1.0;
                    const double drift = noise.heavy_tails ? student(engine) : normal(engine);
                    const double place = std::log(limit * (under_test ? 1.4 : 1.1) * factor) + session_shift +
                                         noise.cell / 100.0 * drift +
                                         noise.day / 100.0 * normal_of_day(of_day);
                    double state = normal(engine);
                    for (int i = 0; i < samples; ++i) {
                        state = noise.correlation * state +
                                std::sqrt(1.0 - noise.correlation * noise.correlation) * normal(engine);
                        double log_us = place + noise.sample / 100.0 * state;
                        if (uniform(engine) < noise.outliers) log_us += 0.01 + 0.03 * uniform(engine);
                        r.samples_us.push_back(std::round(std::exp(log_us) * 1e4) / 1e4);
                    }
                    fill_metrics(r, s.peaks);
                    s.results.push_back(std::move(r));
                }
            }
        }
    }
    return s;
}

/// Every second cell of silu_v2 slower by `percent`.
inline std::function<double(const Result&, int)> every_second_slower(double percent) {
    return [percent](const Result&, int index) { return index % 2 == 1 ? 1.0 + percent / 100.0 : 1.0; };
}

}  // namespace moescope::test
