// SPDX-License-Identifier: Apache-2.0
#include "moescope/analysis/metrics.h"

#include "support.h"

namespace moescope {
namespace {

using test::expect_error;

Result timed(const char* kernel, std::int64_t tokens, double us) {
    Result r;
    r.c = {{8, 1024, 7168, 128, ScaleFormat::fp32}, tokens, parse_strategy("even"), 42};
    r.kernel = kernel;
    r.samples_us = std::vector<double>(6, us);
    return r;
}

TEST(Metrics, BytesCountInputCodesAndScales) {
    const Shape fp32{8, 1024, 7168, 128, ScaleFormat::fp32};
    EXPECT_EQ(moved_bytes(fp32, 1), 4 * 7168 + 7168 + 4 * 56);
    const Shape packed{8, 1024, 7168, 128, ScaleFormat::ue8m0_packed};
    EXPECT_EQ(moved_bytes(packed, 10), 10 * (5 * 7168 + 4 * 14));
    const Shape ragged{8, 1024, 5 * 128, 128, ScaleFormat::ue8m0_packed};  // five groups need two words
    EXPECT_EQ(moved_bytes(ragged, 1), 5 * 640 + 8);
}

TEST(Metrics, FilledFromTheFormulasOfTheSpec) {
    Result r = timed("silu_v2", 64, 5.0);
    fill_metrics(r, {3352.0, 3014.0, 1.0});
    const double bytes = 64.0 * (5 * 7168 + 224);
    EXPECT_DOUBLE_EQ(*r.median_us, 5.0);
    EXPECT_NEAR(*r.gbps, bytes / 5e-6 / 1e9, 1e-9);
    EXPECT_NEAR(*r.gflops, 8.0 * 64 * 7168 / 5e-6 / 1e9, 1e-9);
    EXPECT_NEAR(*r.percent_of_peak.theoretical, 100 * *r.gbps / 3352.0, 1e-9);
    EXPECT_NEAR(*r.percent_of_peak.measured, 100 * *r.gbps / 3014.0, 1e-9);
    EXPECT_NEAR(*r.percent_of_peak.seed, 100 * *r.gbps / 3430.4, 1e-9);
    EXPECT_NEAR(*r.efficiency, (1.0 + bytes / 3014.0 * 1e-3) / 5.0, 1e-12);
}

TEST(Metrics, StreamMovesNoScalesAndDoesNoOperations) {
    Result r = timed("stream41", 100, 5.0);
    fill_metrics(r, {});
    EXPECT_NEAR(*r.gbps, 100.0 * 5 * 7168 / 5e-6 / 1e9, 1e-9);
    EXPECT_FALSE(r.gflops);
    EXPECT_FALSE(r.percent_of_peak.measured);
    EXPECT_FALSE(r.efficiency);
}

TEST(Metrics, NoTokensAreNoDivisionByZero) {
    Result r = timed("silu_v2", 0, 1.5);
    fill_metrics(r, {3352.0, 3014.0, 1.0});
    EXPECT_DOUBLE_EQ(*r.gbps, 0.0);
    EXPECT_NEAR(*r.efficiency, 1.0 / 1.5, 1e-12);
}

TEST(Metrics, SpeedupsPairCells) {
    std::vector<Result> results{timed("silu_v2", 64, 6.0), timed("silu_v3", 64, 4.0),
                                timed("silu_v3", 128, 5.0), timed("silu_v2", 256, 9.0),
                                timed("silu_v3", 256, 3.0)};
    for (Result& r : results) fill_metrics(r, {});
    results[3].status = Status::failed;
    const auto found = speedups(results, "silu_v2");
    ASSERT_EQ(found.size(),
              2U);  // the baseline against itself, and v3 at 64; the others lack a usable baseline
    EXPECT_EQ(found[1].result_index, 1U);
    EXPECT_EQ(found[1].baseline_index, 0U);
    EXPECT_DOUBLE_EQ(found[1].ratio, 1.5);
    EXPECT_EQ(default_baseline(results), "silu_v2");
    EXPECT_EQ(default_baseline({timed("stream41", 1, 1), timed("cpu", 1, 1)}), "cpu");
}

TEST(Metrics, GeometricMean) {
    EXPECT_NEAR(geometric_mean(std::vector<double>{1.0, 4.0, 2.0}), 2.0, 1e-12);
}

TEST(Metrics, EveryMetricReadsOffAResult) {
    Result r = timed("silu_v2", 64, 5.0);
    fill_metrics(r, {3352.0, 3014.0, 1.0});
    for (const MetricInfo& metric : metrics()) {
        EXPECT_TRUE(metric.value(r).has_value()) << metric.id;
        EXPECT_FALSE(metric.value(Result{}).has_value()) << metric.id;
        EXPECT_EQ(find_metric(metric.id).title, metric.title);
    }
    expect_error([] { find_metric("foo"); }, {"'foo'", "gbps"});
}

}  // namespace
}  // namespace moescope
