// SPDX-License-Identifier: Apache-2.0
#include "plan/forecast.h"

#include <gtest/gtest.h>

#include "core/rung.h"
#include "plan/world_fixture.h"

namespace nav {
namespace {

using fixture::World;
namespace boards = mig::fixture;

/// Between being told to end and having ended.
constexpr Duration grace = seconds(30);

SubmitJobs wish(std::vector<std::string> const& on, std::uint32_t count = 1, Duration time_limit = {}) {
  SubmitJobs wish;
  for (auto const& text : on) {
    auto const rung = parse_rung(text);
    EXPECT_TRUE(rung) << text;
    wish.request.on.push_back(rung->on);
    wish.request.limits.push_back(rung->limits);
  }
  wish.request.command = {"true"};
  wish.request.time_limit = time_limit;
  wish.count = count;
  wish.project = ProjectId{1};
  return wish;
}

Forecast look(World const& world, SubmitJobs const& jobs) {
  auto const found = forecast(world.pool, jobs, {UserId{1}, Time{world.clock_us}});
  EXPECT_TRUE(found);
  return found.value_or(Forecast{});
}

TEST(Forecast, SaysHowManyStartNowAndWhere) {
  World world;
  world.node("a", {boards::a100_40()});
  auto const found = look(world, wish({"mig-1g.5gb"}, 9));
  EXPECT_EQ(found.now, 7u);
  EXPECT_EQ(found.start.confidence, Confidence::Now);
  EXPECT_EQ(world.to_text(*found.start.place), "1 -> a/0:1g.5gb@6");
  EXPECT_EQ(world.pool.jobs.size(), 0u) << "nothing happened";
}

TEST(Forecast, TellsNeverFromNotNow) {
  World world;
  world.node("a", {boards::a100_40()});
  world.must(wish({"mig-7g.40gb"}));
  world.round();
  SubmitJobs greedy = wish({"mig-7g.40gb"});
  greedy.request.cpu_milli = 10'000'000;
  EXPECT_EQ(look(world, greedy).rungs.at(0).reason.lack, Lack::Never);
  auto const found = look(world, wish({"mig-1g.5gb"}));
  EXPECT_EQ(found.now, 0u);
  EXPECT_EQ(found.rungs.at(0).reason.lack, Lack::Busy);
  EXPECT_EQ(found.start.confidence, Confidence::Unknown) << "who holds it has no time limit";
}

TEST(Forecast, TimeLimitsOfHoldersAndOfThoseAheadGiveTheStart) {
  World world;
  world.node("a", {boards::a100_40()});
  world.must(wish({"mig-7g.40gb"}, 1, minutes(10)));
  world.round();
  world.must(wish({"mig-7g.40gb"}, 1, minutes(5)));
  Time const began = world.pool.jobs.at(1).since;
  auto const found = look(world, wish({"mig-4g.20gb"}));
  EXPECT_EQ(found.start.confidence, Confidence::AtLatest);
  EXPECT_EQ(found.start.at, began + minutes(15) + grace + grace) << "job 2 goes before it";
}

TEST(Forecast, WithoutLimitsItIsLikelyWhenJobsAsUsualAreDone) {
  World world;
  NodeId const node = world.node("a", {boards::a100_40()});
  JobId const holder = world.submit({"mig-7g.40gb"});
  world.round();
  world.report(node);
  EXPECT_EQ(look(world, wish({"mig-4g.20gb"})).start.confidence, Confidence::Unknown) << "nothing of this project has ended yet";
  note_run(world.pool.accounts, ProjectId{1}, minutes(8));
  auto const start = look(world, wish({"mig-4g.20gb"})).start;
  EXPECT_EQ(start.confidence, Confidence::Likely);
  EXPECT_EQ(start.at, world.pool.jobs.at(holder.value).started + minutes(8));
}

TEST(Forecast, WhoStartsInTheForecastRunsAsUsualToo) {
  World world;
  NodeId const node = world.node("a", {boards::a100_40()});
  note_run(world.pool.accounts, ProjectId{1}, minutes(8));
  world.must(wish({"mig-7g.40gb"}, 1, minutes(10)));
  world.round();
  world.report(node);
  for (int i = 0; i < 3; ++i) world.submit({"mig-7g.40gb"});
  auto const start = look(world, wish({"mig-4g.20gb"})).start;
  EXPECT_EQ(start.confidence, Confidence::Likely);
  EXPECT_GT(start.at, Time{world.clock_us} + minutes(30));
  EXPECT_LT(start.at, Time{world.clock_us} + minutes(40));
}

TEST(Forecast, AWaitingJobIsToldTheStartItThenHas) {
  World world;
  world.node("a", {boards::a100_40()});
  world.must(wish({"mig-7g.40gb"}, 1, minutes(10)));
  world.round();
  JobId const waiting = world.submit({"mig-4g.20gb"});
  Time const began = world.pool.jobs.at(1).since;
  auto const start = expected_start(world.pool, waiting, Time{world.clock_us});
  EXPECT_EQ(start.confidence, Confidence::AtLatest);
  EXPECT_EQ(start.at, began + minutes(10) + grace);
  EXPECT_EQ(world.pool.job(waiting)->state, JobState::Queued) << "nothing happened";
}

TEST(Forecast, AWaitEndsInItsCourseAndTheNextRungIsTaken) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {});
  world.must(wish({"mig-7g.40gb"}));
  world.round();
  auto const found = look(world, wish({"mig-7g.40gb:wait=2m", "cpu"}));
  EXPECT_EQ(found.now, 0u);
  EXPECT_EQ(found.start.rung, 1u);
  EXPECT_EQ(found.start.at, Time{world.clock_us} + minutes(2));
  EXPECT_EQ(found.rungs.at(1).start.confidence, Confidence::Now) << "by itself the second could be had at once";
}

TEST(Forecast, ACloudBootsAndCosts) {
  World world;
  Cloud cloud;
  cloud.name = "v100-cloud";
  cloud.family = "v100";
  cloud.most = 1;
  cloud.boot = seconds(30);
  cloud.price_micro = 2'500'000;
  world.must(SetCloud{cloud});
  auto const found = look(world, wish({"v100-cloud"}));
  EXPECT_EQ(found.start.confidence, Confidence::About);
  EXPECT_EQ(found.start.cloud, "v100-cloud");
  EXPECT_EQ(found.start.at, Time{world.clock_us} + seconds(30));
  EXPECT_EQ(found.rungs.at(0).price_micro, 2'500'000);
  EXPECT_TRUE(world.pool.rentals->empty()) << "nothing was booted";
}

TEST(Forecast, WhatCannotBeSubmittedIsRefusedInTheSameWords) {
  World world;
  world.node("a", {boards::a100_40()});
  auto const refused = forecast(world.pool, wish({"mig-1g.5g"}), {UserId{1}, Time{world.clock_us}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "on[0]");
}

}  // namespace
}  // namespace nav
