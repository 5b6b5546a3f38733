// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random numbers that are the same on every platform: the engine is fixed by the C++ standard, the
// distributions (which are not) are written out here.

#include <cmath>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "workload/portable_math.h"

namespace moescope {

class Random {
  public:
    explicit Random(std::uint64_t seed) : m_engine(seed) {}

    /// Uniform in (0, 1).
    double uniform() { return (static_cast<double>(m_engine() >> 11) + 0.5) * 0x1p-53; }

    /// Uniform in 0..n-1; n small against 2^64, so the modulo's bias is nothing.
    std::uint64_t below(std::uint64_t n) { return m_engine() % n; }

    /// Standard normal, Marsaglia's polar method.
    double normal() {
        while (true) {
            const double u = 2.0 * uniform() - 1.0;
            const double v = 2.0 * uniform() - 1.0;
            const double s = u * u + v * v;
            if (s > 0.0 && s < 1.0) return u * std::sqrt(-2.0 * portable::log(s) / s);
        }
    }

    /// Logarithm of a Gamma(shape, 1) variate (Marsaglia and Tsang 2000; below shape 1 with the usual boost).
    /// The logarithm, because for small shapes the variate itself underflows.
    double log_gamma_variate(double shape) {
        const double boost = shape < 1.0 ? portable::log(uniform()) / shape : 0.0;
        const double d = (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0;
        const double c = 1.0 / std::sqrt(9.0 * d);
        while (true) {
            const double x = normal();
            const double t = 1.0 + c * x;
            if (t <= 0.0) continue;
            const double v = t * t * t;
            if (portable::log(uniform()) < 0.5 * x * x + d - d * v + d * portable::log(v))
                return portable::log(d * v) + boost;
        }
    }

    /// Fisher-Yates.
    template <typename T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

  private:
    std::mt19937_64 m_engine;
};

}  // namespace moescope
