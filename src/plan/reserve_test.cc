// SPDX-License-Identifier: Apache-2.0
#include "plan/reserve.h"

#include <gtest/gtest.h>

#include "plan/site_fixture.h"

namespace nav {
namespace {

using fixture::Site;
namespace boards = mig::fixture;

/// One node of two GPUs: one is held for an hour, and a job wants both.
struct Blocked : Site {
  JobId big;
  Blocked() {
    node("a", {boards::a100_40(), boards::a100_40()});
    ask({.on = {"a100"}, .runs = minutes(60), .limit = minutes(60)});
    share(), report_all();
    big = ask({.on = {"a100-x2"}, .runs = minutes(10), .limit = minutes(10)});
    share();
  }
};

TEST(Reservation, WhatIsFreeIsKeptForTheFirstThatDoesNotFit) {
  Blocked site;
  JobId const small = site.ask({.on = {"mig-1g.5gb"}, .runs = hours(5)});
  site.share();
  EXPECT_FALSE(site.is_seated(small));
  EXPECT_EQ(site.why(small), fmt::format("reserved: what is free is kept for job {}, which goes before it: GPUs 0, 1 of a", site.big.value));
  ASSERT_EQ(site.index.reservations().size(), 1u);
  auto const& kept = site.index.reservations()[0];
  EXPECT_TRUE(kept.exact);
  EXPECT_NEAR((kept.ready - site.now()).seconds(), 3630, 5);
}

TEST(Reservation, WhoIsGoneInTimeGoesOnItAllTheSame) {
  Blocked site;
  JobId const brief = site.ask({.on = {"mig-1g.5gb"}, .runs = minutes(20), .limit = minutes(20)});
  JobId const longer = site.ask({.on = {"mig-2g.10gb"}, .runs = minutes(70), .limit = minutes(70)});
  site.share();
  EXPECT_TRUE(site.is_seated(brief));
  EXPECT_FALSE(site.is_seated(longer));
  site.pass(minutes(62));
  EXPECT_TRUE(site.is_seated(site.big)) << "it began when the time limit said so";
}

TEST(Reservation, AHigherClassIsNotKeptFromIt) {
  Blocked site;
  JobId const high = site.ask({.on = {"mig-1g.5gb"}, .runs = hours(5), .priority = 10});
  site.share();
  EXPECT_TRUE(site.is_seated(high));
}

TEST(Reservation, ItIsLeftWhenItsNodeIsDrained) {
  Blocked site;
  NodeId const other = site.node("b", {boards::a100_40(), boards::a100_40()});
  site.must(DrainNode{NodeId{1}, "for a while"});
  site.share();
  EXPECT_TRUE(site.is_seated(site.big));
  EXPECT_EQ(site.pool.jobs.at(site.big.value).seat.node, other);
  EXPECT_TRUE(site.index.reservations().empty());
}

TEST(Reservation, AfterARoundTheIndexIsThatOfThePool) {
  Blocked site;
  site.share();
  PlanIndex fresh;
  fresh.rebuild(site.pool);
  EXPECT_TRUE(site.index == fresh);
}

/// More small work than the pool can do, without end: the large job starts as soon as who ran before it has ended.
TEST(Reservation, UnderAFloodOfSmallJobsALargeOneStartsWithinTheLongestRun) {
  for (bool const limits : {true, false}) {
    Site site;
    for (char const* name : {"a", "b"}) site.node(name, {boards::a100_40(), boards::a100_40()});
    Random random(7);
    auto const flood = [&] {
      for (int i = 0; i < 8; ++i) {
        auto const length = minutes(1 + static_cast<std::int64_t>(random.below(60)));
        site.ask({.on = {"mig-1g.5gb"}, .runs = length, .limit = limits ? length : Duration{}, .restartable = false});
      }
    };
    for (int i = 0; i < 4; ++i) flood();
    site.pass(minutes(2));
    JobId const large = site.ask({.on = {"a100-x2"}, .runs = minutes(30), .restartable = false});
    Time const asked = site.now();
    for (int i = 0; i < 240 && !site.is_seated(large); ++i) flood(), site.pass(minutes(1));
    ASSERT_TRUE(site.is_seated(large)) << "limits " << limits;
    EXPECT_LE((site.now() - asked).seconds(), 75 * 60) << "limits " << limits;
  }
}

}  // namespace
}  // namespace nav
