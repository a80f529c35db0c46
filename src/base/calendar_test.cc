// SPDX-License-Identifier: Apache-2.0
#include "base/calendar.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

TEST(Calendar, KnowsSomeDays) {
  EXPECT_EQ(days_since_1970({1970, 1, 1}), 0);
  EXPECT_EQ(days_since_1970({1969, 12, 31}), -1);
  EXPECT_EQ(days_since_1970({2000, 2, 29}), 11'016);
  EXPECT_EQ(days_since_1970({2026, 11, 22}), 20'779);
}

TEST(Calendar, EveryDayComesBackAndFollowsTheOneBefore) {
  Date before = date_of(-200'001);
  for (std::int64_t day = -200'000; day <= 200'000; ++day) {
    Date const date = date_of(day);
    ASSERT_EQ(days_since_1970(date), day);
    bool const goes_on = date.month == before.month && date.day == before.day + 1;
    ASSERT_TRUE(goes_on || date.day == 1) << day;
    before = date;
  }
}

TEST(Calendar, ADayThatIsNoneDoesNotComeBack) {
  for (Date const& wrong : {Date{2026, 2, 29}, Date{1900, 2, 29}, Date{2026, 4, 31}, Date{2026, 1, 32}}) EXPECT_NE(date_of(days_since_1970(wrong)), wrong);
}

}  // namespace
}  // namespace nav
