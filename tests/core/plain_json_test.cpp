// SPDX-License-Identifier: Apache-2.0
#include "json/plain_json.h"

#include <random>

#include "session/session_document.h"
#include "support.h"

namespace moescope {
namespace {

using json::Json;
using json::parse_plain;

/// What the library's parser makes of it; nothing: an error.
std::optional<Json> by_library(const std::string& text) {
    Json document = Json::parse(text, nullptr, false);
    return document.is_discarded() ? std::nullopt : std::optional<Json>(std::move(document));
}

/// The same values of the same kinds of number, in the same order.
void expect_same(const std::string& text, const Json& plain) {
    const std::optional<Json> expected = by_library(text);
    ASSERT_TRUE(expected) << text;
    EXPECT_EQ(plain.dump(), expected->dump()) << text;
    EXPECT_EQ(plain, *expected) << text;
}

TEST(PlainJson, ReadsWhatThisProgramWrites) {
    for (const Result& result : test::swept_session(test::small_selection()).results) {
        const std::string text = result_document(result).dump();
        const auto plain = parse_plain(text);
        ASSERT_TRUE(plain) << text;
        expect_same(text, *plain);
    }
}

TEST(PlainJson, KindsOfNumbersAreTheLibrarys) {
    for (const char* text :
         {"0", "-0", "7", "-7", "1.0", "-1.5e-7", "1E+3", "0.1", "4.9233", "18446744073709551615",
          "-9223372036854775808", "123456789012345678", "2.2250738585072014e-308", "1e-400"}) {
        const auto plain = parse_plain(text);
        if (!plain) continue;  // out of range: the library decides
        expect_same(text, *plain);
        EXPECT_EQ(plain->type(), by_library(text)->type()) << text;
    }
    EXPECT_TRUE(parse_plain("-7"));
    EXPECT_TRUE(parse_plain("4.9233"));
    EXPECT_TRUE(parse_plain("18446744073709551615"));
}

TEST(PlainJson, LeavesAllElseToTheLibrary) {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("{\"a\":1,}"), std::string("[1,]"),
          std::string("[1 2]"), std::string("01"), std::string("1."), std::string(".5"), std::string("+1"),
          std::string("1e"), std::string("-"), std::string("nul"), std::string("truefalse"),
          std::string("{a:1}"), std::string("{\"a\" 1}"), std::string("\"open"),
          std::string("\"tab\\tin it\""), std::string("1 1"), std::string("NaN"), std::string("inf"),
          // right, but not plain
          std::string("\"\\n\""), std::string("\"\xc2\xb5s\""), std::string("{\"a\":1,\"a\":2}"), deep})
        EXPECT_FALSE(parse_plain(text)) << text;
}

/// Whatever happens to a line, a document that comes out of it is the library's.
TEST(PlainJson, NeverReadsWhatTheLibraryReadsOtherwise) {
    const std::string whole =
        result_document(test::swept_session(test::small_selection()).results.front()).dump();
    std::mt19937 random(7);
    const std::string noise = "\"\\{}[]:,.0123456789-+eE tfn\n\xff";
    int read = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string text = whole.substr(0, 200);
        text = round % 2 == 0 ? whole : text;
        for (auto edits = 1 + random() % 3; edits > 0; --edits) {
            const std::size_t at = random() % text.size();
            if (random() % 2 == 0)
                text[at] = noise[random() % noise.size()];
            else
                text.erase(at, 1);
        }
        const auto plain = parse_plain(text);
        if (!plain) continue;
        ++read;
        const std::optional<Json> expected = by_library(text);
        ASSERT_TRUE(expected) << text;
        ASSERT_EQ(plain->dump(), expected->dump()) << text;
    }
    EXPECT_GT(read, 1000) << "else nothing was compared";
}

}  // namespace
}  // namespace moescope
