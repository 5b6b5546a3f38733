// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/distribution.h"

#include <numeric>
#include <random>

#include "support.h"

namespace moescope {
namespace {

using Counts = std::vector<std::int32_t>;
using test::expect_error;

Counts counts_of(const char* strategy, std::int64_t experts, std::int64_t cap, std::int64_t total,
                 std::uint64_t seed = 42) {
    return tokens_per_expert(parse_strategy(strategy), experts, cap, total, seed);
}

std::int64_t sum(const Counts& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

struct Request {
    std::string strategy;
    std::int64_t experts, cap, total;
    std::uint64_t seed;
};

std::ostream& operator<<(std::ostream& out, const Request& r) {
    return out << r.strategy << " E=" << r.experts << " T=" << r.cap << " n=" << r.total
               << " seed=" << r.seed;
}

/// Any feasible request, from one token on one expert to all rows of 600 experts.
Request random_request(std::mt19937_64& random, int index) {
    const char* kinds[] = {"even",  "uniform", "imbalanced:0.7", "imbalanced:0.05", "imbalanced:30",
                           "first", "zipf:0",  "zipf:1.1",       "zipf:20"};
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    Request r;
    r.experts = index % 5 == 0 ? pick(1, 3) : pick(1, 600);
    r.cap = index % 7 == 0 ? pick(1, 4) : pick(1, 5000);
    const std::int64_t room = r.experts * r.cap;
    r.total =
        index % 11 == 0 ? room : (index % 3 == 0 ? pick(0, std::min<std::int64_t>(room, 20)) : pick(0, room));
    r.seed = random();
    r.strategy = kinds[index % 9];
    if (index % 10 == 9)
        r.strategy = "hot:" + std::to_string(pick(1, r.experts)) + ":0." + std::to_string(pick(10, 99));
    return r;
}

TEST(Distribution, TotalsAreExactWithinCapacityAndRepeatable) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 5000; ++i) {
        const Request r = random_request(random, i);
        const Counts counts =
            tokens_per_expert(parse_strategy(r.strategy), r.experts, r.cap, r.total, r.seed);
        ASSERT_EQ(static_cast<std::int64_t>(counts.size()), r.experts) << r;
        ASSERT_EQ(sum(counts), r.total) << r;
        ASSERT_GE(*std::min_element(counts.begin(), counts.end()), 0) << r;
        ASSERT_LE(*std::max_element(counts.begin(), counts.end()), r.cap) << r;
        ASSERT_EQ(tokens_per_expert(parse_strategy(r.strategy), r.experts, r.cap, r.total, r.seed), counts)
            << r;
    }
}

TEST(Distribution, GiniIsMetWithinTwoHundredths) {
    std::mt19937_64 random(11);
    int reached = 0;
    for (int i = 0; i < 1500; ++i) {
        const std::int64_t experts = 2 + static_cast<std::int64_t>(random() % 400);
        const std::int64_t cap = 1 + static_cast<std::int64_t>(random() % 4096);
        const std::int64_t total =
            static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(experts * cap + 1));
        const double target = static_cast<double>(random() % 1000) / 1000.0;
        Counts counts;
        try {
            counts = counts_of(("gini:" + std::to_string(target)).c_str(), experts, cap, total, random());
        } catch (const Error&) {
            continue;  // Feasibility is the next test's subject.
        }
        ++reached;
        ASSERT_EQ(sum(counts), total);
        ASSERT_LE(*std::max_element(counts.begin(), counts.end()), cap);
        if (total > 0) {
            ASSERT_NEAR(load_stats(counts).gini, target, 0.02)
                << "E=" << experts << " T=" << cap << " n=" << total;
        }
    }
    EXPECT_GT(reached, 500);
}

/// Largest Gini that a total under a cap allows: experts filled one after another.
double steepest_gini(std::int64_t experts, std::int64_t cap, std::int64_t total) {
    return load_stats(counts_of("first", experts, cap, total)).gini;
}

TEST(Distribution, GiniIsRefusedOnlyWhereNoCountsHaveIt) {
    std::mt19937_64 random(13);
    for (int i = 0; i < 600; ++i) {
        const std::int64_t experts = 4 + static_cast<std::int64_t>(random() % 200);
        const std::int64_t cap = 64 + static_cast<std::int64_t>(random() % 1000);
        const std::int64_t total =
            experts * (4 + static_cast<std::int64_t>(random() % (static_cast<std::uint64_t>(cap) - 4)));
        const double highest = steepest_gini(experts, cap, total);
        const double target = static_cast<double>(random() % 1000) / 1000.0;
        const std::string text = "gini:" + std::to_string(target);
        if (target <= highest) {
            EXPECT_NO_THROW(counts_of(text.c_str(), experts, cap, total, random()))
                << target << " of " << highest << " E=" << experts;
        } else if (target > highest + 0.02) {
            expect_error([&] { counts_of(text.c_str(), experts, cap, total); }, {"gini", "can only have"});
        }
    }
}

/// Every Gini that `left` tokens on `experts` experts, none with over `most`, can have with what lies above.
void collect_ginis(std::vector<std::int32_t>& counts, std::size_t at, std::int32_t left, std::int32_t most,
                   std::vector<double>& ginis) {
    if (at == counts.size()) {
        if (left == 0) ginis.push_back(load_stats(counts).gini);
        return;
    }
    for (std::int32_t n = std::min(left, most); n >= 0; --n) {
        counts[at] = n;
        collect_ginis(counts, at + 1, left - n, n, ginis);
    }
}

TEST(Distribution, GiniOfFewTokensIsFoundWhereAnyCountsHaveIt) {
    int found = 0;
    for (const std::int32_t experts : {2, 3, 4, 5, 6}) {
        for (const std::int32_t total : {1, 2, 3, 5, 7, 10, 14}) {
            for (const std::int32_t cap : {3, 5, 20}) {
                if (total > experts * cap) continue;
                std::vector<std::int32_t> counts(static_cast<std::size_t>(experts));
                std::vector<double> ginis;
                collect_ginis(counts, 0, total, cap, ginis);
                for (int target = 0; target <= 1000; target += 23) {
                    const double x = target / 1000.0;
                    const bool there = std::any_of(ginis.begin(), ginis.end(),
                                                   [&](double g) { return std::abs(g - x) <= 0.0199; });
                    if (!there) continue;
                    ++found;
                    EXPECT_NO_THROW(counts_of(("gini:" + std::to_string(x)).c_str(), experts, cap, total, 7))
                        << "E=" << experts << " T=" << cap << " n=" << total << " gini " << x;
                }
            }
        }
    }
    EXPECT_GT(found, 300);
}

TEST(Distribution, EvenSpreadsTheRemainder) {
    EXPECT_EQ(counts_of("even", 4, 10, 10), (Counts{3, 3, 2, 2}));
    EXPECT_EQ(counts_of("even", 3, 5, 15), (Counts{5, 5, 5}));
}

TEST(Distribution, ImbalancedGivesExpertZeroMeanOverRatio) {
    const Counts counts = counts_of("imbalanced:0.5", 8, 1024, 800);
    EXPECT_EQ(counts[0], 200);                                      // mean 100 / 0.5
    EXPECT_EQ(counts_of("imbalanced:0.001", 8, 150, 800)[0], 150);  // capped
    EXPECT_EQ(counts_of("imbalanced:1000", 2, 500, 800)[0], 300);   // the other expert cannot take more
}

TEST(Distribution, FirstSpillsOnlyPastCapacity) {
    EXPECT_EQ(counts_of("first", 4, 10, 7), (Counts{7, 0, 0, 0}));
    EXPECT_EQ(counts_of("first", 4, 10, 25), (Counts{10, 10, 5, 0}));
}

TEST(Distribution, HotExpertsShareTheirFraction) {
    Counts counts = counts_of("hot:2:0.5", 10, 1000, 1000);
    std::sort(counts.begin(), counts.end(), std::greater<>());
    EXPECT_EQ(counts[0] + counts[1], 500);
    EXPECT_EQ(counts[0], counts[1]);
    EXPECT_LE(counts[2] - counts[9], 1);
    expect_error([] { counts_of("hot:11:0.5", 10, 10, 10); }, {"hot:11:0.5", "10 experts"});
}

TEST(Distribution, SeedsDiffer) {
    EXPECT_NE(counts_of("uniform", 64, 1000, 6400, 1), counts_of("uniform", 64, 1000, 6400, 2));
    EXPECT_NE(counts_of("zipf:1", 64, 1000, 6400, 1), counts_of("zipf:1", 64, 1000, 6400, 2));
}

// Recorded once. A change here changes every stored session's cases; platforms must agree.
TEST(Distribution, CountsOfSeed42AreFixed) {
    EXPECT_EQ(counts_of("uniform", 8, 1024, 1000), (Counts{179, 151, 178, 32, 214, 22, 136, 88}));
    EXPECT_EQ(counts_of("imbalanced", 8, 1024, 1000), (Counts{179, 161, 136, 160, 29, 193, 20, 122}));
    EXPECT_EQ(counts_of("zipf:1", 8, 1024, 1000), (Counts{184, 92, 74, 52, 61, 123, 46, 368}));
    EXPECT_EQ(counts_of("gini:0.3", 8, 1024, 1000), (Counts{197, 68, 45, 124, 221, 57, 206, 82}));
    EXPECT_EQ(counts_of("hot:1:0.4", 8, 1024, 1000), (Counts{86, 86, 86, 85, 86, 86, 85, 400}));
}

TEST(Distribution, InfeasibleTotalNamesTheRemedy) {
    expect_error([] { counts_of("even", 8, 16, 129); }, {"129 tokens", "at most 128", "--max-tokens to 17"});
    expect_error([] { counts_of("even", 8, 16, -1); }, {"negative"});
}

TEST(LoadStatistics, KnownValues) {
    const LoadStats stats = load_stats(Counts{0, 0, 0, 8});
    EXPECT_EQ(stats.min, 0);
    EXPECT_EQ(stats.max, 8);
    EXPECT_EQ(stats.active, 1);
    EXPECT_DOUBLE_EQ(stats.mean, 2.0);
    EXPECT_DOUBLE_EQ(stats.max_over_mean, 4.0);
    EXPECT_DOUBLE_EQ(stats.gini, 0.75);
    EXPECT_DOUBLE_EQ(load_stats(Counts{1, 2, 3, 4}).gini, 0.25);
    EXPECT_DOUBLE_EQ(load_stats(Counts{5, 5, 5}).gini, 0.0);
    EXPECT_DOUBLE_EQ(load_stats(Counts{0, 0}).gini, 0.0);
}

TEST(CountsFile, ReadsCsvAndJson) {
    const test::TemporaryDirectory dir;
    const std::vector<Counts> expected{{1, 2, 3}, {0, 5, 1}};
    EXPECT_EQ(read_counts_file(dir.write("a.csv", "1,2,3\r\n0,5,1\r\n")), expected);
    EXPECT_EQ(read_counts_file(dir.write("b.csv", "e0;e1;e2\n1;2;3\n\n# comment\n0;5;1")), expected);
    EXPECT_EQ(read_counts_file(dir.write("c.json", "[[1,2,3],[0,5,1]]")), expected);
    EXPECT_EQ(read_counts_file(dir.write("d.json", "{\"steps\": [[1,2,3],[0,5,1]]}")), expected);
    EXPECT_EQ(read_counts_file(dir.write("e.json", "[1,2,3]")).size(), 1U);
    EXPECT_EQ(read_counts_file(dir.write("f.csv",
                                         "\xEF\xBB\xBF"
                                         "1,2,3\r\n0,5,1\r\n")),
              expected);
    EXPECT_EQ(read_counts_file(dir.write("g.json", "\xEF\xBB\xBF[[1,2,3],[0,5,1]]")), expected);
}

TEST(CountsFile, BadContentNamesFileAndStep) {
    const test::TemporaryDirectory dir;
    for (const char* content : {"", "a,b\n", "1,x,3\n4,5,6\n", "1.0,2.0\n3,4\n", "1,2,\n3,4,5\n", "1,-2\n",
                                "1,2\n3,x\n", "[[1,2],[3,", "[[1.5]]", "[]", "{\"rows\": 1}", "[[1],[]]",
                                "[[1],2]", "1,99999999999\n", "[[99999999999]]"}) {
        const std::string path = dir.write("bad", content);
        expect_error([&] { read_counts_file(path); }, {path});
    }
    expect_error([&] { read_counts_file(dir.file("none.csv")); }, {"none.csv", "cannot read"});
}

TEST(CountsFile, CustomChecksTheCase) {
    const test::TemporaryDirectory dir;
    const std::string path = dir.write("a.csv", "1,2,3\n0,5,1\n");
    const auto custom = [&](const char* step, std::int64_t experts, std::int64_t cap) {
        return tokens_per_expert(parse_strategy("custom:" + path + step), experts, cap, 0, 1);
    };
    EXPECT_EQ(custom("#1", 3, 5), (Counts{0, 5, 1}));
    expect_error([&] { custom("#2", 3, 5); }, {"step 2", "0 to 1"});
    expect_error([&] { custom("#0", 4, 5); }, {"3 experts", "--experts 3"});
    expect_error([&] { custom("#1", 3, 4); }, {"--max-tokens 5"});
}

}  // namespace
}  // namespace moescope
