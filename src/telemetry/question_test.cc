// SPDX-License-Identifier: Apache-2.0
#include "telemetry/question.h"

#include <gtest/gtest.h>
#include <limits>

namespace nav::telemetry {
namespace {

constexpr Time now{1'700'000'000'000'000};

TEST(Ranges, OfAYearInSecondsAreRefusedWithWhatWouldBeFine) {
  auto const refused = check({now - days(365), now, seconds(1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "step");
  EXPECT_EQ(refused.error().hint, "1h or more for 365d");
  EXPECT_TRUE(check({now - days(365), now, hours(1)}));
}

TEST(Ranges, ThatEndBeforeTheyBeginAreRefused) {
  EXPECT_EQ(check({now, now, seconds(1)}).error().field, "until");
  EXPECT_EQ(check({now - seconds(9), now, microseconds(5)}).error().field, "step");
  EXPECT_EQ(check({now - seconds(9), now, seconds(-5)}).error().field, "step");
  EXPECT_EQ(check({Time{std::numeric_limits<std::int64_t>::min()}, now, {}}).error().field, "since");
  EXPECT_EQ(check({now, Time{std::numeric_limits<std::int64_t>::max()}, {}}).error().field, "until");
  EXPECT_EQ(check({now - seconds(9), now, Duration{std::numeric_limits<std::int64_t>::max()}}).error().field, "step");
}

TEST(Ranges, AreAnsweredByTheCoarsestThatIsFineEnough) {
  EXPECT_EQ(grain_for({now - hours(1), now, minutes(1)}, now), 0u);
  EXPECT_EQ(grain_for({now - hours(1), now, minutes(15)}, now), 1u);
  EXPECT_EQ(grain_for({now - days(7), now, hours(1)}, now), 2u);
  EXPECT_EQ(grain_for({now - days(7), now, {}}, now), 1u) << "all in one, from a moment within an hour";
  EXPECT_EQ(grain_for({floor_to(now, hours(1)) - days(7), now, {}}, now), 2u);
  EXPECT_EQ(level_for({now - hours(1), now, seconds(5)}, now), 0u);
}

TEST(Ranges, FinerThanWhatIsKeptAreRefusedWithWhatIs) {
  auto const refused = grain_for({now - days(3), now - days(3) + hours(1), minutes(1)}, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "step");
  EXPECT_EQ(refused.error().hint.substr(0, 11), "10m or more");
  EXPECT_FALSE(level_for({now - days(20), now - days(20) + hours(1), seconds(5)}, now));
}

TEST(Folding, GroupsByTwoAndLeavesOutWhatMayNotBeSeen) {
  UsageFold fold({.range = {now, now + hours(1), {}}, .measures = {Measure::Held}, .by = {Dimension::Team, Dimension::Profile}, .projects = {{"p"}}});
  Dimensions const mine{"p", "ada", "vision", "mig-1g.5gb", "1g.5gb", "n", "s"}, theirs{"q", "bob", "speech", "a100", "whole", "n", "s"},
      nobodys{.node = "n", .site = "s"};
  EXPECT_FALSE(fold.group_of(theirs));
  fold.add(*fold.group_of(nobodys), now, Measure::Held, {1});
  fold.add(*fold.group_of(mine), now, Measure::Held, {2});
  fold.add(*fold.group_of(mine), now + minutes(10), Measure::Held, {3});
  auto const groups = fold.take();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].names, (std::vector<std::string>{"", ""}));
  EXPECT_EQ(groups[1].names, (std::vector<std::string>{"vision", "1g.5gb"}));
  EXPECT_EQ(groups[1].points.at(now).at(Measure::Held).sum, 5);
}

}  // namespace
}  // namespace nav::telemetry
