// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <gtest/gtest.h>

#include "agent/world_fixture.h"

namespace nav {
namespace {

using fixture::attempt;
using fixture::World;
using Said = std::vector<std::string>;

AttemptStatus const* find(NodeStatus const& status, AttemptId id) {
  for (auto const& a : status.attempts)
    if (a.id == id) return &a;
  return nullptr;
}

TEST(Agent, CutsASliceAndStartsTheJobOnIt) {
  World world;
  world.shape({"1g.5gb@4"});
  world.add(42, "1g.5gb@4");
  world.start_agent();
  world.run(seconds(1));
  EXPECT_EQ(world.said, (Said{"fetch 42.1", "create GPU-0 1g.5gb@4", "start 42.1 MIG-1"}));
  ASSERT_TRUE(world.reported);
  EXPECT_EQ(find(*world.reported, attempt(42))->phase, AttemptPhase::Running);
  EXPECT_EQ(world.reported->generation, world.spec.generation);
  EXPECT_TRUE(world.record.steps.empty());
}

TEST(Agent, TellsOfEveryAttemptTheSpecNamesFromTheFirstReportThatTakesAccountOfIt) {
  World world;
  world.start_agent();
  world.run(seconds(1));
  world.machine.gpus["GPU-0"].hangs = true;  // the slice will take long
  world.shape({"1g.5gb@4"});
  world.add(42, "1g.5gb@4");
  world.run(seconds(1));
  ASSERT_EQ(world.reported->generation, world.spec.generation);
  ASSERT_TRUE(find(*world.reported, attempt(42)));
  EXPECT_EQ(find(*world.reported, attempt(42))->phase, AttemptPhase::Starting);
}

TEST(Agent, StopsWhatTheSpecNoLongerNamesBeforeItTakesTheSliceAway) {
  World world;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.start_agent();
  world.run(seconds(1));
  world.said.clear();
  world.shape({"2g.10gb@0"});
  world.drop(1);
  world.add(2, "2g.10gb@0");
  world.run(seconds(2));
  EXPECT_EQ(world.said, (Said{"stop 1.1", "fetch 2.1", "forget 1.1", "destroy GPU-0 1g.5gb@0", "create GPU-0 2g.10gb@0", "start 2.1 MIG-2"}));
  EXPECT_TRUE(world.machine.broken.empty());
}

TEST(Agent, StopsNothingWithoutAControllerAndTakesUpWhatRuns) {
  World world;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.start_agent();
  world.run(seconds(1));
  world.controller_is_there = false;
  world.said.clear();
  world.warnings.clear();
  world.start_agent();
  world.run(minutes(2));
  EXPECT_EQ(world.said, (Said{"warn controller: nobody there"}));
  world.controller_is_there = true;
  world.run(seconds(20));
  EXPECT_EQ(world.said.size(), 1u);
  EXPECT_EQ(world.machine.started[attempt(1)], 1);
  EXPECT_EQ(find(*world.reported, attempt(1))->phase, AttemptPhase::Running);
}

TEST(Agent, GivesUpACreationTheDriverKeepsRefusingAndSaysItsWords) {
  World world;
  world.machine.gpus["GPU-0"].refuse_creations = 1000;
  world.shape({"1g.5gb@4"});
  world.add(42, "1g.5gb@4");
  world.start_agent();
  world.run(seconds(5));
  auto const* a = find(*world.reported, attempt(42));
  ASSERT_TRUE(a);
  EXPECT_EQ(a->phase, AttemptPhase::Ended);
  EXPECT_EQ(a->outcome, Outcome::NodeError);
  EXPECT_EQ(a->message, "create GPU-0 1g.5gb@4: In use by another client");
  EXPECT_EQ(world.reported->gpus[0].problem, "create GPU-0 1g.5gb@4: In use by another client");
  world.machine.gpus["GPU-0"].refuse_creations = 0;
  world.drop(42);
  world.run(seconds(40));
  EXPECT_EQ(world.reported->gpus[0].problem, "") << "the slice is still wanted, and came to be once the driver let it";
  EXPECT_TRUE(world.machine.gpus["GPU-0"].instances.contains("1g.5gb@4"));
}

TEST(Agent, ACreationRefusedTwiceIsNobodysBusiness) {
  World world;
  world.machine.gpus["GPU-0"].refuse_creations = 2;
  world.shape({"1g.5gb@4"});
  world.add(42, "1g.5gb@4");
  world.start_agent();
  world.run(seconds(5));
  EXPECT_EQ(find(*world.reported, attempt(42))->phase, AttemptPhase::Running);
  EXPECT_EQ(world.reported->gpus[0].problem, "");
}

TEST(Agent, AStuckDriverBlocksItsOwnGpuAlone) {
  World world;
  world.machine.gpus["GPU-1"] = {};
  world.start_agent();
  world.run(seconds(1));
  world.machine.gpus["GPU-0"].hangs = true;
  world.shape({"1g.5gb@0"});
  world.shape({"1g.5gb@0"}, GpuMode::Mig, "GPU-1");
  world.add(1, "1g.5gb@0");
  world.add(2, "1g.5gb@0", "GPU-1");
  world.run(seconds(1));
  EXPECT_EQ(find(*world.reported, attempt(2))->phase, AttemptPhase::Running);
  EXPECT_EQ(find(*world.reported, attempt(1))->phase, AttemptPhase::Starting);
  world.run(minutes(1));
  EXPECT_TRUE(world.reported->gpus[0].problem.starts_with("driver stuck: \"create GPU-0 1g.5gb@0\"")) << world.reported->gpus[0].problem;
  EXPECT_EQ(find(*world.reported, attempt(1))->outcome, Outcome::NodeError);
  world.machine.gpus["GPU-0"].hangs = false;
  world.run(seconds(10));
  EXPECT_EQ(world.reported->gpus[0].problem, "");
}

TEST(Agent, NamesTheProcessThatKeepsASliceFromGoing) {
  World world;
  world.machine.gpus["GPU-0"].instances["1g.5gb@0"] = {"MIG-x", "python"};
  world.shape({});
  world.start_agent();
  world.run(seconds(25));
  EXPECT_EQ(world.reported->gpus[0].problem, "process 7 (python), which was not started here, runs on 1g.5gb@0");
  world.machine.gpus["GPU-0"].instances["1g.5gb@0"].foreign_process.clear();
  world.run(seconds(30));
  EXPECT_TRUE(world.machine.gpus["GPU-0"].instances.empty());
  EXPECT_EQ(world.reported->gpus[0].problem, "");
}

TEST(Agent, ARefusalToRemoveASliceIsAProblemOnlyWhenItLasts) {
  World world;
  world.machine.gpus["GPU-0"].instances["1g.5gb@0"] = {"MIG-x", "", true};
  world.shape({});
  world.start_agent();
  world.run(seconds(5));
  EXPECT_EQ(world.reported->gpus[0].problem, "") << "an instance is often busy for a moment";
  world.run(seconds(20));
  EXPECT_EQ(world.reported->gpus[0].problem, "destroy GPU-0 1g.5gb@0: In use by another client");
}

TEST(Agent, BeginsNothingWhereAStrangerRuns) {
  World world;
  world.shape({"1g.5gb@0", "1g.5gb@1"});
  world.start_agent();
  world.run(seconds(1));
  world.machine.gpus["GPU-0"].instances["1g.5gb@0"].foreign_process = "python";
  world.run(seconds(6));
  world.add(1, "1g.5gb@0");
  world.add(2, "1g.5gb@1");
  world.run(seconds(1));
  EXPECT_EQ(find(*world.reported, attempt(1))->outcome, Outcome::NodeError);
  EXPECT_EQ(find(*world.reported, attempt(1))->message, "process 7 (python), which was not started here, runs on 1g.5gb@0");
  EXPECT_EQ(find(*world.reported, attempt(2))->phase, AttemptPhase::Running);
}

TEST(Agent, HealsWhatWasChangedFromOutsideWithinTenSeconds) {
  World world;
  world.shape({"1g.5gb@0", "2g.10gb@2"});
  world.start_agent();
  world.run(seconds(1));
  auto& instances = world.machine.gpus["GPU-0"].instances;
  instances.erase("2g.10gb@2");
  instances["1g.5gb@5"] = {"MIG-foreign", ""};
  instances["1g.5gb@0"].uuid.clear();  // its compute instance was taken away
  world.run(seconds(10));
  EXPECT_EQ(instances.size(), 2u);
  EXPECT_FALSE(instances["1g.5gb@0"].uuid.empty());
  EXPECT_FALSE(instances["2g.10gb@2"].uuid.empty());
}

TEST(Agent, LeavesAGpuAloneThatIsNotManaged) {
  World world;
  world.machine.gpus["GPU-0"].instances["1g.5gb@0"] = {"MIG-fixed", ""};
  world.shape({"2g.10gb@0"}, GpuMode::Whole);
  world.spec.gpus[0].managed = false;
  world.start_agent();
  world.run(seconds(30));
  EXPECT_TRUE(world.said.empty());
}

TEST(Agent, SwitchesMigOnlyOnceTheGpuIsEmpty) {
  World world;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.start_agent();
  world.run(seconds(1));
  world.said.clear();
  world.shape({}, GpuMode::Whole);
  world.drop(1);
  world.add(2, "");
  world.run(seconds(5));
  EXPECT_EQ(world.said, (Said{"stop 1.1", "fetch 2.1", "forget 1.1", "destroy GPU-0 1g.5gb@0", "mode GPU-0 whole", "start 2.1 "}));
}

TEST(Agent, RefusesSpecsOfAnotherInstallationOfAnotherNodeAndOfThePast) {
  World world;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.spec.generation = {3, 100};
  world.start_agent();
  world.run(seconds(1));
  ASSERT_EQ(world.machine.started.size(), 1u);

  World elsewhere;
  elsewhere.machine = world.machine;
  elsewhere.record = world.record;
  auto expect_refused = [&](std::string const& words) {
    elsewhere.warnings.clear();
    elsewhere.start_agent();
    elsewhere.run(minutes(1));
    EXPECT_EQ(elsewhere.machine.living_on("GPU-0", "1g.5gb@0")->status.phase, AttemptPhase::Running);
    ASSERT_FALSE(elsewhere.warnings.empty());
    EXPECT_EQ(elsewhere.warnings[0], words);
  };
  elsewhere.spec.installation = "other";
  elsewhere.spec.generation = {9, 0};
  expect_refused("refused what the controller sent: it comes from installation other, this node belongs to here");
  elsewhere.spec.installation = "here";
  elsewhere.spec.node = NodeId{2};
  expect_refused("refused what the controller sent: it is for node-2, this is node-1");
  elsewhere.spec.node = NodeId{1};
  elsewhere.spec.generation = {2, 500};
  expect_refused("refused what the controller sent: its state is of 2.500, older than 3.100 seen before");
}

TEST(Agent, RenewsLeasesFromWhenItAskedAndBeginsNothingOnAnEndedOne) {
  World world;
  world.lease = seconds(60);
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.start_agent();
  world.run(seconds(1));
  EXPECT_LT(world.machine.leases[attempt(1)], seconds(60));
  world.machine.leases[attempt(1)] = {};
  world.run(seconds(10));
  EXPECT_GT(world.machine.leases[attempt(1)], seconds(59));

  // Now the launch comes only after the lease is over.
  world.shape({"1g.5gb@0", "1g.5gb@1"});
  world.add(2, "1g.5gb@1");
  world.machine.gpus["GPU-0"].hangs = true;
  world.run(seconds(1));
  world.controller_is_there = false;
  world.run(seconds(70));
  world.machine.gpus["GPU-0"].hangs = false;
  world.run(seconds(10));
  EXPECT_FALSE(world.machine.started.contains(attempt(2)));
}

TEST(Agent, SendsAStatusOnlyWhenSomethingChanged) {
  World world;
  world.start_agent();
  world.run(seconds(1));
  int const first = world.reports;
  world.run(minutes(5));
  EXPECT_EQ(world.reports, first);
  world.give(XidsSeen{{{.gpu = "GPU-0", .placement = "", .xid = 79, .at = world.now}}});
  world.run(milliseconds(10));
  EXPECT_EQ(world.reports, first + 1) << "and at once, although a listen is being held";
  ASSERT_EQ(world.reported->xids.size(), 1u);
  EXPECT_EQ(world.reported->xids[0].number, 1u);
  EXPECT_EQ(world.record.xid_number, 1u);
}

TEST(Agent, SendsItsStatusAgainToAControllerThatLostIt) {
  World world;
  world.start_agent();
  world.run(seconds(10));
  world.reported.reset();
  world.run(seconds(10));
  EXPECT_TRUE(world.reported);
}

TEST(Agent, ObeysAControllerThatDeclaredItsNodeLost) {
  World world;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.start_agent();
  world.run(seconds(1));
  world.refuses_reports = true;
  world.reported.reset();
  world.drop(1);
  world.run(seconds(20));
  EXPECT_FALSE(world.machine.living_on("GPU-0", ""));
}

TEST(Agent, EndsAnAttemptThatWasStoppedBeforeItBegan) {
  World world;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.spec.attempts[0].stop = StopCause::Cancelled;
  world.start_agent();
  world.run(seconds(1));
  auto const* a = find(*world.reported, attempt(1));
  ASSERT_TRUE(a);
  EXPECT_EQ(a->outcome, Outcome::Stopped);
  EXPECT_TRUE(world.machine.started.empty());
}

TEST(Agent, GivesUpAStartThatIsRefusedAgainAndAgain) {
  World world;
  world.machine.refused_starts = {attempt(1)};
  world.add(1, "", "");
  world.start_agent();
  world.run(seconds(5));
  auto const* a = find(*world.reported, attempt(1));
  EXPECT_EQ(a->outcome, Outcome::NodeError);
  EXPECT_EQ(a->message, "start 1.1: disk full");
}

TEST(Agent, SaysThatALostGpuIsNotPresentAndGivesItsAttemptsBack) {
  World world;
  world.start_agent();
  world.run(seconds(1));
  world.machine.gpus["GPU-0"].lost = true;
  world.shape({"1g.5gb@0"});
  world.add(1, "1g.5gb@0");
  world.run(seconds(10));
  EXPECT_FALSE(world.reported->gpus[0].present);
  EXPECT_EQ(find(*world.reported, attempt(1))->outcome, Outcome::NodeError);
}

TEST(Agent, AttemptsThatLoseTheirFolderAreLostAndNotBegunTwice) {
  World world;
  world.add(1, "", "");
  world.start_agent();
  world.run(seconds(1));
  auto const jobs = std::exchange(world.machine.jobs, {});
  world.run(seconds(5));
  EXPECT_EQ(find(*world.reported, attempt(1))->phase, AttemptPhase::Running) << "a look may fail";
  world.machine.jobs = jobs;
  world.run(seconds(30));
  EXPECT_EQ(find(*world.reported, attempt(1))->phase, AttemptPhase::Running);
  world.machine.jobs.clear();
  world.run(seconds(20));
  EXPECT_EQ(world.machine.started[attempt(1)], 1);
  EXPECT_EQ(find(*world.reported, attempt(1))->outcome, Outcome::Lost);
}

TEST(Agent, ACompletedHalfMadeInstanceIsUsedAfterARestart) {
  World world;
  world.machine.gpus["GPU-0"].instances["1g.5gb@4"] = {};
  world.record.boot = "boot-1";
  world.record.steps = {{.gpu = "GPU-0", .placement = "1g.5gb@4", .what = "create", .attempt = attempt(1), .since = {1}}};
  world.shape({"1g.5gb@4"});
  world.add(1, "1g.5gb@4");
  world.start_agent();
  world.run(seconds(1));
  EXPECT_EQ(world.said, (Said{"fetch 1.1", "create GPU-0 1g.5gb@4", "start 1.1 MIG-1"}));
  EXPECT_TRUE(world.record.steps.empty());
}

}  // namespace
}  // namespace nav
