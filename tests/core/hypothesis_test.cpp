// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/hypothesis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace moescope {
namespace {

TEST(MannWhitney, ExactTailsOfSmallSides) {
    // All of one side below the other: 2 of C(6, 3) = 20 arrangements are as extreme.
    EXPECT_NEAR(mann_whitney_p(std::vector{1.0, 2.0, 3.0}, std::vector{4.0, 5.0, 6.0}), 0.1, 1e-12);
    // U = 1: two arrangements in each tail.
    EXPECT_NEAR(mann_whitney_p(std::vector{1.0, 2.0, 4.0}, std::vector{3.0, 5.0, 6.0}), 0.2, 1e-12);
    EXPECT_NEAR(mann_whitney_p(std::vector{4.0, 5.0, 6.0}, std::vector{1.0, 2.0, 3.0}), 0.1, 1e-12);
    EXPECT_NEAR(mann_whitney_p(std::vector{1.0}, std::vector{2.0}), 1.0, 1e-12);
    // C(10, 5) = 252.
    EXPECT_NEAR(mann_whitney_p(std::vector{1.0, 2.0, 3.0, 4.0, 5.0}, std::vector{6.0, 7.0, 8.0, 9.0, 10.0}),
                2.0 / 252.0, 1e-12);
}

TEST(MannWhitney, ExactAndNormalAgree) {
    std::mt19937_64 engine(3);
    std::normal_distribution<double> normal;
    for (int round = 0; round < 20; ++round) {
        std::vector<double> a(20);
        std::vector<double> b(20);
        for (double& v : a) v = normal(engine);
        for (double& v : b) v = normal(engine) + 0.5;
        double u = 0.0;
        for (const double x : a) {
            for (const double y : b) u += x > y ? 1.0 : 0.0;
        }
        const double z = (std::abs(u - 200.0) - 0.5) / std::sqrt(400.0 * 41.0 / 12.0);
        EXPECT_NEAR(mann_whitney_p(a, b), normal_two_sided_p(z), 0.005);
    }
}

TEST(MannWhitney, TiesAndNothing) {
    EXPECT_EQ(mann_whitney_p(std::vector<double>(10, 1.0), std::vector<double>(10, 1.0)), 1.0);
    EXPECT_EQ(mann_whitney_p({}, std::vector{1.0}), 1.0);
    // Two values only, all low ones on one side: variance must be corrected for ties.
    const double p = mann_whitney_p(std::vector<double>(6, 1.0), std::vector<double>(6, 2.0));
    const double variance = 36.0 / 12.0 * (13.0 - 2.0 * (216.0 - 6.0) / (12.0 * 11.0));
    EXPECT_NEAR(p, std::erfc((18.0 - 0.5) / std::sqrt(variance) / std::sqrt(2.0)), 1e-12);
}

TEST(MannWhitney, RejectsAsOftenAsItSays) {
    std::mt19937_64 engine(11);
    std::normal_distribution<double> normal;
    int rejected = 0;
    constexpr int kRounds = 2000;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<double> a(23);
        std::vector<double> b(23);
        for (double& v : a) v = normal(engine);
        for (double& v : b) v = normal(engine);
        rejected += mann_whitney_p(a, b) <= 0.05 ? 1 : 0;
    }
    EXPECT_NEAR(rejected / static_cast<double>(kRounds), 0.05, 0.015);
}

TEST(BenjaminiHochberg, KnownValues) {
    const std::vector<double> q = benjamini_hochberg(std::vector{0.01, 0.04, 0.03, 0.005, 0.8});
    const std::vector<double> expected{0.025, 0.05, 0.05, 0.025, 0.8};
    for (std::size_t i = 0; i < q.size(); ++i) EXPECT_NEAR(q[i], expected[i], 1e-12) << i;
    EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace moescope
