// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "plan/forecast.h"
#include "plan/site_fixture.h"

namespace nav {
namespace {

using fixture::Site;
using fixture::World;
namespace boards = mig::fixture;

std::vector<mig::Board> gpus(std::size_t count) { return std::vector<mig::Board>(count, boards::a100_40()); }

TEST(PlaceGang, ItsMembersAreSpreadOverTheNodesThatHaveRoom) {
  World world;
  world.node("a", gpus(1), 128, 524'288);
  world.node("b", gpus(2));
  world.submit_gang(3, "a100");
  EXPECT_EQ(world.round(), "1 -> a/0; 2 -> b/0; 3 -> b/1");
}

TEST(PlaceGang, SlicesOfOneGpuWillDo) {
  World world;
  world.node("a", gpus(1));
  world.submit_gang(7, "mig-1g.5gb");
  EXPECT_EQ(world.round(),
            "1 -> a/0:1g.5gb@6; 2 -> a/0:1g.5gb@4; 3 -> a/0:1g.5gb@5; 4 -> a/0:1g.5gb@0; 5 -> a/0:1g.5gb@1; 6 -> a/0:1g.5gb@2; 7 -> a/0:1g.5gb@3");
}

TEST(PlaceGang, WhereOneMemberHasNoPlaceNoneGetsOneAndTheIndexIsAsBefore) {
  World world;
  world.node("a", gpus(2));
  world.submit({"a100"});
  world.round();
  JobId const gang = world.submit_gang(2, "a100");
  PlanIndex before;
  before.rebuild(world.pool);
  EXPECT_EQ(world.round(), "");
  EXPECT_TRUE(world.index == before);
  EXPECT_EQ(world.why(gang), "busy: its 2 members start together, and 1 of 2 places for a100 is free");
  world.finish({1});
  EXPECT_EQ(world.round(), "2 -> a/0; 3 -> a/1");
}

TEST(PlaceGang, AllMembersAreAtOneSite) {
  World world;
  world.node("a", gpus(1), 128, 524'288, "east");
  world.node("b", gpus(2), 256, 1'048'576, "west");
  world.submit_gang(2, "a100");
  EXPECT_EQ(world.round(), "1 -> b/0; 2 -> b/1");
  JobId const far = world.submit_gang(2, "mig-1g.5gb");
  EXPECT_EQ(world.round(), fmt::format("{} -> a/0:1g.5gb@6; {} -> a/0:1g.5gb@4", far.value, far.value + 1));
}

TEST(PlaceGang, ManyAlikeAreTriedUntilTheFirstThatDoesNotFit) {
  World world;
  world.node("a", gpus(4));
  SubmitJobs submit;
  submit.request.on = {"a100"};
  submit.request.command = {"true"};
  submit.request.members = 2;
  submit.count = 3;
  submit.project = ProjectId{1};
  world.must(submit);
  EXPECT_EQ(world.round(), "1 -> a/0; 2 -> a/1; 3 -> a/2; 4 -> a/3");
  EXPECT_EQ(world.pool.waiting, 2u);
}

TEST(PlaceGang, SmallerJobsThatKeepComingDoNotStarveIt) {
  Site site;
  site.node("a", gpus(2));
  site.node("b", gpus(2));
  site.ask({.on = {"a100"}, .runs = minutes(50), .limit = minutes(50), .restartable = false}, 3);
  site.share(), site.report_all();
  JobId const gang = site.ask({.on = {"a100"}, .runs = minutes(10), .restartable = false, .members = 4});
  for (int i = 0; i < 60 && !site.is_seated(gang); ++i) {
    site.ask({.on = {"mig-3g.20gb"}, .runs = minutes(90), .limit = minutes(90), .restartable = false});
    site.ask({.on = {"a100"}, .runs = minutes(5), .limit = minutes(5), .restartable = false});
    site.pass(minutes(1));
  }
  EXPECT_TRUE(site.is_seated(gang)) << site.why(gang);
  EXPECT_TRUE(site.is_seated({gang.value + 3}));
  EXPECT_LE(site.now().us, minutes(56).us);
}

TEST(PlaceGang, SlicesForAGangAreKeptAsManyToAGpuAsItGives) {
  Site site;
  site.node("a", gpus(1));
  site.node("b", gpus(1));
  site.ask({.on = {"a100"}, .runs = minutes(20), .limit = minutes(20), .restartable = false});
  site.share(), site.report_all();
  JobId const gang = site.ask({.on = {"mig-1g.5gb"}, .restartable = false, .members = 14});
  site.share();
  EXPECT_EQ(site.index.reservations().size(), 2u);
  JobId const later = site.ask({.on = {"mig-1g.5gb"}, .runs = hours(9), .restartable = false});
  site.share();
  EXPECT_FALSE(site.is_seated(later));
  site.pass(minutes(23));
  EXPECT_TRUE(site.is_seated(gang));
  EXPECT_TRUE(site.index.reservations().empty() || site.index.reservations()[0].job == later);
}

TEST(PlaceGang, AGangThatALimitForbidsSaysSoOfAllItsMembersTogether) {
  Site site;
  site.node("a", gpus(3));
  site.project(1, "small", 0, {.slices = 14, .borrow_slices = 0});
  JobId const gang = site.ask({.on = {"a100"}, .members = 3});
  site.share();
  EXPECT_FALSE(site.is_seated(gang));
  EXPECT_EQ(site.why({gang.value + 1}),
            "quota: project small may use 14 slices at once: 0 are in use and it asks for 21; it can never have that as long as the limit stands");
  JobId const pair = site.ask({.on = {"a100"}, .members = 2});
  site.share();
  EXPECT_TRUE(site.is_seated(pair));
}

TEST(PlaceGang, OneThatThePoolHasBecomeTooSmallForSaysSo) {
  World world;
  world.node("a", gpus(1));
  NodeId const second = world.node("b", gpus(1));
  world.submit({"a100"});
  world.round();
  JobId const gang = world.submit_gang(2, "a100");
  world.must(DrainNode{second});
  EXPECT_EQ(world.why(gang), "busy: the one place for a100 is held by 1 job; 1 more out of reach: b is draining");
  world.finish({1});
  EXPECT_EQ(world.why(gang), "no_node: its 2 members start together, and 1 of 2 places for a100 is free; 1 out of reach: b is draining");
  world.must(MissNode{second});
  world.must(DeclareNodeLost{second});
  EXPECT_EQ(world.why(gang), "never: its 2 members start together, and the pool gives a100 1 time");
}

TEST(PlaceGang, WhateverIsAskedOfAMemberIsAnsweredForTheGang) {
  World world;
  world.node("a", gpus(1));
  world.node("b", gpus(1));
  JobId const gang = world.submit_gang(2, "a100");
  JobId const last{gang.value + 1};
  EXPECT_EQ(why(world.pool, world.index, last).ahead, 0u) << "its own members do not go before it";
  auto const start = expected_start(world.pool, last, Time{world.clock_us});
  EXPECT_EQ(start.confidence, Confidence::Now);
  ASSERT_EQ(start.members.size(), 2u);
  EXPECT_EQ(start.members[1].job, last);
  EXPECT_NE(start.members[0].node, start.members[1].node);
}

TEST(PlaceGang, AForecastSaysWhenAGangWouldStart) {
  World world;
  world.node("a", gpus(2));
  SubmitJobs one;
  one.request.on = {"a100"};
  one.request.command = {"true"};
  one.request.time_limit = minutes(30);
  one.project = ProjectId{1};
  world.must(one);
  world.round();
  one.request.members = 2;
  auto const found = forecast(world.pool, one, {UserId{1}, Time{world.clock_us}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->now, 0u);
  EXPECT_EQ(found->start.confidence, Confidence::AtLatest);
  EXPECT_NEAR(static_cast<double>(found->start.at.us - world.clock_us) / 1e6, 1830, 5);
  world.must(one);
  world.finish({1});
  world.round();
  auto const after = forecast(world.pool, one, {UserId{1}, Time{world.clock_us}});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->start.confidence, Confidence::AtLatest) << "the first gang ends as one";
}

}  // namespace
}  // namespace nav
