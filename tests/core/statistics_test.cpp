// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/statistics.h"

#include <cmath>
#include <numeric>
#include <random>

#include "support.h"

namespace moescope {
namespace {

std::vector<double> one_to(int n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    std::iota(values.begin(), values.end(), 1.0);
    return values;
}

TEST(Statistics, MedianOfOddEvenNone) {
    EXPECT_DOUBLE_EQ(median(std::vector<double>{3, 1, 2}), 2.0);
    EXPECT_DOUBLE_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
    EXPECT_TRUE(std::isnan(median(std::vector<double>{})));
}

// Ranks from the binomial distribution, as tables give them.
TEST(Statistics, IntervalRanks) {
    const auto ranks = [](int n) { return median_ci95(one_to(n)); };
    EXPECT_EQ(ranks(5), (std::array<double, 2>{1, 5}));  // no 95 % interval: the range
    EXPECT_EQ(ranks(6), (std::array<double, 2>{1, 6}));
    EXPECT_EQ(ranks(9), (std::array<double, 2>{2, 8}));
    EXPECT_EQ(ranks(20), (std::array<double, 2>{6, 15}));
    EXPECT_EQ(ranks(50), (std::array<double, 2>{18, 33}));
    EXPECT_EQ(ranks(100), (std::array<double, 2>{40, 61}));
    EXPECT_EQ(ranks(2000), (std::array<double, 2>{956, 1045}));
}

TEST(Statistics, IntervalCoversTheMedianAsOftenAsItSays) {
    std::mt19937_64 random(5);
    std::exponential_distribution<double> skewed(1.0);
    const double truth = std::log(2.0);
    int covered = 0;
    constexpr int kTrials = 4000;
    for (int t = 0; t < kTrials; ++t) {
        std::vector<double> values(25);
        for (double& v : values) v = skewed(random);
        const auto [low, high] = median_ci95(values);
        covered += low <= truth && truth <= high ? 1 : 0;
    }
    EXPECT_GE(static_cast<double>(covered) / kTrials, 0.94);
    EXPECT_LE(static_cast<double>(covered) / kTrials, 0.975);
}

TEST(Statistics, HalfWidthNeedsSixValues) {
    EXPECT_TRUE(std::isinf(relative_half_width_percent(one_to(5))));
    EXPECT_NEAR(relative_half_width_percent(one_to(20)), 100.0 * 4.5 / 10.5, 1e-9);
    EXPECT_DOUBLE_EQ(relative_half_width_percent(std::vector<double>(10, 3.0)), 0.0);
}

TEST(FiveNumbers, AreTheExtremesQuartilesAndMedian) {
    const std::vector<double> values{9, 1, 3, 7, 5};
    EXPECT_EQ(five_numbers(values), (std::array<double, 5>{1, 3, 5, 7, 9}));
    EXPECT_EQ(five_numbers(std::vector<double>{2, 4}), (std::array<double, 5>{2, 2.5, 3, 3.5, 4}));
    EXPECT_EQ(five_numbers(std::vector<double>{4}), (std::array<double, 5>{4, 4, 4, 4, 4}));
    EXPECT_TRUE(std::isnan(five_numbers(std::vector<double>{})[2]));
}

}  // namespace
}  // namespace moescope
