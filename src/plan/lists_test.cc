// SPDX-License-Identifier: Apache-2.0
// Compute lists with waits, prices and clouds, as planner and decide see them.
#include <gtest/gtest.h>

#include "core/rung.h"
#include "plan/world_fixture.h"

namespace nav {
namespace {

using fixture::World;
namespace boards = mig::fixture;

JobId submit(World& world, std::vector<std::string> const& on, std::uint32_t count = 1) {
  JobId const first{world.pool.next_job};
  SubmitJobs submit;
  for (auto const& text : on) {
    auto const rung = parse_rung(text);
    EXPECT_TRUE(rung) << text;
    submit.request.on.push_back(rung->on);
    submit.request.limits.push_back(rung->limits);
  }
  submit.request.command = {"true"};
  submit.count = count;
  submit.project = ProjectId{1};
  world.must(submit);
  return first;
}

std::uint32_t rung_of(World const& world, JobId id) { return world.pool.queues.at(world.pool.jobs.at(id.value).queue).request.rung; }

void add_cloud(World& world, std::uint32_t most = 1) {
  Cloud cloud;
  cloud.name = "v100-cloud";
  cloud.machine = "v100-16gb";
  cloud.family = "v100";
  cloud.most = most;
  cloud.boot = seconds(5);
  cloud.idle = minutes(1);
  cloud.price_micro = 2'500'000;
  world.must(SetCloud{cloud});
}

/// "wanted 1; passed 2: why"
std::string clouds(World& world) {
  std::string text;
  auto const plan = plan_clouds(world.pool, Time{world.clock_us}, 100);
  for (auto const& wanted : plan.wanted) {
    text += fmt::format("wanted for {}; ", wanted.job.value);
    world.must(wanted);
  }
  for (auto const& passed : plan.passed) {
    text += fmt::format("{} passes: {}; ", passed.job.value, passed.why);
    world.must(passed);
  }
  return text;
}

TEST(Lists, WithoutWaitsEveryRungIsOpenAtOnce) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {});
  JobId const job = submit(world, {"mig-7g.40gb", "cpu"}, 2);
  EXPECT_EQ(rung_of(world, job), 1u);
  EXPECT_EQ(world.round(), "1 -> a/0:7g.40gb@0; 2 -> b cpu");
}

TEST(Lists, AWaitKeepsWhatComesAfterClosedUntilItEnds) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {});
  submit(world, {"mig-7g.40gb"});
  world.round();
  JobId const job = submit(world, {"mig-7g.40gb:wait=2m", "cpu"});
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(rung_of(world, job), 0u);
  Time const deadline = *rung_deadline(world.pool, world.pool.jobs.at(job.value));
  EXPECT_EQ(deadline, world.pool.jobs.at(job.value).submitted + minutes(2));
  EXPECT_FALSE(world.command(PassRung{job, "too early"})) << "its wait is not over";
  EXPECT_FALSE(world.command(PlaceJob{.job = job, .node = NodeId{1}, .rung = 1})) << "the rung is not open yet";
  world.clock_us = deadline.us;
  world.must(PassRung{job, "held by 1 job"});
  EXPECT_EQ(rung_of(world, job), 1u);
  EXPECT_FALSE(rung_deadline(world.pool, world.pool.jobs.at(job.value))) << "the last waits without end";
  EXPECT_EQ(world.round(), "2 -> b cpu");
}

TEST(Lists, AnEarlierRungIsTakenUntilTheStart) {
  World world;
  world.node("a", {boards::a100_40()});
  submit(world, {"mig-7g.40gb"});
  world.round();
  JobId const job = submit(world, {"mig-7g.40gb:wait=1s", "mig-4g.20gb"});
  world.clock_us += 2'000'000;
  world.must(PassRung{job, "held"});
  EXPECT_EQ(world.round(), "");
  world.finish(JobId{1});
  EXPECT_EQ(world.round(), "2 -> a/0:7g.40gb@0") << "not the half, which was its second choice";
}

TEST(Lists, OneWhoseWaitIsOverGoesAheadOfTheYoungerWhoStillWait) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {});
  submit(world, {"mig-7g.40gb"});
  world.round();
  JobId const first = submit(world, {"mig-7g.40gb:wait=1s", "cpu"}, 2);
  world.clock_us += 2'000'000;
  world.must(PassRung{first, "held"});
  EXPECT_EQ(world.round(), "2 -> b cpu") << "the other has not passed its rung";
  world.finish(JobId{1});
  EXPECT_EQ(world.round(), "3 -> a/0:7g.40gb@0");
}

TEST(Lists, ARungThatCostsTooMuchIsNotTaken) {
  World world;
  world.node("a", {boards::a100_40()});
  Template t = *world.pool.find_template("mig-1g.5gb");
  t.price_micro = 500'000;
  world.must(SetTemplate{t, TemplateWish::Replace});
  JobId const job = submit(world, {"mig-1g.5gb:price=0.40:wait=1h", "cpu"});
  EXPECT_EQ(rung_of(world, job), 1u) << "what cannot be had is not waited for";
  EXPECT_EQ(world.round(), "1 -> a cpu");
  submit(world, {"mig-1g.5gb:price=0.50", "cpu"});
  EXPECT_EQ(world.round(), "2 -> a/0:1g.5gb@6");
}

TEST(Clouds, AMachineIsWantedWhenTheRungIsCurrentAndOnlyOnceForAJob) {
  World world;
  world.node("a", {boards::a100_40()});
  add_cloud(world);
  submit(world, {"mig-7g.40gb"});
  world.round();
  JobId const job = submit(world, {"mig-7g.40gb:wait=1m", "v100-cloud", "cpu"});
  world.round();
  EXPECT_EQ(clouds(world), "") << "it still waits for the slice";
  world.clock_us += minutes(2).us;
  world.must(PassRung{job, "held"});
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(clouds(world), "wanted for 2; ");
  EXPECT_EQ(clouds(world), "");
  EXPECT_TRUE(world.why(job).starts_with("booting: v100-cloud-1 boots, which takes about 5s; it costs 2.50 an hour")) << world.why(job);
  world.finish(JobId{1});
  EXPECT_EQ(world.round(), "2 -> a/0:7g.40gb@0") << "earlier rungs stay open while a machine boots";
}

TEST(Clouds, TheRungIsPassedWhereNoMachineIsToBeHad) {
  World world;
  world.node("a", {boards::a100_40()});
  add_cloud(world);
  JobId const job = submit(world, {"v100-cloud", "cpu"}, 2);
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(clouds(world), "wanted for 1; 2 passes: all 1 machines of v100-cloud are taken; ");
  EXPECT_EQ(world.round(), "2 -> a cpu");
  world.must(OpenCloud{"v100-cloud", false});
  EXPECT_EQ(clouds(world), "1 passes: v100-cloud is closed; ");
  EXPECT_EQ(world.round(), "1 -> a cpu");
  EXPECT_EQ(rung_of(world, job), 1u);
}

TEST(Clouds, AMachineThatCameIsForWhoNamesItAndGoesBackWhenIdle) {
  World world;
  add_cloud(world);
  submit(world, {"v100-cloud"});
  EXPECT_EQ(clouds(world), "wanted for 1; ");
  EXPECT_FALSE(world.command(JoinNode{"v100-cloud-2", "v100-cloud", {}})) << "nobody wants a second";
  NodeId const node = world.node("v100-cloud-1", {boards::v100()}, 8, 62'464, "v100-cloud");
  EXPECT_EQ(world.pool.rentals->at(RentalId{1}).state, RentalState::Ready);
  EXPECT_EQ(world.pool.find_template("v100"), nullptr) << "a machine that is here for an hour brings no template";
  EXPECT_EQ(world.round(), "1 -> v100-cloud-1/0");
  EXPECT_FALSE(world.command(ReleaseMachine{RentalId{1}, "idle"})) << "it is in use";
  world.finish(JobId{1});
  EXPECT_TRUE(world.pool.rentals->at(RentalId{1}).idle_since);
  world.must(ReleaseMachine{RentalId{1}, "idle for 1m"});
  EXPECT_EQ(world.pool.node(node)->state, NodeState::Lost);
  world.must(ReportCloud{{"v100-cloud", {{"v100-cloud-1", MachineState::Running, ""}}}});
  EXPECT_EQ(world.pool.rentals->size(), 1u) << "it costs until the provider has it no more";
  world.must(ReportCloud{{"v100-cloud", {}}});
  EXPECT_TRUE(world.pool.rentals->empty());
}

TEST(Clouds, OneThatFailedIsLeftAloneForAWhile) {
  World world;
  world.node("a", {});
  add_cloud(world);
  submit(world, {"v100-cloud", "cpu"});
  EXPECT_EQ(clouds(world), "wanted for 1; ");
  world.must(ReportCloud{{"v100-cloud", {{"v100-cloud-1", MachineState::Failed, "no capacity"}}}});
  world.must(ReportCloud{{"v100-cloud", {}}});
  EXPECT_EQ(clouds(world), "1 passes: v100-cloud gave no machine: v100-cloud-1: no capacity; ");
  EXPECT_EQ(world.round(), "1 -> a cpu");
  world.clock_us += minutes(2).us;
  submit(world, {"v100-cloud", "cpu"});
  EXPECT_EQ(clouds(world), "wanted for 2; ");
}

TEST(Clouds, AMachineThatVanishesTakesItsJobsAlong) {
  World world;
  world.node("a", {});
  add_cloud(world);
  SubmitJobs submit;
  submit.request.on = {"v100-cloud", "cpu"};
  submit.request.command = {"true"};
  submit.request.restartable = true;
  submit.project = ProjectId{1};
  world.must(submit);
  clouds(world);
  world.node("v100-cloud-1", {boards::v100()}, 8, 62'464, "v100-cloud");
  EXPECT_EQ(world.round(), "1 -> v100-cloud-1/0");
  world.must(ReportCloud{{"v100-cloud", {}}});
  EXPECT_TRUE(world.pool.rentals->empty());
  EXPECT_EQ(world.pool.jobs.at(1).state, JobState::Queued) << "it may be begun anew";
  EXPECT_EQ(rung_of(world, JobId{1}), 0u) << "from the top of its list";
}

TEST(Climbing, AJobBelowItsBestBeginsAnewWhenThatIsFree) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {});
  world.submit({"mig-7g.40gb"});
  world.round();
  SubmitJobs submit;
  submit.request.on = {"mig-7g.40gb", "cpu"};
  submit.request.command = {"true"};
  submit.request.climbs = true;
  submit.project = ProjectId{1};
  EXPECT_FALSE(world.command(submit)) << "only a job that may be restarted climbs";
  submit.request.restartable = true;
  world.must(submit);
  EXPECT_EQ(world.round(), "2 -> b cpu");
  world.report(NodeId{2});
  EXPECT_TRUE(world.pool.climbers->contains(JobId{2}));
  EXPECT_FALSE(world.command(ClimbJob{JobId{2}, 1})) << "its own rung is no better";
  world.must(ClimbJob{JobId{2}, 0});
  world.finish(JobId{1});
  auto status = world.status(NodeId{2}, {{JobId{2}, 1}});
  for (auto& attempt : status.attempts) attempt.outcome = Outcome::Stopped;
  world.must(ReportNode{status});
  EXPECT_EQ(world.pool.jobs.at(2).state, JobState::Queued);
  EXPECT_EQ(world.round(), "2 -> a/0:7g.40gb@0");
  EXPECT_TRUE(world.pool.climbers->empty());
}

}  // namespace
}  // namespace nav
