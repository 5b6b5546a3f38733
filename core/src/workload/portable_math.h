// SPDX-License-Identifier: Apache-2.0
#pragma once

// exp and log from IEEE basic operations alone. The C library's differ by an ulp between platforms, and an
// ulp can move a token: counts must be the same everywhere. Accurate to a few ulp, which is all that is
// needed.

#include <cmath>
#include <cstdint>
#include <limits>

namespace moescope::portable {

inline constexpr double kLn2Hi = 0x1.62e42fee00000p-1;
inline constexpr double kLn2Lo = 0x1.a39ef35793c76p-33;

/// Natural logarithm of a positive, finite, normal number. atanh series on the mantissa in [sqrt(1/2),
/// sqrt(2)).
inline double log(double x) {
    int exponent = 0;
    double m = std::frexp(x, &exponent);  // exact
    if (m < 0.70710678118654752440) {
        m *= 2.0;
        --exponent;
    }
    const double s = (m - 1.0) / (m + 1.0);
    const double s2 = s * s;
    double sum = 0.0;
    for (int k = 21; k >= 3; k -= 2) sum = s2 * (sum + 1.0 / k);
    return exponent * kLn2Hi + (2.0 * s * (1.0 + sum) + exponent * kLn2Lo);
}

/// e^x; 0 below -700, so that weights may vanish; infinity above 700.
inline double exp(double x) {
    if (x < -700.0) return 0.0;
    if (x > 700.0) return std::numeric_limits<double>::infinity();
    const double n = std::floor(x * 1.44269504088896340736 + 0.5);
    const double r = (x - n * kLn2Hi) - n * kLn2Lo;
    double sum = 1.0;
    for (int k = 16; k >= 1; --k) sum = 1.0 + sum * r / k;
    return std::ldexp(sum, static_cast<int>(n));  // exact
}

}  // namespace moescope::portable
