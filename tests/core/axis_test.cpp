// SPDX-License-Identifier: Apache-2.0
#include "moescope/workload/axis.h"

#include "support.h"

namespace moescope {
namespace {

using test::expect_error;
using Values = std::vector<std::int64_t>;

TEST(Axis, ReadsListsAndRanges) {
    EXPECT_EQ(parse_axis("a", "8,32,256"), (Values{8, 32, 256}));
    EXPECT_EQ(parse_axis("a", "8:512:*2"), (Values{8, 16, 32, 64, 128, 256, 512}));
    EXPECT_EQ(parse_axis("a", "1:10:4"), (Values{1, 5, 9}));
    EXPECT_EQ(parse_axis("a", " 3 , 1:4:*3 ,7"), (Values{3, 1, 7}));  // order kept, 3 once
    EXPECT_EQ(parse_axis("a", "5:5:1"), (Values{5}));
    EXPECT_EQ(parse_axis("a", "0,4", 0), (Values{0, 4}));
    EXPECT_EQ(parse_axis("a", "1:100:*10"), (Values{1, 10, 100}));
}

TEST(Axis, RangeUpToTheLimitDoesNotOverflow) {
    const std::int64_t limit = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(parse_axis("a", "1:9223372036854775807:*9223372036854775807", 1, limit), (Values{1, limit}));
}

TEST(Axis, RejectsWithNameAndRemedy) {
    for (const char* text :
         {"", "8,,9", ",8", "8,", "x", "8.5", "1e3", "8:16", "8:16:0", "8:16:-1", "8:16:*1", "8:16:*x",
          "16:8:1", "0:8:*2", "-3", "99999999999999999999", "8:4:2:1", "1:100000:1", "0"}) {
        expect_error([&] { parse_axis("--experts", text); }, {"--experts"});
    }
    expect_error([] { parse_axis("--hidden", "8:16"); }, {"8:16:*2"});
    expect_error([] { parse_axis("--hidden", "70", 1, 64); }, {"1 to 64"});
    expect_error([] { parse_axis("--hidden", "1:1000000:*2", 1, 64); }, {"1 to 64"});
}

TEST(Axis, FormatIsTheShortestThatReadsBack) {
    EXPECT_EQ(format_axis({8, 16, 32, 64, 128, 256, 512}), "8:512:*2");
    EXPECT_EQ(format_axis({8, 32, 256}), "8,32,256");
    EXPECT_EQ(format_axis({1, 2, 3, 4, 5, 100}), "1:5:1,100");
    EXPECT_EQ(format_axis({}), "");
    for (const Values& values : {Values{5}, Values{3, 1, 2}, Values{0, 1, 2, 3},
                                 Values{1, 2, 4, 8, 9, 10, 11, 12}, Values{7, 7 * 9}}) {
        EXPECT_EQ(parse_axis("a", format_axis(values), 0), values);
    }
}

}  // namespace
}  // namespace moescope
