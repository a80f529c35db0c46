// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(Text, DurationsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("90").value(), seconds(90));
  EXPECT_EQ(parse_duration("1h30m").value(), minutes(90));
  EXPECT_EQ(parse_duration("250ms").value(), milliseconds(250));
  for (auto wrong : {"", "m", "1x", "-5s", "1h 30m", "99999999999999999999d", "9999999999999d"}) EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Text, DurationsAreShownWithTwoUnitsAtMost) {
  EXPECT_EQ(to_text(milliseconds(250)), "250ms");
  EXPECT_EQ(to_text(milliseconds(2500)), "2.5s");
  EXPECT_EQ(to_text(seconds(130)), "2m10s");
  EXPECT_EQ(to_text(hours(52) + seconds(5)), "2d4h");
}

TEST(Text, TimesAreRfc3339) {
  EXPECT_EQ(to_text(Time{0}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_text(Time{1'709'164'800'000'001}), "2024-02-29T00:00:00.000001Z");
}

TEST(Text, MemoryIsReadInMiB) {
  EXPECT_EQ(parse_mib("512M").value(), 512u);
  EXPECT_EQ(parse_mib("1.5G").value(), 1536u);
  EXPECT_FALSE(parse_mib("16X"));
  EXPECT_EQ(mib_text(19968), "19.5 GiB");
}

TEST(Text, NearestNamesAreOffered) {
  std::vector<std::string> const known{"mig-1g.5gb", "mig-1g.10gb", "a100", "cpu"};
  EXPECT_EQ(nearest("mig-1g5gb", known).front(), "mig-1g.5gb");
  EXPECT_TRUE(nearest("zzzzzz", known).empty());
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc...");
  EXPECT_EQ(shortened("a\xC3\xA4\xC3\xB6", 2), "a...");
  EXPECT_EQ(shortened("a\xC3\xA4\xC3\xB6", 4), "a\xC3\xA4...");
}

TEST(Text, MoneyIsReadAndWrittenExactly) {
  EXPECT_EQ(parse_money("3").value_or(-1), 3'000'000);
  EXPECT_EQ(parse_money("2.50").value_or(-1), 2'500'000);
  EXPECT_EQ(parse_money("0.000001").value_or(-1), 1);
  for (char const* wrong : {"", ".5", "1.", "-1", "1,5", "1.0000001", "3 EUR", "9999999999999"}) EXPECT_FALSE(parse_money(wrong)) << wrong;
  EXPECT_EQ(money_text(2'500'000), "2.50");
  EXPECT_EQ(money_text(0), "0.00");
  EXPECT_EQ(money_text(125'000), "0.125");
  EXPECT_EQ(money_text(-1), "-0.000001");
}

}  // namespace
}  // namespace nav
