// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

namespace moescope {

/// Median (mean of the two middle values for an even count). NaN for no values.
double median(std::span<const double> values);

/// Distribution-free 95 % confidence interval of the median from order statistics (binomial, exact; e.g.
/// Conover, Practical Nonparametric Statistics, 3.2). With fewer than six values no such interval exists and
/// the range is returned.
std::array<double, 2> median_ci95(std::span<const double> values);

/// Least, lower quartile, median, upper quartile, largest; quartiles by linear interpolation between order
/// statistics (Hyndman and Fan 1996, type 7). NaN for no values.
std::array<double, 5> five_numbers(std::span<const double> values);

/// Half the interval's width, percent of the median. Infinity for fewer than six values.
double relative_half_width_percent(std::span<const double> values);

}  // namespace moescope
