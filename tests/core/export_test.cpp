// SPDX-License-Identifier: Apache-2.0
#include "moescope/session/export.h"

#include <clocale>

#include "support.h"

namespace moescope {
namespace {

using test::small_selection;
using test::swept_session;

/// RFC 4180 reader.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
    std::vector<std::vector<std::string>> rows{{""}};
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
                rows.back().back() += text[++i];
            } else if (c == '"') {
                quoted = false;
            } else {
                rows.back().back() += c;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            rows.back().emplace_back();
        } else if (c == '\r' && text[i + 1] == '\n') {
            ++i;
            if (i + 1 < text.size()) rows.push_back({""});
        } else {
            rows.back().back() += c;
        }
    }
    return rows;
}

TEST(Csv, OneRowAResultNamedAsInTheSession) {
    const Session session = swept_session(small_selection({8, 65}), {.fail_verification = {"silu_v3"}});
    const auto rows = parse_csv(results_to_csv(session.results));
    ASSERT_EQ(rows.size(), session.results.size() + 1);
    const auto column = [&](const char* name) {
        const auto it = std::find(rows[0].begin(), rows[0].end(), name);
        EXPECT_NE(it, rows[0].end()) << name;
        return static_cast<std::size_t>(it - rows[0].begin());
    };
    for (const char* name : {"experts", "kernel", "median_us", "percent_of_peak.measured", "load.gini",
                             "verification.passed", "ci95_us.low", "samples"}) {
        column(name);
    }
    for (std::size_t i = 0; i < session.results.size(); ++i) {
        const Result& r = session.results[i];
        const auto& row = rows[i + 1];
        ASSERT_EQ(row.size(), rows[0].size());
        EXPECT_EQ(row[column("kernel")], r.kernel);
        EXPECT_EQ(row[column("status")], to_string(r.status));
        EXPECT_EQ(row[column("error")], r.error);
        if (r.median_us) {
            EXPECT_DOUBLE_EQ(std::stod(row[column("median_us")]), *r.median_us);
        } else {
            EXPECT_EQ(row[column("median_us")], "");
        }
    }
}

TEST(Csv, QuotesWhatNeedsIt) {
    Session session = swept_session(small_selection({8}));
    session.results.resize(1);
    session.results[0].error = "a \"b\", c\nd";
    const auto rows = parse_csv(results_to_csv(session.results));
    EXPECT_THAT(rows[1], ::testing::Contains("a \"b\", c\nd"));
    EXPECT_THAT(results_to_csv(session.results), ::testing::HasSubstr("\"a \"\"b\"\", c\nd\""));
}

TEST(Markdown, OneRowAResult) {
    const Session session = swept_session(small_selection({8}));
    const std::string text = results_to_markdown(session.results);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
              static_cast<std::ptrdiff_t>(session.results.size() + 2));
    EXPECT_THAT(
        text, ::testing::HasSubstr("| 8 | 64 | 256 | 128 | 64 | even | 42 | fp32 | bf16 | silu_v2 | cold |"));
}

TEST(Markdown, TextStaysInItsCell) {
    Session session = swept_session(small_selection({8}));
    session.results.resize(1);
    session.results[0].c.strategy = parse_strategy("custom:a|b.csv#0");
    session.results[0].kernel = "mine\nand yours";
    session.results[0].status = Status::failed;
    session.results[0].error = "one | two\nthree";
    const std::string text = results_to_markdown(session.results);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_THAT(text, ::testing::HasSubstr("| custom:a\\|b.csv#0 | 42 | fp32 | bf16 | mine and yours |"));
    EXPECT_THAT(text, ::testing::HasSubstr("| failed: one \\| two three |"));
}

}  // namespace
}  // namespace moescope
