// SPDX-License-Identifier: GPL-3.0-or-later
#include "moescope/ui/support/text.h"

#include <gtest/gtest.h>

#include <QFont>
#include <QFontMetricsF>
#include <QLocale>

#include "moescope/ui/support/setting_names.h"

namespace moescope::ui {
namespace {

std::string utf8(const QString& text) {
    return text.toStdString();
}

TEST(Text, GroupsThousands) {
    EXPECT_EQ(utf8(groupedNumber(0)), "0");
    EXPECT_EQ(utf8(groupedNumber(999)), "999");
    EXPECT_EQ(utf8(groupedNumber(131072)), "131,072");
    EXPECT_EQ(utf8(groupedNumber(-1234567)), "-1,234,567");
}

TEST(Text, ShortensWithThreeDigits) {
    EXPECT_EQ(utf8(compactNumber(512)), "512");
    EXPECT_EQ(utf8(compactNumber(1024)), "1.02k");
    EXPECT_EQ(utf8(compactNumber(8192)), "8.19k");
    EXPECT_EQ(utf8(compactNumber(131072)), "131k");
    EXPECT_EQ(utf8(compactNumber(999999)), "1M");
}

TEST(Text, KeepsSignificantDigits) {
    EXPECT_EQ(utf8(significantNumber(3352.4)), "3,352");
    EXPECT_EQ(utf8(significantNumber(12.34)), "12.3");
    EXPECT_EQ(utf8(significantNumber(0.01234)), "0.0123");
    EXPECT_EQ(utf8(significantNumber(0.0)), "0");
    EXPECT_EQ(utf8(fixedNumber(-1234.5, 1)), "-1,234.5");
}

TEST(Text, TellsTimeAndSize) {
    EXPECT_EQ(utf8(duration(11.2)), "0:12");
    EXPECT_EQ(utf8(duration(3723)), "1:02:03");
    EXPECT_EQ(utf8(byteSize(9'512'000'000)), "9.5 GB");
    EXPECT_EQ(utf8(byteSize(12)), "12 B");
    EXPECT_EQ(utf8(counted(1, "case")), "1 case");
    EXPECT_EQ(utf8(counted(1063, "case")), "1,063 cases");
}

TEST(Text, IgnoresTheLocale) {
    const QLocale before;
    QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    EXPECT_EQ(utf8(fixedNumber(1234.5, 1)), "1,234.5");
    EXPECT_EQ(utf8(compactNumber(8192)), "8.19k");
    QLocale::setDefault(before);
}

TEST(Text, WrapsWithinTheWidth) {
    const QFont font;
    const QString text = "a line that is far too long for the width that it is given here";
    const QStringList lines = wrapText(text, font, 120);
    ASSERT_GT(lines.size(), 1);
    for (const QString& line : lines)
        EXPECT_LE(QFontMetricsF(font).horizontalAdvance(line), 120) << utf8(line);
    EXPECT_EQ(lines.join(' '), text);
}

TEST(SettingNames, ErrorsAreToldInTheWordsOfTheWindow) {
    const SettingError error("leave out " + mention(Setting::launch) + " pdl or lower " +
                             mention(Setting::max_tokens));
    EXPECT_EQ(utf8(errorText(error)), "leave out Launch pdl or lower Capacity T");
    EXPECT_STREQ(error.what(), "leave out --launch pdl or lower --max-tokens");
    EXPECT_EQ(utf8(errorText(Error("--out is its name"))), "--out is its name") << "no other text is touched";
}

}  // namespace
}  // namespace moescope::ui
