// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bootstrap of one side of a cell: runs are drawn, and blocks of samples within them.

#include <span>
#include <vector>

#include "analysis/cell_match.h"
#include "workload/random.h"

namespace moescope {

/// Samples that follow each other are alike; blocks of this length are drawn whole. At least the cube root of
/// the count, twice the integrated autocorrelation time where that is more, at most a quarter of the count.
std::size_t block_length(std::span<const double> values);

/// Draws the log cost of one side again and again.
class SideResampler {
  public:
    /// `drift_variance` is what the mean of the side must vary by at least between runs, in squared logs.
    SideResampler(const std::vector<Run>& runs, double drift_variance);

    /// The side's estimate: mean over runs of the log medians.
    double estimate() const { return m_mean; }

    struct Draw {
        double value = 0.0;        ///< estimate + all noise
        double sample_part = 0.0;  ///< the part of the noise that more samples would lessen
    };
    Draw draw(Random& random);

  private:
    double draw_median(const Run& run, std::size_t block, Random& random);

    const std::vector<Run>& m_runs;
    std::vector<double> m_medians;
    std::vector<std::size_t> m_blocks;
    double m_mean = 0.0;
    double m_spread = 1.0;  ///< sqrt(k / (k - 1)): what drawing k of k runs understates
    double m_top_up_sd = 0.0;
    std::vector<double> m_buffer;
};

}  // namespace moescope
