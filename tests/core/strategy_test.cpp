// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/strategy.h"

#include "support.h"

namespace moescope {
namespace {

using test::expect_error;

TEST(Strategy, TextRoundTrips) {
    for (const char* text : {"even", "uniform", "imbalanced:0.7", "first", "zipf:1.2", "gini:0.35",
                             "hot:2:0.5", "custom:a,b.csv", "custom:loads.json#3"}) {
        EXPECT_EQ(to_string(parse_strategy(text)), text);
    }
}

TEST(Strategy, DefaultsAndNamesOfTheSeedDocument) {
    EXPECT_EQ(to_string(parse_strategy("imbalanced")), "imbalanced:0.7");
    EXPECT_EQ(to_string(parse_strategy("zipf")), "zipf:1");
    EXPECT_EQ(to_string(parse_strategy("gini")), "gini:0.5");
    EXPECT_EQ(to_string(parse_strategy("max_t")), "even");
    EXPECT_EQ(to_string(parse_strategy("random_imbalanced")), "imbalanced:0.7");
    EXPECT_EQ(to_string(parse_strategy("first_t")), "first");
}

TEST(Strategy, RejectsWithTextAndRemedy) {
    expect_error([] { parse_strategy("foo"); }, {"'foo'", "even, uniform, imbalanced:R"});
    expect_error([] { parse_strategy(""); }, {"unknown"});
    expect_error([] { parse_strategy("even:1"); }, {"'even:1'", "no parameter"});
    for (const char* text : {"imbalanced:0", "imbalanced:-1", "imbalanced:x", "imbalanced:", "gini:1.5",
                             "gini:nan", "zipf:inf", "hot", "hot:2", "hot:0:0.5", "hot:x:0.5", "hot:2:1.5",
                             "custom:", "custom", "custom:f#x", "custom:f#-1"}) {
        expect_error([&] { parse_strategy(text); }, {text});
    }
}

}  // namespace
}  // namespace moescope
