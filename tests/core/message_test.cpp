// SPDX-License-Identifier: Apache-2.0
// Messages that name settings, each reader's way; labels that tell cases apart.
#include "moescope/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "moescope/workload/case.h"

namespace moescope {
namespace {

using ::testing::HasSubstr;

TEST(MessageTest, EveryReaderSeesHisOwnNames) {
    const Message message("raise " + mention(Setting::max_tokens) + " to 70 or lower " +
                          mention(Setting::experts));
    EXPECT_EQ(message.text(setting_flag), "raise --max-tokens to 70 or lower --experts");
    EXPECT_EQ(message.text(setting_key), "raise max_tokens to 70 or lower experts");
    EXPECT_EQ(message.text([](Setting) { return std::string("<field>"); }),
              "raise <field> to 70 or lower <field>");
}

TEST(MessageTest, OtherTextStaysAsItIs) {
    for (const char* text : {"", "a file of 100 %", "odd \x1a", "odd \x1a~ too"})
        EXPECT_EQ(Message(text).text(setting_flag), text);
}

TEST(MessageTest, AnErrorSpeaksToTheCommandLineAndKeepsItsMessage) {
    const SettingError error("leave out " + mention(Setting::launch) + " pdl");
    EXPECT_STREQ(error.what(), "leave out --launch pdl");
    EXPECT_EQ(error.message().text(setting_key), "leave out launch pdl");
}

TEST(MessageTest, AShapesProblemNamesItsSettings) {
    const Shape shape{8, 64, 200, 128};
    ASSERT_TRUE(shape_problem(shape));
    EXPECT_EQ(shape_problem(shape)->text(setting_key),
              "hidden 200 is not a multiple of group_size 128: use 128 or 256");
    EXPECT_THAT(shape_problem(shape)->text(setting_flag), HasSubstr("--hidden 200"));
}

TEST(CaseLabelTest, NoTwoCasesShareOne) {
    Case usual;
    usual.shape = {8, 1024, 7168, 128};
    usual.total_tokens = 64;
    EXPECT_EQ(case_label(usual), "E=8 T=1024 H=7168 n=64 even");
    std::set<std::string> labels{case_label(usual)};
    const auto vary = [&](auto&& change) {
        Case other = usual;
        change(other);
        EXPECT_TRUE(labels.insert(case_label(other)).second) << case_label(other);
    };
    vary([](Case& c) { c.shape.experts = 9; });
    vary([](Case& c) { c.shape.max_tokens = 9; });
    vary([](Case& c) { c.shape.hidden = 256; });
    vary([](Case& c) { c.shape.group_size = 64; });
    vary([](Case& c) { c.shape.scale_format = ScaleFormat::ue8m0_packed; });
    vary([](Case& c) { c.shape.input_type = InputType::fp16; });
    vary([](Case& c) { c.total_tokens = 9; });
    vary([](Case& c) { c.strategy.kind = Strategy::Kind::uniform; });
    vary([](Case& c) { c.seed = 43; });
}

}  // namespace
}  // namespace moescope
